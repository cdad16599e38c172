"""What every request and every answer passes: guard, robots.txt, unpacking.

Redirects and robots.txt itself come through here too, each hop as a request of its own.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.internet.base import ReactorBase

from crawler.answers import Ending, of_trouble
from crawler.compression import CompressionError, decoded
from crawler.connect import assert_guarded
from crawler.guard import host_and_port, is_allowed, judge_address, judge_ip, judge_location
from crawler.headers import header
from crawler.robots import Rules, robots_address, unreachable
from store.address import host_of
from store.model import Outcome

MOST_TIMEOUTS = 2
"""A page and its redirects have so many times as long as one request may last."""
_ENDS_AT = "ends_at"
_FIRST_STATUS, _LAST_STATUS = 100, 999
_LEADING_ON = frozenset({301, 302, 303, 307, 308})
_LED_TO_REFUSED = "The page redirects to an address that is refused: "
FOR_ROBOTS = "for_robots"
"""Request meta key: this request asks for robots.txt, which nobody must allow first."""


class TurnedAwayError(IgnoreRequest):
    """A request or answer that goes no further, with what is recorded about it."""

    def __init__(self, outcome: Outcome, detail: str, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.detail = detail
        self.reason = reason


def of_error(error: BaseException) -> Ending:
    """Return what a download that raised ``error`` ended in."""
    if isinstance(error, TurnedAwayError):
        return Ending(error.outcome, error.detail, error.reason)
    return of_trouble(tuple(_names(error)))


def _names(error: BaseException | None, depth: int = 0) -> list[str]:
    """Return the names of an exception and of what caused it, outermost first."""
    if error is None or depth > 5:
        return []
    inner = [reason.value for reason in getattr(error, "reasons", ()) or ()]
    inner.append(error.__cause__)
    name = type(error).__name__
    if name == "Error" and "certificate verify failed" in str(error):
        name = "CertificateError"
    return [name, *(n for each in inner for n in _names(each, depth + 1))]


def _reactor() -> Any:
    # Imported late: importing it installs a reactor, which only the crawl thread may do.
    from twisted.internet import reactor  # noqa: PLC0415

    return reactor


class GuardMiddleware:
    """Refuses addresses as written, and says why a name was refused when it was resolved."""

    def __init__(self, crawler: Crawler) -> None:
        self._allow_hosts: tuple[str, ...] = crawler.settings.get("ALLOW_HOSTS")
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._reactor: ReactorBase = _reactor()
        assert_guarded(self._reactor, crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        """Make it, or raise RuntimeError where something would go round the guard."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse an address that must not be asked for; put the others in their host's slot."""
        refusal = judge_address(request.url, self._allow_hosts)
        if refusal is not None:
            raise self._refused(request, refusal)
        # Scrapy counts connections by host name; two ports of one machine are two servers.
        request.meta["download_slot"] = host_of(request.url)
        request.meta["download_timeout"] = self._left(request)

    def _left(self, request: Request) -> float:
        """Return the seconds that this request has: redirects inherit what is left of the time."""
        now = time.monotonic()
        left = request.meta.setdefault(_ENDS_AT, now + MOST_TIMEOUTS * self._timeout) - now
        if left <= 0:
            raise TurnedAwayError(
                Outcome.FAILED, "timeout", "The redirects took longer than a page may take."
            )
        return float(min(left, self._timeout))

    def process_response(self, request: Request, response: Response) -> Response:
        """Check once more where the answer came from, and that it is one."""
        if not _FIRST_STATUS <= response.status <= _LAST_STATUS:
            raise TurnedAwayError(
                Outcome.FAILED, "bad_http", "The server's answer has a status that there is not."
            )
        host, port = host_and_port(response.url)
        if response.ip_address is not None and not is_allowed(host, port, self._allow_hosts):
            refusal = judge_ip(str(response.ip_address))
            if refusal is not None:
                raise self._refused(request, refusal)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Turn "did not resolve" into the guard's own reason where it was the guard."""
        if type(exception).__name__ != "CannotResolveHostError":
            return
        host, port = host_and_port(request.url)
        refusal = self._reactor.nameResolver.refusal(host, port)
        if refusal is not None:
            refusal = f"{host} leads inside: {refusal} Put {host}:{port} in allow_hosts if meant."
            raise self._refused(request, refusal)

    @staticmethod
    def _refused(request: Request, refusal: str) -> TurnedAwayError:
        # The address itself is not repeated: it may carry a password.
        hop = request.meta.get("redirect_urls")
        said = _LED_TO_REFUSED if hop else ""
        return TurnedAwayError(Outcome.REFUSED, "guard", f"{said}{refusal}")


class RedirectsMiddleware(RedirectMiddleware):
    """Scrapy's redirects, with a name for the endless ones, and never a Referer."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's signature
    ) -> Request | Response:
        """Follow a redirect as a new request, which passes the guard and robots.txt again."""
        refusal = judge_location(header(response, "Location") or "")
        if refusal is not None and response.status in _LEADING_ON:
            raise TurnedAwayError(Outcome.REFUSED, "guard", f"{_LED_TO_REFUSED}{refusal}")
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            raise TurnedAwayError(
                Outcome.FAILED, "redirects", "The address leads on and on without ever arriving."
            ) from None

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002
        """Send none."""
        request.headers.pop("Referer", None)

    def _engine_started(self) -> None:
        """Look for no Referer middleware, and do not warn that there is none."""


class RobotsMiddleware:
    """Lets nothing through to a host before that host's robots.txt has been read."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asking: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Make it for one crawl; the rules themselves live in the spider's ``robots``."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Hold the request until the rules are known, then refuse what they disallow."""
        if FOR_ROBOTS in request.meta:
            return
        why = self._spider.why_not(host_of(request.url))
        if why is not None:
            raise TurnedAwayError(why.outcome, why.detail, why.reason)
        rules = await self._rules(robots_address(request.url))
        if not rules.allow(request.url):
            raise TurnedAwayError(rules.outcome, rules.detail, rules.reason)
        self._spider.learn_delay(host_of(request.url), rules.delay)

    @property
    def _spider(self) -> Any:  # Any: importing the spider here would close a circle
        return self._crawler.spider

    async def _rules(self, where: str) -> Rules:
        spider = self._spider
        known: Rules | None = spider.robots.current(where, spider.now())
        if known is not None:
            return known
        # Everyone who waits for the same file waits for one task: Scrapy's own gate lets the
        # second and later ones through unjudged.
        task = self._asking.get(where)
        if task is None:
            task = self._asking[where] = asyncio.ensure_future(self._ask(where))
            task.add_done_callback(lambda _: self._asking.pop(where, None))
        return await asyncio.shield(task)

    async def _ask(self, where: str) -> Rules:
        request = Request(where, meta={FOR_ROBOTS: True}, dont_filter=True, priority=1)
        answer = await self._answer(request, self._spider.now())
        rules: Rules = self._spider.robots.learn(where, answer)
        return rules

    async def _answer(self, request: Request, now: datetime) -> Rules:
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever it was, unreachable means "no"
            ending = of_error(error)
            reason = f"The site's robots.txt could not be read: {ending.reason}"
            # A file that cannot be read says nothing of the page, as an unreadable page would.
            refused = ending.outcome is Outcome.REFUSED
            outcome = Outcome.REFUSED if refused else Outcome.FAILED
            return unreachable(outcome, ending.detail, reason, now)
        rules: Rules = self._spider.robots_answered(request.url, response, now)
        return rules


class DecodeMiddleware:
    """Unpacks compressed bodies, within bounds, and refuses cut ones."""

    def __init__(self, largest: int) -> None:
        self._largest = largest

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DecodeMiddleware:
        """Make it with the crawl's largest body size."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response with its body as the author wrote it; the headers stay as sent."""
        codings = _codings(response)
        if not codings or not response.body:
            return response
        try:
            most = request.meta.get("download_maxsize", self._largest)
            body = decoded(response.body, codings, most)
        except CompressionError as error:
            outcome = Outcome.FAILED if error.detail == "cut_short" else Outcome.UNREADABLE
            raise TurnedAwayError(outcome, error.detail, str(error)) from None
        return response.replace(body=body)


def _codings(response: Response) -> tuple[str, ...]:
    values = response.headers.getlist("Content-Encoding")
    words = b",".join(values).decode("latin-1").lower().split(",")
    return tuple(word.strip() for word in words if word.strip())
