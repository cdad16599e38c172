"""From the alert table to people, through Apprise: at least once, one id for ever.

Each channel is served by its own thread, so that none waits for another. What a receiver
says is reduced to a status number before it is recorded: addresses of channels are secrets.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Self
from zoneinfo import ZoneInfo

from crawler.sending import send, service_of
from store.archive import Archive
from store.config import AlertsConfig, ChannelConfig
from store.errors import ArchiveBusy, ConfigError
from store.model import Alert, Delivery, Rule
from store.pacing import HOUR, Pace, Parcel, Sent, hours, is_closed, joined, own_pace, parcels
from store.rows import to_column
from store.rules import in_force
from store.stories import StoriesOf
from store.troubles import RULE as WATCHDOG

REST_SECONDS = 0.05
"""The pause after a message, for each channel that has some: a message takes 1.5 ms of processor,
so that ten thousand at once, at 20 a second, leave the crawl nine tenths of its speed."""
BATCH = 50
LONGEST_UNRECORDED = timedelta(seconds=1)
"""How many deliveries, and for how long, wait to be recorded: a crash repeats no more."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts go, as an Apprise address (a secret, not in ``repr``), and how fast.

    ``card`` sends a picture of the change along, where the service takes one.
    """

    address: str = field(repr=False)
    pace: Pace = field(default_factory=Pace)
    card: bool = False


class Postman:
    """Delivers what is pending, each channel in a thread of its own. Close it, or use ``with``.

    An archive has one postman at a time, or two would send the same: while another process has
    it, this one leaves everything to that. ``rules`` are the configuration's, for their own paces.
    One that ends when it has told does not hold bursts (``holds``).
    """

    def __init__(
        self,
        archive: Archive,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        stories: StoriesOf = MappingProxyType({}),
        rules: Sequence[Rule] = (),
        *,
        holds: bool = True,
    ) -> None:
        self._archive = archive
        self._rules = rules
        self._holds_bursts = holds
        self._stories = {article: names[0] for article, names in stories.items()}
        self._channels = dict(channels)
        self._clock = clock
        self._threads = ThreadPoolExecutor(max(1, len(channels)), "deliver")
        self._busy: dict[str, Future[int]] = {}
        self._closing = threading.Event()
        self._ticking = threading.Lock()
        self._held = ExitStack()
        self._holds = False

    def tick(self) -> None:
        """Start a round on every channel that is not in one. Returns at once; from any thread."""
        with self._ticking:
            if self._closing.is_set() or not self._is_the_one():
                return
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
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_the_one(self) -> bool:
        if not self._holds:
            try:
                self._held.enter_context(self._archive.alone("postman"))
            except ArchiveBusy:
                return False
            self._holds = True
        return True

    def _round(self, name: str, channel: Channel) -> int:
        now = self._clock()
        waiting = self._archive.waiting(name)
        if not waiting:
            return 0
        lately = _sent_lately(self._archive, name, now)
        pace, own = self._paces(channel.pace)
        if is_closed(waiting, lately, pace, now, own):
            return 0
        pending = self._archive.pending_alerts([name], now)
        ready = parcels(pending, lately, pace, now, self._stories, own=own)
        record = partial(self._archive.record_deliveries, name)
        return deliver(ready, channel, record, self._clock, self._rest) if ready else 0

    def _paces(self, pace: Pace) -> tuple[Pace, dict[str, Pace]]:
        """Return the pace of a channel, and those of the rules that have their own on it."""
        rules = in_force(self._rules, self._archive.acts_on_rules(), tuple(self._channels))
        found = {rule.name: own_pace(rule, pace) for rule in rules}
        own = {name: paced for name, paced in found.items() if paced is not None}
        own[WATCHDOG] = _unheld(pace)
        if self._holds_bursts:
            return pace, own
        return _unheld(pace), {name: _unheld(paced) for name, paced in own.items()}

    def _rest(self) -> bool:
        """Pause, so that the crawl beside does not fall behind; say whether to go on."""
        busy = sum(not running.done() for running in list(self._busy.values()))
        return not self._closing.wait(REST_SECONDS * busy)


def _unheld(pace: Pace) -> Pace:
    return replace(pace, hold=timedelta())


def _sent_lately(archive: Archive, name: str, now: datetime) -> list[Sent]:
    rows = archive.query(
        """SELECT a.article_id, a.rule, d.finished_at
           FROM deliveries d JOIN alerts a USING (alert_id)
           WHERE d.channel = ? AND d.outcome = 'sent' AND d.finished_at > ?""",
        [name, to_column(now - HOUR)],
    )
    return [Sent(row["article_id"], row["finished_at"], row["rule"]) for row in rows]


def _complain(channel: str, ended: Future[int]) -> None:
    error = ended.exception()
    if error is not None:  # such as an archive that is busy: the next round tries again
        _LOG.error("Alerts for channel %s wait: %s", channel, error)


Record = Callable[[Sequence[Delivery], Parcel, Sequence[Parcel]], object]
"""Files attempts of a channel, the message that was refused, and those that go out next."""


def deliver(
    ready: Sequence[Parcel],
    channel: Channel,
    record: Record,
    clock: Callable[[], datetime],
    rest: Callable[[], bool] = lambda: True,
) -> int:
    """Send the parcels of one channel; return how many alerts were sent.

    The round ends with the first failure: a receiver in trouble is left alone, and what was not
    tried loses no try. ``record`` is called before the first, at the end, and on the way before
    much is unrecorded; ``rest`` between two messages, and says whether to go on.
    """
    service = service_of(channel.address)
    done: list[Delivery] = []
    refused: Parcel = ()
    sent = 0
    record([], (), ready[:BATCH])
    for place, parcel in enumerate(ready):
        if place and not rest():
            break
        reason = send(service, joined(parcel), with_card=channel.card)
        done += _attempts(parcel, reason, clock())
        if reason:
            refused = parcel
            break
        sent += len(parcel)
        if len(done) >= BATCH or clock() - done[0].finished_at >= LONGEST_UNRECORDED:
            record(done, (), ready[place + 1 : place + 1 + BATCH])
            done = []
    record(done, refused, ())
    return sent


def try_out(name: str, channel: Channel, link: str, at: datetime) -> str | None:
    """Send a sample of an alert over a channel; return None, or in one sentence why it failed."""
    said = f"This is a trial of the channel “{name}”. Alerts look like this; nothing has changed."
    sample = Alert(
        alert_id=hashlib.sha256(f"trial\0{name}\0{at.isoformat()}".encode()).hexdigest(),
        rule="trial",
        article_id=0,
        kind="trial",
        title="[trial] Storylapse: alerts arrive here",
        reason=said,
        body=f"{said}\n\nThe port has [-12-]{{+14+}} ferries.\n\nCompare: {link}",
        link=link,
        raised_at=at,
    )
    return send(service_of(channel.address), sample, with_card=channel.card)


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
        if service_of(address) is None:
            raise ConfigError(
                f"The address of alert channel '{channel.name}' is none that Apprise knows. "
                "See https://appriseit.com/services/ for the forms."
            )
        channels[channel.name] = Channel(address, _pace(channel), channel.card)
    return channels


def _pace(channel: ChannelConfig) -> Pace:
    return Pace(
        digest=timedelta(minutes=channel.digest_minutes),
        hold=timedelta(minutes=channel.hold_minutes),
        quiet=hours(channel.quiet),
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
