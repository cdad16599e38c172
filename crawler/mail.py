"""Alerts by mail: Apprise reads the address and holds the connection, the message is ours.

Ours, because Apprise gives every try a Message-ID of its own, and only the same id lets a mail
server or reader recognise a message sent twice.
"""

from __future__ import annotations

import html
import re
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any

from apprise.exception import AppriseException
from apprise.plugins.email.smtp import AppriseSMTPController

from store.message import one_line
from store.model import Alert

_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
_REDLINES = (
    (re.compile(r"\[-(.*?)-\]"), r'<del style="background:#fbe3d0;color:#8a3b00">\1</del>'),
    (re.compile(r"\{\+(.*?)\+\}"), r'<ins style="background:#d8ecfa;color:#0b4f79">\1</ins>'),
    (
        re.compile(r"^(Compare|History|Article|Watching): (https?://\S+)$", re.MULTILINE),
        r'\1: <a href="\2">\2</a>',
    ),
)


def post(service: Any, alert: Alert, drawn: bytes | None = None) -> str | None:
    """Send an alert to all recipients of Apprise's mail service; return why it failed, or None.

    ``drawn`` is a picture of it (PNG).
    """
    try:
        with AppriseSMTPController(
            host=service.smtp_host,
            port=service.port,
            secure_mode=service.secure_mode,
            user=service.user,
            password=service.password,
            verify_certificate=service.verify_certificate,
            socket_connect_timeout=service.socket_read_timeout,
        ) as connection:
            taken = [
                connection.sendmail(
                    service.from_addr[1],
                    [to[1], *service.cc, *service.bcc],
                    compose(alert, service, to, drawn).as_string(),
                )
                for to in service.targets
            ]
    except smtplib.SMTPResponseException as error:
        return f"The mail server answered with code {error.smtp_code}."
    except (OSError, smtplib.SMTPException, RuntimeError, AppriseException):
        return "The mail server could not be reached, or broke off."
    return None if all(taken) else "The mail server refused the message or a recipient."


def compose(
    alert: Alert, service: Any, to: tuple[str | None, str], drawn: bytes | None = None
) -> EmailMessage:
    """Write the message: the same bytes at every try, with a plain part and one of HTML.

    All messages about one article are one thread to a reader of mail.
    """
    message = EmailMessage(_POLICY)
    name = alert.alert_id[:32]  # 128 bits, and short enough that no header line is folded
    message["Message-ID"] = f"<{name}@storylapse.invalid>"
    if alert.article_id:
        message["References"] = f"<{alert.article_id:x}@storylapse.invalid>"
    message["Date"] = format_datetime(alert.raised_at)
    message["From"] = formataddr((service.from_addr[0] or "", service.from_addr[1]))
    message["To"] = formataddr((to[0] or "", to[1]))
    if service.cc:
        message["Cc"] = ", ".join(sorted(service.cc))
    if service.reply_to:
        message["Reply-To"] = ", ".join(sorted(service.reply_to))
    message["Subject"] = one_line(alert.title)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(alert.body)
    page = as_html(alert.body)
    if drawn is not None:
        from crawler.card import alt  # noqa: PLC0415  (Pillow is for who has pictures)

        words = html.escape(alt(alert))
        page += f'<p><img src="cid:{name}@storylapse.invalid" alt="{words}" width="600"></p>'
    message.add_alternative(page, subtype="html")
    if drawn is not None:
        _picture(message, drawn, name)
    message.set_boundary(f"storylapse-{name}")
    return message


def _picture(message: EmailMessage, drawn: bytes, name: str) -> None:
    part = message.get_body(("html",))
    assert isinstance(part, EmailMessage)
    place = f"<{name}@storylapse.invalid>"
    part.add_related(drawn, "image", "png", cid=place, filename="change.png", disposition="inline")
    part.set_boundary(f"storylapse-card-{name}")


def as_html(body: str) -> str:
    """Write an alert's plain body as HTML: its redlines drawn, all else escaped text."""
    text = html.escape(body)
    for pattern, drawn in _REDLINES:
        text = pattern.sub(drawn, text)
    return f'<div style="white-space:pre-wrap;font-family:sans-serif">{text}</div>'
