"""What an answer of a source comes to: a poll, and until when the source asks to be left."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy.http import Response

from crawler.answers import Ending
from crawler.discovery import PollDue
from crawler.feeds import hub_of
from crawler.headers import header, validator
from crawler.linkheader import relations
from crawler.offers import Hub, Offer, Rest
from crawler.opening import LARGEST_SITEMAP_BYTES
from store.model import Outcome, SourceKind
from store.polls import Poll

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_HOUR = timedelta(hours=1)
_LONGEST_FRESH = _HOUR
"""What a server or a feed says of its freshness is often a default (WordPress: an hour)."""
_LONGEST_SKIP = 6 * _HOUR

Span = tuple[datetime, datetime]
"""When a request began, and when its answer was there."""


def poll_of(due: PollDue, response: Response, offer: Offer, ending: Ending, span: Span) -> Poll:
    """Return the poll that an answer is.

    Only the source itself is asked conditionally, and only where it holds all it offers: an index
    that stays as it was says nothing of its sitemaps.
    """
    whole = due.depth == 0 and not offer.parts
    hub = _hub(response, offer)
    return replace(
        without_answer(due, ending, span),
        etag=validator(response, "ETag") if whole else None,
        last_modified=validator(response, "Last-Modified") if whole else None,
        links=offer.links,
        feeds=offer.feeds,
        hub=(hub.address, hub.topic) if hub and due.depth == 0 else None,
        not_before=rested(span[1], _freshness(response, span[1]), offer.rest),
    )


def allowance(due: PollDue) -> dict[str, Any]:
    """Return the request meta that lets a sitemap be as large as they may be; others may not."""
    is_map = due.kind is SourceKind.SITEMAP
    return {"download_maxsize": LARGEST_SITEMAP_BYTES} if is_map else {}


def without_answer(due: PollDue, ending: Ending, span: Span) -> Poll:
    """Return the poll to which no usable answer came."""
    return Poll(
        due.source_id,
        *span,
        ending.outcome,
        ending.detail,
        ending.reason,
        part=due.address if due.depth else None,
        because=due.because,
        is_first=due.is_first,
    )


def offered(due: PollDue, offer: Offer) -> Ending:
    """Say what a source offers, in one sentence."""
    said = f"The source offers {len(offer.links)} addresses"
    if offer.feeds:
        said = f"The list names {len(offer.feeds)} feeds, each watched as a source of its own"
    elif offer.named:
        asked = min(len(offer.parts), offer.named)
        more = ", ".join(part.address for part in offer.parts[:1])
        said += f", and names {offer.named} further sources, of which {asked} are asked ({more}"
        said += ")" if asked == 1 else " and others)"
    if not offer.links and due.pattern and not offer.parts:
        said += f" that hold '{due.pattern}'; check the pattern"
    return Ending(Outcome.READ, "read", f"{said}.")


def rested(now: datetime, fresh_for: timedelta, rest: Rest) -> datetime | None:
    """Return until when a source asks to be left after an answer at ``now``; None: it does not.

    The longer of HTTP's freshness and the feed's time to live counts, an hour at most; then hours
    and days that it wants to be skipped in, six hours at most.
    """
    until = now + min(max(fresh_for, rest.time_to_live, timedelta(0)), _LONGEST_FRESH)
    last = now + _LONGEST_SKIP
    while until < last and (until.hour in rest.hours or until.weekday() in rest.days):
        until = until.replace(minute=0, second=0, microsecond=0) + _HOUR
    until = min(until, last)
    return until if until > now else None


def _freshness(response: Response, now: datetime) -> timedelta:
    """Return for how long an answer says that it holds (RFC 9111 4.2.1)."""
    control = header(response, "Cache-Control") or ""
    if re.search(r"\bno-(?:cache|store)\b", control, re.IGNORECASE):
        return timedelta(0)
    found = _MAX_AGE.search(control)
    if found:
        return timedelta(seconds=min(int(found[1]), 10**7))
    try:
        expires = parsedate_to_datetime(header(response, "Expires") or "")
    except (ValueError, OverflowError, TypeError):
        return timedelta(0)
    return (expires if expires.tzinfo else expires.replace(tzinfo=UTC)) - now


def _hub(response: Response, offer: Offer) -> Hub | None:
    """Return the hub of a Link header, else the one that the feed itself names (WebSub 4)."""
    values = [value.decode("latin-1") for value in response.headers.getlist("Link")]
    said = ((one.name, one.target) for one in relations(values, response.url))
    return hub_of(said, response.url) or offer.hub
