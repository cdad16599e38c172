"""What a whole answer means: Scrapy's responses, handed to the pure tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scrapy.http import Response

from crawler import answers
from crawler.answers import Ending
from crawler.discovery import feeds_of, kind_of
from crawler.headers import header, headers_of, validator
from crawler.opening import DiscoveryError
from store.model import Due, Fetch, Outcome


def of_body(response: Response) -> Ending | None:
    """Return why a 200 answer cannot be an article's page, or None where it can."""
    return answers.of_body(
        header(response, "Content-Type") or "",
        response.body,
        ends_by_close="partial" in response.flags,
    )


def moved_to(response: Response, asked: str) -> str | None:
    """Return where the page stands for good: where every redirect on the way said so."""
    statuses = response.meta.get("redirect_reasons", ())
    if not statuses or not all(status in answers.FOR_GOOD for status in statuses):
        return None
    return answers.moved_to(asked, response.url)


def fetch_of(
    response: Response,
    due: Due,
    times: tuple[datetime, datetime],
    digest: str | None,
    ending: Ending,
) -> Fetch:
    """Return what a look came to that was answered.

    ``times`` are when it began and ended, ``digest`` is the body's, where that was looked at.
    """
    return Fetch(
        article_id=due.article_id,
        started_at=times[0],
        finished_at=times[1],
        why=due.why,
        outcome=ending.outcome,
        detail=ending.detail,
        reason=ending.reason,
        status=response.status,
        final_address=answers.moved_to(due.address, response.url),
        etag=validator(response, "ETag"),
        last_modified=validator(response, "Last-Modified"),
        body_digest=digest,
        headers=headers_of(response),
        because=due.because,
        signal=due.signal,
        moved_to=moved_to(response, due.address),
    )


_LED_NOWHERE = Ending(
    Outcome.UNREADABLE,
    "refresh",
    "The page only leads on to another that is not there, which does not say that it is gone.",
)


def named(ending: Ending, response: Response) -> Ending:
    """Say what an ending means where the answer tells more.

    A page that was there and leads on by itself was not removed, wherever it leads: bot challenges
    do so. Something other than a page may be of a kind that we know how to use.
    """
    if ending.outcome is Outcome.GONE and _was_refreshed(response):
        return _LED_NOWHERE
    if ending.detail != "not_html":
        return ending
    try:
        kind = kind_of(response.body, header(response, "Content-Type") or "")
    except DiscoveryError:
        return ending
    if kind is None:
        return ending
    reason = f"A {kind.value} stands at this address, not an article; watch it as a source."
    return Ending(Outcome.UNREADABLE, f"is_{kind.value}", reason)


def _was_refreshed(response: Response) -> bool:
    return answers.META_REFRESH in response.meta.get("redirect_reasons", ())


def with_feeds(ending: Ending, response: Response) -> Ending:
    """Add to the refusal of a front or section page which feed to watch instead."""
    try:
        feeds = feeds_of(response.body, response.url)
    except DiscoveryError:
        feeds = ()
    if not feeds:
        return ending
    return replace(ending, reason=f"{ending.reason} It offers a feed to watch: {feeds[0].address}")
