"""From the alert table to people, through Apprise: at least once, one id for ever.

Each channel is served by its own thread, so that none waits for another. What a receiver
says is reduced to a status number before it is recorded: addresses of channels are secrets.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import apprise
from apprise.plugins.email.base import NotifyEmail

from crawler import replies
from crawler.mail import post
from store.archive import Archive
from store.config import AlertsConfig, ChannelConfig
from store.errors import ConfigError
from store.message import fitted
from store.model import Alert, Delivery
from store.pacing import HOUR, Pace, Parcel, Sent, joined, parcels
from store.rows import to_column

LONGEST_TRY_SECONDS = 30.0
"""A receiver that has not answered by then has failed this try; a later try goes on."""
BATCH = 50
LONGEST_UNRECORDED = timedelta(seconds=1)
"""How many deliveries, and for how long, wait to be recorded: a crash repeats no more."""

_LOG = logging.getLogger(__name__)
_STATUS = re.compile(r"error=(\d{3})\b")
_CALLS = re.compile(r"@(?=\w)|<(?=[@!#])|\](?=\()")
_ROOM = 50  # characters that Apprise may put between a title and a body
_WEBHOOKS = ("jsons", "xmls", "forms")  # for programs: headers of ours, the text as it stands


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts go, as an Apprise address (a secret, not in ``repr``), and how fast."""

    address: str = field(repr=False)
    pace: Pace = field(default_factory=Pace)


class Postman:
    """Delivers what is pending, each channel in a thread of its own. Close it, or use ``with``."""

    def __init__(
        self, archive: Archive, channels: Mapping[str, Channel], clock: Callable[[], datetime]
    ) -> None:
        self._archive = archive
        self._channels = dict(channels)
        self._clock = clock
        self._threads = ThreadPoolExecutor(max(1, len(channels)), "deliver")
        self._busy: dict[str, Future[int]] = {}
        self._closing = threading.Event()

    def tick(self) -> None:
        """Start a round on every channel that is not in one. Returns at once."""
        for name, channel in self._channels.items():
            running = self._busy.get(name)
            if running is not None and running.done():
                _complain(name, running)
            if running is None or running.done():
                self._busy[name] = self._threads.submit(self._round, name, channel)

    def finish(self) -> int:
        """Wait for the rounds under way; return how many alerts they sent."""
        done, _ = wait(self._busy.values())
        return sum(future.result() for future in done)

    def close(self) -> None:
        """Let the sends under way end, and start no other."""
        self._closing.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _round(self, name: str, channel: Channel) -> int:
        now = self._clock()
        pending = self._archive.pending_alerts([name], now)
        if not pending:
            return 0
        ready = parcels(pending, _sent_lately(self._archive, name, now), channel.pace, now)
        wanted = takewhile(lambda _: not self._closing.is_set(), ready)
        return deliver(wanted, channel.address, self._archive.record_deliveries, self._clock)


def _sent_lately(archive: Archive, name: str, now: datetime) -> list[Sent]:
    rows = archive.query(
        """SELECT article_id, finished_at FROM delivery_list
           WHERE channel = ? AND outcome = 'sent' AND finished_at > ?""",
        [name, to_column(now - HOUR)],
    )
    return [Sent(row["article_id"], row["finished_at"]) for row in rows]


def _complain(channel: str, ended: Future[int]) -> None:
    error = ended.exception()
    if error is not None:  # such as an archive that is busy: the next round tries again
        _LOG.error("Alerts for channel %s wait: %s", channel, error)


def deliver(
    ready: Iterable[Parcel],
    address: str,
    record: Callable[[list[Delivery]], object],
    clock: Callable[[], datetime],
) -> int:
    """Send the parcels of one channel; return how many alerts were sent.

    The round ends with the first failure: a receiver in trouble is left alone, and what was not
    tried loses no try. ``record`` is called at the end, and on the way before much is unrecorded.
    """
    service = _service(address)
    done: list[Delivery] = []
    sent = 0
    for parcel in ready:
        reason = _send(service, joined(parcel))
        done += _attempts(parcel, reason, clock())
        sent += 0 if reason else len(parcel)
        if reason:
            break
        if len(done) >= BATCH or clock() - done[0].finished_at >= LONGEST_UNRECORDED:
            record(done)
            done = []
    if done:
        record(done)
    return sent


def _attempts(parcel: Parcel, reason: str | None, finished_at: datetime) -> list[Delivery]:
    outcome, said = ("failed", reason) if reason else ("sent", "The receiver took it.")
    return [
        Delivery(one.alert.alert_id, one.channel, one.attempt, outcome, said, finished_at)
        for one in parcel
    ]


def channel_addresses(alerts: AlertsConfig, environ: Mapping[str, str]) -> dict[str, Channel]:
    """Return each channel, address and pace, by its name.

    Raises ConfigError, which never repeats the address, when a channel has no address or two,
    its variable is unset, its file cannot be read or can be read by others, or Apprise does
    not know the address.
    """
    channels: dict[str, Channel] = {}
    for channel in alerts.channels:
        if channel.name in channels:
            raise ConfigError(f"Two alert channels are named '{channel.name}'; rename one.")
        address = _address_of(channel, environ)
        if _service(address) is None:
            raise ConfigError(
                f"The address of alert channel '{channel.name}' is none that Apprise knows. "
                "See https://appriseit.com/services/ for the forms."
            )
        channels[channel.name] = Channel(address, _pace(channel))
    return channels


def _pace(channel: ChannelConfig) -> Pace:
    start, _, end = (channel.quiet or "").partition("-")
    return Pace(
        digest=timedelta(minutes=channel.digest_minutes),
        quiet=(time.fromisoformat(start), time.fromisoformat(end)) if end else None,
        zone=ZoneInfo(channel.time_zone),
        most_per_hour=channel.most_per_hour,
    )


# --------------------------------------------------------------------------
# Secrets


def _address_of(channel: ChannelConfig, environ: Mapping[str, str]) -> str:
    given = [channel.url, channel.url_env, channel.url_file]
    if sum(one is not None for one in given) != 1:
        raise ConfigError(
            f"Alert channel '{channel.name}' needs exactly one of url, url_env and url_file."
        )
    if channel.url is not None:
        return channel.url.get_secret_value().strip()
    if channel.url_env is not None:
        return _from_environment(channel.name, channel.url_env, environ)
    return _from_file(channel.name, Path(str(channel.url_file)))


def _from_environment(name: str, variable: str, environ: Mapping[str, str]) -> str:
    address = environ.get(variable, "").strip()
    if not address:
        raise ConfigError(
            f"Alert channel '{name}' takes its address from {variable}, which is not set. "
            f"Set {variable} to an Apprise address."
        )
    return address


def _from_file(name: str, file: Path) -> str:
    try:
        kept = file.stat()
        address = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Alert channel '{name}' takes its address from {file}, which cannot be read "
            f"({type(error).__name__}). Write one Apprise address into it."
        ) from None
    if kept.st_uid not in (0, os.getuid()) or kept.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"{file}, with the address of alert channel '{name}', can be read by others or is "
            f"not yours. Run: chmod 600 {file}"
        )
    if not address:
        raise ConfigError(f"{file} is empty; write the address of channel '{name}' into it.")
    return address


# --------------------------------------------------------------------------
# Apprise


def _service(address: str) -> Any:
    """Return Apprise's service for an address, or None. One serves a whole round: it paces it."""
    asset = apprise.AppriseAsset(
        app_id="Storylapse",
        app_desc="Storylapse",
        app_url="",
        image_url_mask="",  # no picture that readers' programs would load from elsewhere
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        service_timeout=LONGEST_TRY_SECONDS,
        allow_templates=False,
    )
    for name in ("apprise", "urllib3"):  # their log lines name receivers: kept out of ours
        logging.getLogger(name).propagate = False
    replies.bound()
    return apprise.Apprise.instantiate(address, asset=asset)


def _send(service: Any, alert: Alert) -> str | None:
    """Send one alert; return None, or in one sentence why it failed."""
    try:
        return _sent(service, alert)
    except Exception as error:  # noqa: BLE001  (a message nobody can write must not stop others)
        return f"The message could not be written ({type(error).__name__})."


def _sent(service: Any, alert: Alert) -> str | None:
    if isinstance(service, NotifyEmail):
        return post(service, alert)
    _mark(service, alert.alert_id)
    title, body = alert.title, alert.body
    if service.secure_protocol not in _WEBHOOKS:
        title, body = inert(title), inert(body)
    body = fitted(body, service.body_maxlen - len(title) - _ROOM)
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    result = sender.notify(
        body=body, title=title, body_format=apprise.NotifyFormat.TEXT, interpret_escapes=False
    )
    return None if result else _why_failed(result)


def _mark(service: Any, alert_id: str) -> None:
    """Give the message the alert's own id, where the channel can carry one."""
    if hasattr(service, "idempotency_key"):
        service.idempotency_key = alert_id
    elif service.secure_protocol in _WEBHOOKS:
        service.headers["Idempotency-Key"] = alert_id
        service.headers["webhook-id"] = alert_id


def inert(text: str) -> str:
    """Break what chat services obey in a text: calls to people (``@everyone``), masked links."""
    return _CALLS.sub("\\g<0>\u200b", text)


def _why_failed(result: apprise.AppriseResult) -> str:
    # Only the status number is taken from what Apprise says: the rest may hold the address.
    if result.status == apprise.AppriseResultStatus.TIMEOUT:
        return f"The receiver did not answer within {LONGEST_TRY_SECONDS:g} seconds."
    statuses = [match[1] for entry in result.logs() if (match := _STATUS.search(entry.message))]
    if statuses:
        return f"The receiver answered with status {statuses[-1]}."
    return "The receiver could not be reached, or refused the message."
