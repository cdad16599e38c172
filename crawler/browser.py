"""A Chromium that runs the scripts of pages, one page at a time, without a way round the guard.

Its pages reach the network through the gateway of their look and nothing else: the browser itself
is given a proxy that does not exist, resolves no names, and speaks neither QUIC nor WebRTC. This
leans on private names of scrapy-playwright 0.0.x, which pyproject pins.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.connect import NOWHERE
from crawler.gateway import Gateway
from store.errors import ConfigError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What a Chromium of the system is called; where there is none, Playwright's own is taken."""
START_SECONDS = 30.0
CLOSE_SECONDS = 5.0
ARGUMENTS = (
    # Every name and address but the gateway's is unknown to the browser's own resolver.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-pings",
    "--js-flags=--max-old-space-size=256",
)
MISSING = (
    "A layout file says javascript = true, and scrapy-playwright is not installed. "
    "Install it with pip install 'storylapse[javascript]', or take the line out."
)
NO_BROWSER = (
    "A layout file says javascript = true, and there is no Chromium. Install one (Debian: "
    "apt-get install chromium; elsewhere: playwright install chromium), or take the line out."
)


async def found_browser() -> str:
    """Return the path of a Chromium. Raises ConfigError where it or the extra is missing."""
    try:
        import scrapy_playwright  # noqa: F401, PLC0415 - an extra
        from playwright.async_api import async_playwright  # noqa: PLC0415
    except ImportError:
        raise ConfigError(MISSING) from None
    path = next((path for name in NAMES if (path := shutil.which(name))), None)
    if path is None:
        async with async_playwright() as playwright:
            path = playwright.chromium.executable_path
        if not Path(path).exists():
            raise ConfigError(NO_BROWSER)
    return path


class Look(Protocol):
    """What is done with a page: before it is opened, and once its own text is there."""

    async def prepare(self, page: Any, request: Request) -> None:
        """Get ready a page that has asked for nothing yet."""

    async def settle(self, page: Any) -> None:
        """Return when the page is to be taken as it is."""


class Chromium:
    """Starts the browser when a page first needs it, and anew after it has died."""

    def __init__(self, crawler: Crawler) -> None:
        # What it warns of is recorded as the outcome of the look, in a sentence of ours.
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)
        self._crawler = crawler
        self._handler: Any = None
        self._starting = asyncio.Lock()
        self._names = count(1)

    async def opened(self, address: str, gateway: Gateway, look: Look) -> str:
        """Return what a page is once ``look`` has let it run, in a profile that ends with it.

        Raises what Playwright raises; bound the time from outside.
        """
        from scrapy_playwright.page import PageMethod  # noqa: PLC0415 - an extra

        handler = await self._running()
        name = str(next(self._names))
        meta = {
            "playwright": True,
            "playwright_context": name,
            "playwright_context_kwargs": _profile(self._crawler.settings["USER_AGENT"], gateway),
            "playwright_page_init_callback": look.prepare,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_methods": [PageMethod(look.settle)],
        }
        try:
            response = await handler.download_request(Request(address, meta=meta))
            return str(response.text)
        finally:
            await self._shut(handler, name)

    @property
    def version(self) -> str:
        """What the running browser says of itself."""
        return str(self._handler.browser.version)

    async def close(self) -> None:
        """End the browser, if it runs."""
        handler, self._handler = self._handler, None
        if handler is not None:
            with suppress(Exception):
                await asyncio.wait_for(handler.close(), CLOSE_SECONDS)

    async def _running(self) -> Any:
        from scrapy_playwright.handler import (  # noqa: PLC0415 - an extra
            ScrapyPlaywrightDownloadHandler,
        )

        async with self._starting:
            if self._handler is None:
                handler = ScrapyPlaywrightDownloadHandler.from_crawler(self._crawler)
                await handler._launch()
                self._handler = handler
            return self._handler

    async def _shut(self, handler: Any, name: str) -> None:
        """End a look's profile with all its pages; where that fails, the browser ends."""
        opened = handler.context_wrappers.get(name)
        if opened is None:
            return
        try:
            await asyncio.wait_for(opened.context.close(), CLOSE_SECONDS)
        except Exception:  # noqa: BLE001 - whatever it was, this browser is not to be used again
            await self.close()


def browser_settings(path: str, seconds: float) -> dict[str, Any]:
    """Return what scrapy-playwright is told of the Chromium at ``path``."""
    return {
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": path,
            "args": list(ARGUMENTS),
            "proxy": {"server": NOWHERE},  # what is no page's request
            "chromium_sandbox": os.geteuid() != 0,  # Chromium has none for root
            "timeout": 1000 * START_SECONDS,
        },
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1000 * seconds,
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": 1000,
    }


def _profile(user_agent: str, gateway: Gateway) -> dict[str, Any]:
    return {
        "user_agent": user_agent,
        "proxy": {
            "server": gateway.address,
            "username": gateway.user,
            "password": gateway.secret,
            "bypass": "<-loopback>",
        },
        "service_workers": "block",
        "accept_downloads": False,
        "java_script_enabled": True,
        "permissions": [],
    }
