"""One alert to one service, through Apprise: what goes out, and in one sentence why it failed.

What a receiver says is reduced to a status number: addresses of channels are secrets.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import apprise
from apprise.attachment.memory import AttachMemory
from apprise.plugins.email.base import NotifyEmail
from apprise.plugins.mastodon import NotifyMastodon
from apprise.plugins.matrix.base import MatrixWebhookMode, NotifyMatrix

from crawler import replies
from crawler.mail import post
from store.message import fitted
from store.model import Alert

LONGEST_TRY_SECONDS = 30.0
"""A receiver that has not answered by then has failed this try; a later try goes on."""

_STATUS = re.compile(r"error=(\d{3})\b")
# Mentions, and links that show other words: Markdown's, and Slack's <address|words>, which
# Mattermost and Google Chat know too.
_CALLS = re.compile(r"@(?=\w)|<(?=[@!#]|[A-Za-z][\w+.-]*:)|\](?=\()")
_ROOM = 50  # characters that Apprise may put between a title and a body
_WEBHOOKS = ("jsons", "xmls", "forms")  # for programs: headers of ours, the text as it stands


def service_of(address: str) -> Any:
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
    return apprise.Apprise.instantiate(address, asset=asset)


def send(service: Any, alert: Alert, *, with_card: bool) -> str | None:
    """Send one alert; return None, or in one sentence why it failed."""
    try:
        return _sent(service, alert, _card(service, alert) if with_card else None)
    except Exception as error:  # noqa: BLE001  (a message nobody can write must not stop others)
        return f"The message could not be written ({type(error).__name__})."


def _card(service: Any, alert: Alert) -> bytes | None:
    """Draw what the service takes a picture of. Only here is Pillow loaded."""
    from crawler.card import card  # noqa: PLC0415

    taken = service.attachment_support and not _is_matrix_by_token(service)  # it has one id alone
    return card(alert) if taken else None


def _sent(service: Any, alert: Alert, drawn: bytes | None) -> str | None:
    if isinstance(service, NotifyEmail):
        return post(service, alert, drawn)
    _identify(service, alert.alert_id)
    title, body = alert.title, alert.body
    if service.secure_protocol not in _WEBHOOKS:
        title, body = inert(title), inert(body)
    body = fitted(body, service.body_maxlen - len(title) - _ROOM)
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    with replies.bounded(_marks(service, alert.alert_id)):
        result = sender.notify(
            body=body,
            title=title,
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
            attach=None if drawn is None else _attached(service, alert, drawn),
        )
    return None if result else _why_failed(result)


def _identify(service: Any, alert_id: str) -> None:
    """Give the message its id in the services whose address or plugin has a place for one."""
    if hasattr(service, "idempotency_key"):
        service.idempotency_key = alert_id
    if _is_matrix_by_token(service):
        # Apprise would give all messages of a round one id, and a server takes the first of an id.
        service.access_token, service.transaction_id = service.password, alert_id


def _is_matrix_by_token(service: Any) -> bool:
    by_server = isinstance(service, NotifyMatrix) and service.mode == MatrixWebhookMode.DISABLED
    return by_server and bool(service.password) and not service.user


def _attached(service: Any, alert: Alert, drawn: bytes) -> apprise.AttachBase:
    """Return the picture as an attachment; Mastodon takes its name for its other text."""
    from crawler.card import alt  # noqa: PLC0415

    name = alt(alert) if isinstance(service, NotifyMastodon) else "change.png"
    return AttachMemory(content=drawn, name=name, mimetype="image/png")  # type: ignore[no-untyped-call]


def _marks(service: Any, alert_id: str) -> dict[str, str]:
    """Return the headers by which a receiver can know a message that it has had already.

    ``Idempotency-Key`` is an IETF draft that some services honour, ``webhook-id`` is of Standard
    Webhooks; ntfy replaces a message of the same sequence (2.16 on).
    """
    marks = {"Idempotency-Key": alert_id}
    if service.secure_protocol in _WEBHOOKS:
        marks["webhook-id"] = alert_id
    if service.secure_protocol == "ntfys":
        marks["X-Sequence-ID"] = alert_id  # at most 64 letters and digits: just so long
    return marks


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
