"""What changed, as Atom and JSON Feed: everything, or one of the scopes of ``feed_scopes``.

An entry is one transition between two versions, or one event, under an id that never changes: the
moment of the check that first showed it, whatever number its version gets.
Text of an outlet passes through ``markup``, so in a feed too it stays text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from feedgen.feed import FeedGenerator
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import feed_filters
from dashboard.feed_scopes import NoSuchFeed, chosen
from dashboard.lately import newest
from dashboard.markup import Html, element, join
from dashboard.ranked import Filters
from store import message
from store.archive import Archive
from store.config import Config
from store.errors import ArchiveError, UnknownArticle
from store.labels import in_words
from store.message import rfc3339
from store.model import Span
from store.rows import SPANS, to_column

ENTRIES = 50
"""Entries of a feed: the newest ones, as many as feeds of news commonly hold (20 to 100)."""
MOST_CHANGES = 10
"""Changes spelled out in one entry; the others are counted."""

# A feed reader strips style sheets, so the looks go with the elements.
_LOOKS = {
    "removed": ("del", "background:#fbe3d0;color:#8a3b00;text-decoration:line-through"),
    "added": ("ins", "background:#d8ecfa;color:#0b4f79;text-decoration:underline"),
}
_NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
NO_FILTERS = Filters()

# The columns are named because leaving out the rest spares a count of all changes: 0.2 s
# instead of 2.5 s in an archive of 300,000 versions.
_QUEUE = """SELECT article, article_id, address, outlet, headline, kind, kinds, old_version,
                   new_version, checked_before_at, seen_first_at, significance, reason
            FROM queue WHERE held_by IS NULL AND NOT from_archives AND seen_first_at >= ?
              AND {condition}
            ORDER BY seen_first_at DESC, article, new_version DESC LIMIT ?"""
_CHANGES = """SELECT article_id, new_version, kind, reason, old, new, redline FROM change_list
              WHERE list_contains(?::UBIGINT[], article_id) AND held_by IS NULL
                AND seen_first_at >= ?
              ORDER BY significance DESC, ordinal"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed; ``content`` is HTML of ours around escaped text."""

    id: str
    title: str
    link: str
    article_address: str
    outlet: str
    kind: str
    seen_first_at: datetime
    content: Html
    machine: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed on its way out; ``updated_at`` is the newest entry's time."""

    id: str
    title: str
    link: str
    home: str
    entries: tuple[Entry, ...]

    @property
    def updated_at(self) -> datetime:
        """When the newest entry was seen first."""
        return max((entry.seen_first_at for entry in self.entries), default=_NOTHING_YET)


def routes(archive: Archive, link_base: str, config: Config) -> list[Route]:
    """Return the feeds' routes: ``/feeds/all.atom``, ``/feeds/outlet/NAME.json`` and so on.

    ``link_base`` is how the dashboard is reached, without a slash at its end; ``config`` has the
    stories and saved searches.
    """

    def answer(request: Request) -> Response:
        scope = str(request.path_params.get("scope", "all"))
        name = str(request.path_params.get("name", ""))
        written = str(request.path_params["form"])
        form = FORMS.get(written)
        if form is None:
            return PlainTextResponse("There is no such feed. Try /feeds/all.atom", 404)
        try:
            filters = feed_filters.asked(request.query_params)
            made = feed(
                archive,
                link_base,
                scope,
                name,
                config=config,
                now=datetime.now(UTC),
                filters=filters,
            )
        except (UnknownArticle, NoSuchFeed) as error:
            return PlainTextResponse(str(error), 404)
        except ArchiveError as error:
            return PlainTextResponse(str(error), 503, {"Retry-After": "60"})
        own = address_of(link_base, scope, name, written) + _query(filters)
        return _conditional(request, form, made, own)

    return [
        Route("/feeds/all.{form}", answer),
        Route("/feeds/{scope}/{name:path}.{form}", answer),
    ]


def address_of(link_base: str, scope: str = "all", name: str = "", form: str = "atom") -> str:
    """Return a feed's address: ``scope`` is one of SCOPES; ``form`` atom or json."""
    path = "all" if scope == "all" else f"{scope}/{quote(name, safe='')}"
    return f"{link_base}/feeds/{path}.{form}"


def _query(filters: Filters) -> str:
    named = feed_filters.named(filters)
    return f"?{urlencode(named)}" if named else ""


def feed(
    archive: Archive,
    link_base: str,
    scope: str,
    name: str,
    *,
    config: Config,
    now: datetime,
    filters: Filters = NO_FILTERS,
) -> Feed:
    """Read the newest entries of one feed, those of them that ``filters`` let through.

    Raises NoSuchFeed, UnknownArticle and other ArchiveErrors.
    """
    of_scope, values = chosen(archive, config, scope, name, now)
    of_filters, wanted = feed_filters.condition(filters)
    rows = _newest(archive, f"({of_scope}) AND {of_filters}", [*values, *wanted])
    changes: dict[tuple[int, int], list[dict[str, Any]]] = {}
    articles = list({row["article_id"] for row in rows})
    oldest = min((row["seen_first_at"] for row in rows), default=now)
    for change in archive.query(_CHANGES, [articles, to_column(oldest)]):
        changes.setdefault((change["article_id"], change["new_version"]), []).append(change)
    of = {"all": "", "kind": f": {in_words(name)}"}.get(scope, f": {name}")
    if scope == "article" and rows:
        of = f": {rows[0]['headline']}"
    asked = feed_filters.in_words(filters)
    title = f"Changes of news stories{of}" + (f" ({asked})" if asked else "")
    return Feed(
        id=f"tag:storylapse,2026:feed/{scope}/{quote(name, safe='')}{_query(filters)}",
        title=message.one_line(title),
        link=link_base,
        home=link_base or "/",
        entries=tuple(_entry(row, changes, link_base) for row in rows),
    )


def _newest(archive: Archive, condition: str, values: list[Any]) -> list[dict[str, Any]]:
    """Read the newest rows of the queue: of late, or of all time where those are too few."""
    question = _QUEUE.format(condition=condition)
    return newest(
        archive,
        lambda bound: archive.query(question, [to_column(bound), *values, ENTRIES]),
        ENTRIES,
    )


# --------------------------------------------------------------------------
# Entries


def _entry(
    row: Mapping[str, Any],
    changes: Mapping[tuple[int, int], Sequence[Mapping[str, Any]]],
    link_base: str,
) -> Entry:
    old, new, moment = row["old_version"], row["new_version"], row["seen_first_at"]
    event = old == new
    link = f"{link_base}/article?article={row['article']}"
    link += "" if event else f"&at={rfc3339(moment)}"
    shown = () if event else changes.get((row["article_id"], new), ())
    what = f"event/{row['kind']}" if event else "change"
    return Entry(
        id=f"tag:storylapse,2026:article/{row['article']}/{what}/{rfc3339(moment)}",
        title=message.title(row["kind"], row["outlet"], row["headline"]),
        link=link,
        article_address=row["address"],
        outlet=row["outlet"],
        kind=row["kind"],
        seen_first_at=moment,
        content=_content(row, shown, link),
        machine={
            "article": row["article"],
            "address": row["address"],
            "outlet": row["outlet"],
            "kind": row["kind"],
            "kinds": row["kinds"],
            "old_version": old,
            "new_version": new,
            "significance": row["significance"],
            "reason": row["reason"],
            "seen_first_at": rfc3339(moment),
            "checked_before_at": _time(row["checked_before_at"]),
        },
    )


def _content(row: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], link: str) -> Html:
    when = message.interval(row["checked_before_at"], row["seen_first_at"])
    parts = [element("p", element("strong", message.one_line(row["reason"])))]
    parts += [_change(change) for change in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        parts.append(element("p", f"And {len(changes) - MOST_CHANGES} more changes."))
    links = join(
        [
            element("a", "See it in Storylapse", attributes={"href": link}),
            element("a", "The article", attributes={"href": row["address"]}),
        ],
        " · ",
    )
    return join([*parts, element("p", f"{when}.", element("br"), links)])


def _change(change: Mapping[str, Any]) -> Html:
    spans = SPANS.validate_json(change["redline"] or "[]") or tuple(
        Span(op, text)
        for op, text in (("removed", change["old"]), ("added", change["new"]))
        if text
    )
    drawn = join(_span(span) for span in message.clipped(spans))
    reason = message.one_line(change["reason"])
    return element("p", element("em", reason), element("br"), drawn, attributes={"dir": "auto"})


def _span(span: Span) -> Html:
    if span.op not in _LOOKS:
        return join([span.text])
    name, looks = _LOOKS[span.op]
    return element(name, span.text, attributes={"style": looks})


# --------------------------------------------------------------------------
# Forms


def atom(feed: Feed, address: str) -> bytes:
    """Write the feed as Atom (RFC 4287). ``address`` is the feed's own."""
    made = FeedGenerator()
    made.id(feed.id)
    made.title(feed.title)
    made.author({"name": "Storylapse"})
    made.generator("Storylapse")
    made.link(href=address, rel="self", type="application/atom+xml")
    made.link(href=feed.home, rel="alternate", type="text/html")
    made.updated(feed.updated_at)
    for entry in feed.entries:
        item = made.add_entry(order="append")
        item.id(entry.id)
        item.title(entry.title)
        item.updated(entry.seen_first_at)
        item.author({"name": message.one_line(entry.outlet)})
        item.link(href=entry.link)  # feedgen 1.0 writes no other rel than alternate
        item.category(term=entry.kind)
        item.content(str(entry.content), type="html")
    return bytes(made.atom_str(pretty=True))


def json_feed(feed: Feed, address: str) -> bytes:
    """Write the feed as JSON Feed 1.1; machine fields stand under ``_storylapse``."""
    items = [
        {
            "id": entry.id,
            "url": entry.link,
            "external_url": entry.article_address,
            "title": entry.title,
            "content_html": str(entry.content),
            "date_published": rfc3339(entry.seen_first_at),
            "authors": [{"name": message.one_line(entry.outlet)}],
            "tags": [entry.kind],
            "_storylapse": entry.machine,
        }
        for entry in feed.entries
    ]
    made = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": address,
        "authors": [{"name": "Storylapse"}],
        "items": items,
    }
    return json.dumps(made, ensure_ascii=False).encode("utf-8", "replace")


FORMS: dict[str, tuple[str, Callable[[Feed, str], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", atom),
    "json": ("application/feed+json; charset=utf-8", json_feed),
}


def _conditional(
    request: Request, form: tuple[str, Callable[[Feed, str], bytes]], made: Feed, address: str
) -> Response:
    """Answer 304 where the reader has this very feed (RFC 9110, 13.1)."""
    media_type, write = form
    body = write(made, address)
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(made.updated_at, usegmt=True),
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    if _has_it(request, headers["ETag"], made.updated_at):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _has_it(request: Request, etag: str, updated_at: datetime) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:  # it alone decides where both are sent
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return etag in tags or "*" in tags
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and updated_at.replace(microsecond=0) <= since


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
