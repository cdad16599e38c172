"""What an answer, or the lack of one, means: a pure table from HTTP to outcomes and sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from store.address import AddressError, canonical
from store.model import Document, Outcome

SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=24)
META_REFRESH = "meta refresh"
FOR_GOOD = frozenset({301, 308, META_REFRESH})
"""What gives an address up (RFC 9110 15.4.2, 15.4.9); an instant refresh does without a status."""
FIRST_OF_TROUBLE = 500
"""The statuses from here on tell of a server's own trouble."""
USUAL_PAUSE = timedelta(minutes=5)
"""The pause of a host that asked for one without saying how long."""

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Labels under which a page is still looked for: servers that do not know send these.
_VAGUE_TYPES = frozenset(
    {"", "text/plain", "application/octet-stream", "text/xml", "application/xml"}
)
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype\s+html|html|head|body)",
    re.IGNORECASE,
)


# Feeds and sitemaps are served under every label, text/html among them.
_FEED_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--[^>]*-->\s*)*"
    rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex|opml)[\s>]",
    re.IGNORECASE,
)


# A front page's path: nothing, a language, or the name servers give their start page.
_FRONT = re.compile(
    r"(?:[a-z]{2}(?:[-_][a-z]{2})?|(?:index|default|home)(?:\.\w+)?)", re.IGNORECASE
)

# Data, a document or a picture under an HTML label: no page begins so.
_DATA_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[\[{\"]|%PDF-|\x89PNG|GIF8|PK\x03\x04|\xff\xd8\xff|RIFF....WEBP"
    rb"|....ftyp|\x1f\x8b\x08|\x7fELF|OggS|ID3|wOF[F2]|II\*\0|MM\0\*)",
    re.DOTALL,
)
_PAGE_NUMBER = re.compile(r"(?:^|&)(?:p|id|page_id|article|story)=\d")


_IN_THE_WAY = frozenset(
    {
        "cookie_wall",
        "captcha",
        "block_page",
        "paywall",
        "login",
        "age_gate",
        "adblock_wall",
        "queue",
    }
)
_NOT_THERE = frozenset({"soft_404"})


@dataclass(frozen=True, slots=True)
class Ending:
    """How a fetch ended: the outcome, a stable word, and one plain sentence."""

    outcome: Outcome
    detail: str
    reason: str


READ = Ending(Outcome.READ, "read", "The article was there and was read.")
SAME_ARTICLE = Ending(
    Outcome.UNCHANGED,
    "same_article",
    "The article's part of the page is the same as at the check before; what is around it moved.",
)
SAME_BYTES = Ending(
    Outcome.UNCHANGED, "same_bytes", "The server sent the same bytes as at the check before."
)

_STATUS = {
    304: Ending(
        Outcome.UNCHANGED,
        "http_304",
        "The server answered 304: the page has not changed since the check before.",
    ),
    401: Ending(Outcome.BLOCKED, "http_401", "The server answered 401: it asks for a log-in."),
    402: Ending(Outcome.BLOCKED, "http_402", "The server answered 402: it asks for payment."),
    403: Ending(Outcome.BLOCKED, "http_403", "The server answered 403: it refuses us this page."),
    404: Ending(Outcome.GONE, "http_404", "The server answered 404: the article is not there."),
    410: Ending(Outcome.GONE, "http_410", "The server answered 410: the article was taken down."),
    429: Ending(
        Outcome.FAILED,
        "http_429",
        "The server answered 429: it asks us to come less often, so this site is left in peace.",
    ),
    451: Ending(
        Outcome.REFUSED,
        "legal",
        "The server answered 451: the page is withheld for legal reasons.",
    ),
    503: Ending(
        Outcome.FAILED, "http_503", "The server answered 503: it is overloaded or under repair."
    ),
}


_UNASKED_304 = Ending(
    Outcome.FAILED,
    "http_304",
    "The server answered 304, not changed, to a request that asked for the whole page.",
)


def of_status(status: int, *, asked_if_changed: bool = True) -> Ending | None:
    """Return what ``status`` alone means, or None where the body must be looked at (200).

    ``asked_if_changed`` says whether the request carried validators: without them a 304 is a
    server that answers somebody else.
    """
    if status == 200:
        return None
    if status == 304 and not asked_if_changed:
        return _UNASKED_304
    return _STATUS.get(status) or _of_class(status)


def _of_class(status: int) -> Ending:
    """Return what the hundreds of a status say, where the status itself is nothing special."""
    outcome, meaning = _CLASSES.get(status // 100, _NO_CLASS)
    return Ending(outcome, f"http_{status}", f"The server answered {status}{meaning}.")


_CLASSES = {
    3: (Outcome.FAILED, " and led nowhere that may be followed"),
    4: (Outcome.FAILED, ": it did not accept the request"),
    5: (Outcome.FAILED, ": it has trouble of its own"),
}
_NO_CLASS = (Outcome.UNREADABLE, ", which carries no whole page")


def of_body(content_type: str, body: bytes, *, ends_by_close: bool) -> Ending | None:
    """Return why a 200 answer cannot be an article's page, or None where it can.

    ``content_type`` is the header as sent; ``ends_by_close`` says that only the closing of the
    connection told where the body ends, so that a cut one looks like a whole one.
    """
    if not body.strip():
        return Ending(Outcome.UNREADABLE, "empty", "The server sent an empty page.")
    label = content_type.partition(";")[0].strip().lower()
    vague = label in _VAGUE_TYPES and _HTML_START.match(body)
    if _FEED_START.match(body) or _DATA_START.match(body) or not (label in _HTML_TYPES or vague):
        return Ending(
            Outcome.UNREADABLE,
            "not_html",
            f"The server sent {label or 'something unnamed'!r:.80}, not a web page.",
        )
    if ends_by_close and b"</html>" not in body[-2048:].lower():
        return Ending(
            Outcome.FAILED, "cut_short", "The connection closed before the page had ended."
        )
    return None


def of_reading(document: Document) -> Ending:
    """Return what a page that was read is: the article, or what stands in its place."""
    quality = document.quality
    if quality.is_article:
        return READ
    if quality.detail in _IN_THE_WAY:
        return Ending(Outcome.BLOCKED, quality.detail, quality.reason)
    outcome = Outcome.GONE if quality.detail in _NOT_THERE else Outcome.UNREADABLE
    return Ending(outcome, quality.detail, quality.reason)


def of_redirect(asked: str, final: str) -> Ending | None:
    """Return why the page at ``final`` is not the article at ``asked``, or None.

    An article's address that leads to the site's front page, or to a section above it, is how
    many sites say "not found".
    """
    if not _led_home(asked, final):
        return None
    return Ending(
        Outcome.GONE,
        "redirect_home",
        "The address now leads to the site's front page or a section: the article is not there.",
    )


def _led_home(asked: str, final: str) -> bool:
    """Whether an article's address led to the site's front page or to a section above it."""
    was, now = urlsplit(asked).path.strip("/"), urlsplit(final).path.strip("/")
    if was == now or not was or _FRONT.fullmatch(was) or (not now and _names_a_page(final)):
        return False
    return not now or bool(_FRONT.fullmatch(now)) or was.startswith(now + "/")


def _names_a_page(address: str) -> bool:
    """Whether a query alone says which page is meant, as in ``/?p=123``."""
    return _PAGE_NUMBER.search(urlsplit(address).query) is not None


def moved_to(asked: str, final: str) -> str | None:
    """Return the canonical address that ``asked`` led to, None where it is the same article."""
    try:
        there = canonical(final)
        return None if there == canonical(asked) else there
    except AddressError:
        return final


def pause_of(status: int, retry_after: str | None, now: datetime) -> timedelta | None:
    """Return how long a host is left in peace after ``status``, None where it need not be.

    ``retry_after`` is the header as sent: seconds or an HTTP date (RFC 9110 10.2.3). What is
    absurd or unreadable is clamped, never obeyed.
    """
    if status not in {429, 503}:
        return None
    asked = _asked_pause(retry_after or "", now)
    if asked is None:
        # A 503 without a wish is one page's trouble as often as the host's.
        return USUAL_PAUSE if status == 429 else None
    return min(max(asked, SHORTEST_PAUSE), LONGEST_PAUSE)


def _asked_pause(text: str, now: datetime) -> timedelta | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return when - now


_TROUBLE = (
    # Names of exceptions, so that this table needs neither Scrapy nor Twisted, the telling ones
    # before those that only say that a connection ended.
    ("HeadTooLargeError", "head_too_large", "The server sent headers without end."),
    ("DownloadTimeoutError", "timeout", "The server did not answer in full within the time."),
    ("CannotResolveHostError", "dns", "The site's name could not be found (DNS)."),
    ("DownloadCancelledError", "too_large", "The page is larger than the largest that is read."),
    ("UnsupportedURLSchemeError", "scheme", "The address is neither http nor https."),
    ("_MalformedChunkedDataError", "bad_http", "The server's answer is not proper HTTP."),
    ("ParseError", "bad_http", "The server's answer is not proper HTTP."),
    ("BadResponseVersion", "bad_http", "The server's answer is not proper HTTP."),
    # What Twisted's parser raises on a folded line before any header, on a transfer coding that
    # it does not know, and on a header whose name is none.
    ("AttributeError", "bad_http", "The server's answer is not proper HTTP."),
    ("KeyError", "bad_http", "The server's answer is not proper HTTP."),
    ("InvalidHeaderName", "bad_http", "The server's answer is not proper HTTP."),
    ("ResponseDataLossError", "cut_short", "The answer ended before the page did."),
    ("VerificationError", "tls_name", "The server's certificate is for another site."),
    (
        "CertificateError",
        "tls_certificate",
        "The server's certificate is not to be trusted: expired, or from nobody we know.",
    ),
    ("Error", "tls", "No safe connection could be made with the server."),
    ("DownloadConnectionRefusedError", "connection_refused", "The server refused the connection."),
    ("ConnectionLost", "connection_lost", "The connection broke before the page was there."),
    ("ConnectionAborted", "connection_lost", "The connection broke before the page was there."),
    ("ConnectionDone", "connection_lost", "The server closed the connection without an answer."),
    ("ConnectError", "unreachable", "The server could not be reached."),
    ("NoRouteError", "unreachable", "The server could not be reached."),
    ("ValueError", "bad_answer", "The server's answer could not be understood."),
)


def of_trouble(names: tuple[str, ...]) -> Ending:
    """Return what a download that raised means; ``names`` are the exceptions', outermost first."""
    for name, detail, reason in _TROUBLE:
        if name in names:
            return Ending(Outcome.FAILED, detail, reason)
    shown = names[-1] if names else "an unknown error"
    return Ending(Outcome.FAILED, "failed", f"The page could not be fetched ({shown}).")
