"""Asking the hubs that feeds name to tell when they change (WebSub).

The requests pass the same guard as everything else that leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import requests

from crawler.archives.connect import GuardedAdapter
from crawler.archives.trouble import ArchiveTrouble, Unusable
from store.archive import Archive
from store.config import CrawlConfig
from store.subscriptions import State, Subscription
from store.websub import LEASE_ASKED, PATH, mode_due

log = logging.getLogger(__name__)

_LARGEST_ANSWER = 64 * 1024
_MOST_REDIRECTS = 3
_WORDS = {"subscribe": "asked to tell when the feed changes", "unsubscribe": "told that we leave"}


class Subscriber:
    """Asks hubs, for the sources that are watched and name one."""

    def __init__(
        self,
        archive: Archive,
        config: CrawlConfig,
        now: Callable[[], datetime],
        fresh: Callable[[], str],
    ) -> None:
        """Subscribe under ``config.websub_address``; ``fresh`` makes texts nobody can guess."""
        self._archive = archive
        self._config = config
        self._now = now
        self._fresh = fresh

    def tick(self) -> None:
        """Ask what is to be asked of hubs now, and keep what they answer."""
        for one, watching in self._archive.subscriptions():
            mode = mode_due(one, self._now(), watching=watching)
            if mode is not None:
                self._ask(one, mode)

    def _ask(self, one: Subscription, mode: str) -> None:
        asked = replace(
            one,
            token=one.token or self._fresh(),
            secret=one.secret or self._fresh(),
            asked_at=self._now(),
            tries=one.tries + 1,
            state=_state_after(one.state, mode),
            reason=f"The hub was {_WORDS[mode]}.",
        )
        # Kept before it is sent: a hub may make sure of us while it still has our request.
        self._archive.keep_subscription(asked)
        trouble = self._post(asked, mode)
        if trouble is not None:
            log.warning("The hub %s could not be asked: %s", one.hub, trouble)
            self._archive.keep_subscription(replace(asked, state=one.state, reason=trouble))

    def _post(self, one: Subscription, mode: str) -> str | None:
        """Send one request; return what went wrong with it, None where the hub took it."""
        form = {
            "hub.callback": f"{(self._config.websub_address or '').rstrip('/')}{PATH}{one.token}",
            "hub.mode": mode,
            "hub.topic": one.topic,
            "hub.lease_seconds": f"{LEASE_ASKED.total_seconds():.0f}",
            "hub.secret": one.secret or "",
        }
        try:
            with _session(self._config) as session:
                answer = session.post(one.hub, data=form, timeout=self._config.timeout_seconds)
        except (ArchiveTrouble, Unusable, requests.RequestException) as error:
            return f"The hub cannot be reached ({type(error).__name__}): {error!s:.200}"
        taken = 200 <= answer.status_code < 300
        return None if taken else f"The hub answered {answer.status_code}: it did not take it."


def _state_after(state: State, mode: str) -> State:
    if mode == "unsubscribe":
        return State.LEAVING
    return State.HELD if state is State.HELD else State.ASKED


def _session(config: CrawlConfig) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, which would go round the guard
    session.max_redirects = _MOST_REDIRECTS
    session.headers["User-Agent"] = config.user_agent
    adapter = GuardedAdapter(config.allow_hosts, _LARGEST_ANSWER, config.timeout_seconds)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    return session
