"""Scrapy's settings, hardened: what is off, what is bounded, and what is ours."""

from __future__ import annotations

from typing import Any

from crawler.browser import browser_settings
from crawler.compression import ACCEPTED
from crawler.lanes import MOST_TIMES
from store.config import CrawlConfig

MOST_REDIRECTS = 5
MOST_BYTES_WAITING = 256 * 2**20
"""Of answers that wait to be read, before nobody is asked anything more.

Scrapy's own 5 MB were filled by eight sites whose pages hang the parser, and a ninth then got every
tenth of its requests through. Twice what may wait for the patient parser: 16 of the largest pages.
"""


def scrapy_settings(crawl: CrawlConfig, browser: str | None = None) -> dict[str, Any]:
    """Return the settings of the one crawl, from what a person may set.

    ``browser`` is the path of a Chromium, where an outlet's pages need one.

    Everything Scrapy does by itself that reaches further than we mean is switched off by name:
    the remote control and telnet consoles run code, its certificate check is off by default, its
    robots.txt gate leaks while the file is on its way, its retries ignore Retry-After.
    """
    return {
        "USER_AGENT": crawl.user_agent,
        "ALLOW_HOSTS": crawl.allow_hosts,
        **_reach(),
        **_bounds(crawl),
        **_ours(),
        **_quiet(),
        **(_scripts(crawl, browser) if browser else {}),
    }


def _reach() -> dict[str, Any]:
    """Where requests may go at all."""
    ours = "crawler.handler.CappedHandler"
    return {
        "DOWNLOAD_HANDLERS": {
            "http": ours,
            "https": ours,
            "file": None,
            "data": None,
            "ftp": None,
            "s3": None,
        },
        "DNSCACHE_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy resolves names itself, past the guard
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "METAREFRESH_ENABLED": False,  # crawler.refresh follows what is nothing else
        "REDIRECT_MAX_TIMES": MOST_REDIRECTS,
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
    }


def _bounds(crawl: CrawlConfig) -> dict[str, Any]:
    """How much of anything."""
    return {
        "DOWNLOAD_MAXSIZE": crawl.largest_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,  # a line on stderr that asks nothing of anybody
        "DOWNLOAD_TIMEOUT": crawl.timeout_seconds,  # a total, so that dripping servers end too
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        # Our lanes keep the places; Scrapy would count slow requests among them.
        "CONCURRENT_REQUESTS": crawl.concurrent_requests * MOST_TIMES,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": MOST_BYTES_WAITING,
        "CONCURRENT_ITEMS": 1,  # we yield none, and Scrapy starts that many tasks per answer
        "DOWNLOAD_DELAY": 0,  # gaps are kept by our lanes, one per host and port
        "URLLENGTH_LIMIT": 0,  # the guard refuses long addresses with a reason instead
    }


def _ours() -> dict[str, Any]:
    """Our own part of the way, and what it replaces."""
    return {
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.middlewares.GuardMiddleware": 10,
            "crawler.middlewares.RobotsMiddleware": 100,
            "crawler.refresh.RefreshMiddleware": 580,
            "crawler.middlewares.DecodeMiddleware": 590,
            "crawler.middlewares.RedirectsMiddleware": 600,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            # The guard gives each request the time that it has.
            "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
        },
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
            "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
            "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
        },
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding": ", ".join(ACCEPTED),
        },
        "ROBOTSTXT_OBEY": False,
        "COMPRESSION_ENABLED": False,
        "RETRY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "SCHEDULER": "crawler.turns.InTurn",
    }


def _scripts(crawl: CrawlConfig, browser: str) -> dict[str, Any]:
    """Our own part of the way, and the one that runs scripts; the guard's handlers stay."""
    ours = _ours()["DOWNLOADER_MIDDLEWARES"]
    return {
        "DOWNLOADER_MIDDLEWARES": {**ours, "crawler.rendering.RenderMiddleware": 50},
        "LAYOUTS": crawl.layouts,
        **browser_settings(browser, crawl.timeout_seconds),
    }


def _quiet() -> dict[str, Any]:
    """What Scrapy says about itself."""
    return {
        "BOT_NAME": "storylapse",
        "LOG_ENABLED": False,  # the product sets up logging; Scrapy only speaks into it
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_LEVEL": "WARNING",
        "LOGSTATS_INTERVAL": 0,
        # They would count, and each look is a row already.
        "EXTENSIONS": dict.fromkeys(
            f"scrapy.extensions.{name}"
            for name in ("corestats.CoreStats", "logcount.LogCount", "spiderstate.SpiderState")
        ),
        "DOWNLOADER_STATS": False,  # each look is a row; counting it twice is a tenth of its cost
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "STATS_DUMP": False,
        "MEMUSAGE_ENABLED": False,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }
