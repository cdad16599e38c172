"""The archive as a web archive: TimeMaps, a TimeGate and mementos (Memento, RFC 7089).

``/memento/timemap/link/ADDRESS``, ``/memento/timemap/json/ADDRESS``, ``/memento/timegate/ADDRESS``
and ``/memento/YYYYMMDDhhmmss/ADDRESS``. A memento is the page's bytes as they came: hostile, so it
is served without a right to run, load or read anything here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from store.address import AddressError, canonical
from store.archive import Archive
from store.errors import ArchiveError, UnknownArticle
from store.mementos import Memento, mementos, negotiated

_STAMP = "%Y%m%d%H%M%S"
_WRITTEN_STAMP = re.compile(r"[0-9]{14}")
# An archived page must never act as a page of ours: a sandbox without scripts, forms or an origin.
_HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_HTML = re.compile(
    r"(?:text/html|application/xhtml\+xml)(?:\s*;\s*charset=[\w.:-]{1,40})?", re.IGNORECASE
)
_SLASHES = re.compile(r"^(https?:)/+", re.IGNORECASE)  # which some proxies fold into one

Answer = Callable[[Archive, str, str, Request], Response]


class _NoMemento(UnknownArticle):
    """Nothing of the address is kept that could be shown."""


def routes(archive: Archive, link_base: str) -> list[Route]:
    """Return the routes; ``link_base`` begins every address in their answers."""

    def answering(path: str, answer: Answer) -> Callable[[Request], Response]:
        def run(request: Request) -> Response:
            return _answered(archive, f"{link_base}/memento", path, answer, request)

        return run

    return [Route(f"{path}{{address:path}}", answering(path, to)) for path, to in _PATHS.items()]


def _answered(archive: Archive, base: str, path: str, answer: Answer, request: Request) -> Response:
    try:
        return answer(archive, base, _original(request, path), request)
    except AddressError as error:
        return PlainTextResponse(str(error), 400)
    except UnknownArticle as error:
        return PlainTextResponse(str(error), 404)
    except ArchiveError as error:
        return PlainTextResponse(str(error), 503, {"Retry-After": "60"})


def _original(request: Request, path: str) -> str:
    """Return the address asked for: what stands behind our own path, as it was sent."""
    sent = request.scope["raw_path"].decode("latin-1").split("/", path.count("/"))[-1]
    whole = f"{sent}?{request.url.query}" if request.url.query else sent
    return canonical(_SLASHES.sub(r"\1//", whole))


def _kept(archive: Archive, original: str) -> list[Memento]:
    article = archive.article_id(original)
    with archive.reading() as connection:
        found = mementos(connection, article)
    if not found:
        raise _NoMemento(f"Nothing of {original} is kept that could be shown.")
    return found


# --------------------------------------------------------------------------
# The three resources


def timemap_in_links(archive: Archive, base: str, original: str, _request: Request) -> Response:
    """All mementos, as web links (RFC 6690)."""
    kept = _kept(archive, original)
    here = f"{base}/timemap/link/{original}"
    span = f'from="{_http(kept[0].seen_at)}"; until="{_http(kept[-1].seen_at)}"'
    links = [
        f'<{original}>; rel="original"',
        f'<{here}>; rel="self"; type="application/link-format"; {span}',
        f'<{base}/timegate/{original}>; rel="timegate"',
        *(_memento_link(base, original, kept, place) for place in range(len(kept))),
    ]
    return Response(",\n".join(links) + "\n", media_type="application/link-format")


def timemap_in_json(archive: Archive, base: str, original: str, _request: Request) -> Response:
    """All mementos, in the JSON that Memento aggregators write."""
    kept = _kept(archive, original)
    listed = [
        {
            "datetime": one.seen_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uri": _address(base, original, one),
        }
        for one in kept
    ]
    made = {
        "original_uri": original,
        "self": f"{base}/timemap/json/{original}",
        "timegate_uri": f"{base}/timegate/{original}",
        "timemap_uri": {
            "link_format": f"{base}/timemap/link/{original}",
            "json_format": f"{base}/timemap/json/{original}",
        },
        "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
    }
    return Response(json.dumps(made, ensure_ascii=False), media_type="application/json")


def timegate(archive: Archive, base: str, original: str, request: Request) -> Response:
    """Lead to the state seen last by Accept-Datetime, or to the newest without one."""
    kept = _kept(archive, original)
    written = request.headers.get("accept-datetime")
    try:
        when = _moment(written) if written else None
    except ValueError:
        return PlainTextResponse(
            "Accept-Datetime must be an HTTP date, for example "
            f"'{_http(kept[-1].seen_at)}' (RFC 7089, 2.1.1).",
            400,
        )
    one = negotiated(kept, when)
    headers = {
        "Location": _address(base, original, one),
        "Vary": "accept-datetime",
        "Link": _links_around(base, original, kept, one),
    }
    return Response(status_code=302, headers=headers)


def memento(archive: Archive, base: str, original: str, request: Request) -> Response:
    """The page as it came at a second; another second leads to the state seen last by then."""
    kept = _kept(archive, original)
    stamp = request.path_params["stamp"]
    if _WRITTEN_STAMP.fullmatch(stamp) is None:
        raise AddressError(f"'{stamp}' is no moment; write it as YYYYMMDDhhmmss, in UTC.")
    try:
        when = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise AddressError(f"'{stamp}' is no moment of the calendar.") from None
    one = negotiated(kept, when)
    if one.seen_at != when or one.digest is None:
        return Response(status_code=302, headers={"Location": _address(base, original, one)})
    body = archive.body(one.digest)
    if body is None:
        raise _NoMemento(f"The answer of {original} at {stamp} is no longer kept.")
    media_type = one.content_type if _HTML.fullmatch(one.content_type) else "text/plain"
    headers = _HARMLESS | {
        "Memento-Datetime": _http(one.seen_at),
        "Link": _links_around(base, original, kept, one),
        "Content-Type": media_type,
    }
    return Response(body, headers=headers)


_PATHS: dict[str, Answer] = {
    "/memento/timemap/link/": timemap_in_links,
    "/memento/timemap/json/": timemap_in_json,
    "/memento/timegate/": timegate,
    "/memento/{stamp}/": memento,
}


# --------------------------------------------------------------------------
# Links


def _links_around(base: str, original: str, kept: Sequence[Memento], one: Memento) -> str:
    place = kept.index(one)
    places = sorted({0, max(place - 1, 0), place, min(place + 1, len(kept) - 1), len(kept) - 1})
    links = [
        f'<{original}>; rel="original"',
        f'<{base}/timegate/{original}>; rel="timegate"',
        f'<{base}/timemap/link/{original}>; rel="timemap"; type="application/link-format"',
        *(_memento_link(base, original, kept, near, place) for near in places),
    ]
    return ", ".join(links)


def _memento_link(
    base: str, original: str, kept: Sequence[Memento], place: int, seen_from: int | None = None
) -> str:
    relations = " ".join(_relations(place, len(kept) - 1, seen_from))
    stamp = _http(kept[place].seen_at)
    return f'<{_address(base, original, kept[place])}>; rel="{relations}"; datetime="{stamp}"'


def _relations(place: int, last: int, seen_from: int | None) -> Iterator[str]:
    if place == 0:
        yield "first"
    if place == last:
        yield "last"
    if seen_from is not None and place == seen_from - 1:
        yield "prev"
    if seen_from is not None and place == seen_from + 1:
        yield "next"
    yield "memento"


def _address(base: str, original: str, one: Memento) -> str:
    return one.address or f"{base}/{one.seen_at.strftime(_STAMP)}/{original}"


def _moment(written: str) -> datetime:
    """Read an HTTP date. Raises ValueError."""
    moment = parsedate_to_datetime(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment.astimezone(UTC)


def _http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
