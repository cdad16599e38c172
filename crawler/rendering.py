"""Pages of outlets that show their articles by script: read after the scripts have run.

The page itself is fetched as every page is: by our lanes, through the guard and robots.txt, each
redirect too. What the server sent is then opened in a Chromium, which is given these bytes and
asks only for the scripts and data that the page needs, each allowed by robots.txt, through the
look's own gateway. The body that is kept and read is the page after its scripts; a header line of
ours, ``X-Storylapse-Rendered``, says so and what the server had sent.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from crawler import answers
from crawler.browser import CLOSE_SECONDS, Chromium
from crawler.following import NextPage
from crawler.gateway import Gateway, Passage
from crawler.guard import judge_address
from crawler.headers import RENDERED
from crawler.layout import AFTER_SCRIPTS, load
from crawler.middlewares import RobotsMiddleware, TurnedAwayError
from crawler.responses import of_body
from store.address import AddressError
from store.model import Due, Outcome

MOST_AT_ONCE = 2
"""Pages that are open at once: each takes a process of a few hundred MB."""
MOST_REQUESTS = 150
"""Most scripts and data of one page; what it asks for beyond is not fetched."""
SETTLE_SECONDS = 8.0
"""How long a page may go on asking for things after its own text is there."""
_ASKED = frozenset({"script", "xhr", "fetch"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Of the server's answer, what does not hold for the bytes that the browser is given.
_NOT_HANDED_ON = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"}
)
_CONDITIONS = ("If-None-Match", "If-Modified-Since")


_TROUBLE = {
    "scripts_too_large": "The page, with what its scripts ask for, is larger than what is read.",
    "scripts_timeout": "The page's scripts did not come to an end within the time.",
    "browser": "The browser broke down over the page's scripts, or could not show the page.",
}


class RenderMiddleware:
    """Runs the scripts of an article's page where its outlet's layout file asks for it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._layouts = load(settings.get("LAYOUTS"))
        self._largest = settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._allow_hosts: tuple[str, ...] = settings.get("ALLOW_HOSTS")
        self._chromium = Chromium(crawler)
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RenderMiddleware:
        """Make it; the browser starts with the first page and ends with the crawl."""
        made = cls(crawler)
        crawler.signals.connect(made._chromium.close, signals.spider_closed)
        return made

    def process_request(self, request: Request) -> None:
        """Ask for the whole page: that its shell is the same says nothing of the article."""
        if self._is_meant(request, request.url):
            for name in _CONDITIONS:
                request.headers.pop(name, None)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the page after its scripts, as the answer's body."""
        if not self._is_meant(request, response.url):
            return response
        if response.status == 304:
            raise _turned_away(answers.of_status(304, asked_if_changed=False))
        is_page = response.status == 200 and isinstance(response, HtmlResponse)
        if not is_page or of_body(response) is not None:
            return response
        async with self._places:
            return await self._rendered(response)

    def _is_meant(self, request: Request, address: str) -> bool:
        outlet = self._layouts.of(address)
        is_article = isinstance(request.cb_kwargs.get("job"), Due | NextPage)
        return is_article and outlet is not None and outlet.javascript

    async def _rendered(self, response: Response) -> Response:
        robots = self._crawler.get_downloader_middleware(RobotsMiddleware)
        assert robots is not None
        async with Gateway(_resolver()) as gateway:
            look = PageLook(response, gateway, robots, self._allow_hosts, self._largest)
            try:
                opening = self._chromium.opened(response.url, gateway, look)
                text = await asyncio.wait_for(opening, self._seconds)
            except Exception as error:  # noqa: BLE001 - one page's trouble is a recorded outcome
                raise _of_trouble(error, gateway.passage) from None
        body = f"{AFTER_SCRIPTS}{text}".encode("utf-8", "replace")
        if gateway.passage.is_spent or len(body) > self._largest:
            raise _of_trouble(PageTooLargeError(), gateway.passage)
        headers = response.headers.copy()
        headers[RENDERED] = look.said(self._chromium.version)
        return response.replace(body=body, headers=headers, flags=[*response.flags, RENDERED])


class PageTooLargeError(Exception):
    """The page, after its scripts, is larger than any page that is read."""


class PageLook:
    """One page in the browser: what it is given, what it may ask for, and when it is done."""

    def __init__(
        self,
        response: Response,
        gateway: Gateway,
        robots: RobotsMiddleware,
        allow_hosts: tuple[str, ...],
        largest: int,
    ) -> None:
        self._response = response
        self._gateway = gateway
        self._robots = robots
        self._allow_hosts = allow_hosts
        self._largest = largest
        self._is_given = False
        self._is_still = False
        self._requests = self._refused = 0

    async def prepare(self, page: Any, request: Request) -> None:  # noqa: ARG002 - their signature
        """Stand between the page and everything that it asks for."""
        self._is_given = False
        page.context.on("page", _no_pop_up(page))
        await page.context.route("**/*", _nothing)  # of pop-ups, until they are closed
        await page.route("**/*", self._asked)

    async def settle(self, page: Any) -> None:
        """Wait until the page asks for nothing more, then hold it still and look at its size."""
        from playwright.async_api import Error  # noqa: PLC0415 - an extra

        if not self._is_given:
            raise RuntimeError("The page was not given what the server had sent.")
        with suppress(Error):  # many pages go on asking for ever: they are taken as they are
            await page.wait_for_load_state("networkidle", timeout=1000 * SETTLE_SECONDS)
            self._is_still = True
        tools = await page.context.new_cdp_session(page)
        await tools.send("Emulation.setScriptExecutionDisabled", {"value": True})
        await self._gateway.shut()
        if _origin(page.url) != _origin(self._response.url):
            raise RuntimeError("Another page stands in the place of the one that was opened.")
        if await _size_of(tools) > self._largest:
            raise PageTooLargeError

    def said(self, version: str) -> str:
        """Return what the answer's header says about this look."""
        body = self._response.body
        passage = self._gateway.passage
        return (
            f"after scripts; Chromium {version}; still={'yes' if self._is_still else 'no'}; "
            f"requests={self._requests}; refused={self._refused + len(passage.refusals)}; "
            f"bytes={passage.received}; served-bytes={len(body)}; "
            f"served-sha256={hashlib.sha256(body).hexdigest()}"
        )

    async def _asked(self, route: Any) -> None:
        """Answer, allow or refuse one request of the page."""
        from playwright.async_api import Error  # noqa: PLC0415 - an extra

        with suppress(Error):  # the page went away meanwhile
            request = route.request
            if request.resource_type == "stylesheet":
                # Whoever waits for its style goes on; no text is in it.
                await route.fulfill(status=200, content_type="text/css", body="")
            elif request.is_navigation_request():
                await self._navigated(route)
            elif await self._may_ask(request):
                await route.continue_()
            else:
                await route.abort()

    async def _navigated(self, route: Any) -> None:
        """Hand the page what the server had sent, once, and lead it nowhere else."""
        if self._is_given:
            # An error would put the browser's own page in place of the article; 204 leaves it.
            await route.fulfill(status=204)
            return
        self._is_given = True
        headers = _handed_on(self._response)
        await route.fulfill(status=200, headers=headers, body=self._response.body)

    async def _may_ask(self, request: Any) -> bool:
        """Whether this is a script or data, asked for by a safe method, and robots.txt allows."""
        if request.resource_type not in _ASKED or request.method not in _SAFE:
            return False
        self._requests += 1
        if self._requests > MOST_REQUESTS:
            return False
        is_allowed = judge_address(request.url, self._allow_hosts) is None and (
            await self._robots_allow(request.url)
        )
        self._refused += not is_allowed
        return is_allowed

    async def _robots_allow(self, address: str) -> bool:
        try:
            await self._robots.process_request(Request(address))
        except (TurnedAwayError, AddressError, ValueError):
            return False
        return True


def _resolver() -> Any:
    # Imported late: importing it installs a reactor, which only the crawl thread may do.
    from twisted.internet import reactor  # noqa: PLC0415

    return reactor.nameResolver


def _origin(address: str) -> str:
    return address.partition("//")[2].partition("/")[0]


async def _nothing(route: Any) -> None:
    with suppress(Exception):  # the pop-up is gone already
        await route.abort()


def _no_pop_up(page: Any) -> Any:
    """Return what closes every page but this one at once."""

    async def close(other: Any) -> None:
        if other != page:
            with suppress(Exception):
                await asyncio.wait_for(other.close(), CLOSE_SECONDS)

    return close


async def _size_of(tools: Any) -> int:
    """Return the letters of a page's mark-up, counted where its own scripts have no say."""
    tree = await tools.send("Page.getFrameTree")
    place = {"frameId": tree["frameTree"]["frame"]["id"]}
    world = await tools.send("Page.createIsolatedWorld", place)
    asked = {
        "expression": "document.documentElement ? document.documentElement.outerHTML.length : 0",
        "contextId": world["executionContextId"],
    }
    answer = await tools.send("Runtime.evaluate", asked)
    return int(answer["result"]["value"])


def _handed_on(response: Response) -> dict[str, str]:
    pairs = (
        (name.decode("latin-1").lower(), b", ".join(values).decode("latin-1"))
        for name, values in response.headers.items()
    )
    return {name: value for name, value in pairs if name not in _NOT_HANDED_ON}


def _of_trouble(error: Exception, passage: Passage) -> TurnedAwayError:
    """Return what a page ended in that the browser could not show in full."""
    if passage.is_spent or isinstance(error, PageTooLargeError):
        trouble = "scripts_too_large"
    elif type(error).__name__ == "TimeoutError":  # Python's, or Playwright's
        trouble = "scripts_timeout"
    else:
        trouble = "browser"
    return TurnedAwayError(Outcome.FAILED, trouble, _TROUBLE[trouble])


def _turned_away(ending: answers.Ending | None) -> TurnedAwayError:
    assert ending is not None
    return TurnedAwayError(ending.outcome, ending.detail, ending.reason)
