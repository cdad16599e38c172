"""Pages that only say where the page is now (meta refresh), followed as the redirects they are."""

from __future__ import annotations

import re

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.utils.response import get_meta_refresh

from crawler.answers import META_REFRESH
from crawler.gate import made_by
from crawler.middlewares import RedirectsMiddleware, TurnedAwayError
from store.address import AddressError, canonical
from store.model import Outcome

_LONGEST_DELAY_SECONDS = 10.0
"""Longer ones load a live page anew, or wait for somebody to read."""
_LARGEST_STUB_BYTES = 16_384
_MOST_LETTERS = 1_000
"""Letters outside of tags: a page that says more is one to read, wherever it goes next."""
_TAG = re.compile(rb"<[^<>]*>")


class RefreshMiddleware(RedirectsMiddleware):
    """Follows an instant meta refresh of a page that holds nothing else."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> Request | Response:
        """Follow as a new request, which passes the guard and robots.txt again."""
        place = _place(response) if isinstance(response, HtmlResponse) else None
        if place is None:
            return response
        try:
            further = self._redirect_request_using_get(request, response, place)
            return self._redirect(further, request, META_REFRESH)
        except IgnoreRequest:
            raise TurnedAwayError(
                Outcome.FAILED, "redirects", "The page leads on and on without ever arriving."
            ) from None


def _place(response: HtmlResponse) -> str | None:
    """Return where a page that is nothing but a meta refresh leads, None for any other page.

    A bot challenge that loads itself anew is for browsers: it is named for what it is instead.
    """
    body = response.body
    if response.status != 200 or len(body) > _LARGEST_STUB_BYTES or b"refresh" not in body.lower():
        return None
    if len(_TAG.sub(b"", body)) > _MOST_LETTERS:
        return None
    try:
        seconds, place = get_meta_refresh(response)
    except ValueError:  # an address like "http://["
        return None
    if not place or seconds is None or seconds > _LONGEST_DELAY_SECONDS or made_by(response.text):
        return None
    try:
        return None if canonical(place) == canonical(response.url) else place
    except AddressError:
        return None
