"""One polite session with one web archive: the ``wayback`` client's, behind our guard.

From the client come its rates, its back-off and its reading of Retry-After; the guard, the
bounds and the longest waits are ours, since an archive may say anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import requests
from wayback import RateLimit, WaybackSession
from wayback.exceptions import RateLimitError, WaybackRetryError

from crawler.archives.connect import GuardedAdapter
from crawler.archives.memento import Endpoint
from crawler.archives.trouble import ArchiveTrouble
from crawler.guard import host_and_port, is_allowed
from store.config import CrawlConfig

INDEX_PER_SECOND = 0.4
"""Questions to an archive's index: 80 % of what the Internet Archive allows (wayback 0.5)."""
PAGES_PER_SECOND = 1.0
"""Captures asked for: an eighth of what the Internet Archive allows; nobody waits for history."""
RETRIES = 3
BACK_OFF_SECONDS = 2.0
LONGEST_WAIT = 300.0
"""Seconds waited for an archive that asks for patience; beyond it the command ends instead."""
MOST_WAITS = 3
_SLOWEST_FACTOR = 6  # an archive may take so many times [crawl] timeout_seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What an archive answered."""

    address: str
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    body: bytes


class _Patient(WaybackSession):  # type: ignore[misc]  # the client is untyped
    """Waits when told to, but never longer than ``LONGEST_WAIT``."""

    def get_retry_delay(self, retries: int, response: Any = None) -> float:
        return min(float(super().get_retry_delay(retries, response)), LONGEST_WAIT)

    def should_retry_error(self, error: Exception) -> bool:
        """Ask again where the archive hung up without a word, as busy ones do."""
        return bool(super().should_retry_error(error)) or "Connection aborted" in str(error)


class Archivist:
    """Asks one archive, at its pace."""

    def __init__(
        self, end: Endpoint, crawl: CrawlConfig, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """Ask the archive at ``end``; one that the person allowed by name is theirs: no pause."""
        self.end = end
        own = is_allowed(*host_and_port(end.replay), crawl.allow_hosts)
        self._sleep = sleep
        self._session = _Patient(
            retries=RETRIES,
            backoff=0.1 if own else BACK_OFF_SECONDS,
            timeout=crawl.timeout_seconds,
            user_agent=crawl.user_agent,
            search_calls_per_second=RateLimit(0 if own else INDEX_PER_SECOND),
            memento_calls_per_second=RateLimit(0 if own else PAGES_PER_SECOND),
        )
        self._session.trust_env = False  # no proxy, no .netrc
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = GuardedAdapter(
            crawl.allow_hosts,
            crawl.largest_body_bytes,
            crawl.timeout_seconds * _SLOWEST_FACTOR,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def ask(self, address: str, parameters: dict[str, str] | None = None) -> Answer:
        """Return the answer at ``address``, whatever its status; redirects are not followed.

        Raises ArchiveTrouble where the archive cannot be reached or asks to be left in peace,
        Unusable for an answer that is too large, too slow or damaged.
        """
        for _ in range(MOST_WAITS):
            try:
                return self._once(address, parameters)
            except RateLimitError as error:
                seconds = float(error.retry_after or 0)
                if seconds >= LONGEST_WAIT:
                    break
                self._sleep(seconds)
        raise ArchiveTrouble(
            f"{host_and_port(address)[0]} asks to be left in peace. Run the same command again "
            "later: what was read so far is kept and not fetched again."
        )

    def _once(self, address: str, parameters: dict[str, str] | None) -> Answer:
        try:
            response = self._session.get(address, params=parameters, allow_redirects=False)
        except (WaybackRetryError, requests.RequestException) as error:
            raise ArchiveTrouble(
                f"The archive at {host_and_port(address)[0]} could not be reached "
                f"({type(error).__name__}). Check --archive-url and the connection, then try again."
            ) from error
        return Answer(
            str(response.url),
            response.status_code,
            response.headers,
            cast("bytes", response.content),
        )

    def close(self) -> None:
        """End the session."""
        self._session.close()
