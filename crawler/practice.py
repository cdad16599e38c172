"""The newsroom inside ``storylapse up``: watched while nothing else is, until switched off."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from crawler.newsroom.server import Newsroom
from store.archive import Archive
from store.config import Config, CrawlConfig
from store.model import SourceKind

log = logging.getLogger(__name__)


class Practice:
    """Serves the newsroom for as long as ``up`` runs, where it is wanted. Use with ``with``.

    It is wanted when it is watched already, or when nothing has ever been watched. Its clock
    starts when it is first watched, so that a restart goes on where its stories were.
    """

    def __init__(self, archive: Archive, config: Config, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._config = config.newsroom
        self._now = now
        self._newsroom: Newsroom | None = None

    def allowed(self, crawl: CrawlConfig) -> CrawlConfig:
        """Return the crawl's configuration with the newsroom's host allowed."""
        if self._newsroom is None:
            return crawl
        hosts = (*crawl.allow_hosts, self._newsroom.host)
        return crawl.model_copy(update={"allow_hosts": hosts})

    def __enter__(self) -> Self:
        sources = self._archive.query("FROM source_list WHERE kind = 'newsroom'")
        watched = [source for source in sources if source["watching"]]
        if not self._config.enabled:
            self._switch_off(watched)
        elif watched:
            self._open(min(source["added_at"] for source in sources), _port(watched))
        elif not sources and self._nothing_watched():
            self._open(self._now(), self._config.port)
            self._watch()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._newsroom is not None:
            self._newsroom.stop()

    def _nothing_watched(self) -> bool:
        lists = ("article_list", "source_list")
        return not any(
            self._archive.query(f"SELECT 1 FROM {name} WHERE watching LIMIT 1")  # noqa: S608
            for name in lists
        )

    def _open(self, started_at: datetime, port: int) -> None:
        try:
            self._newsroom = Newsroom(started_at, self._now, port)
        except OSError as error:
            log.warning(
                "The newsroom cannot listen on port %d: %s. Choose another with "
                "--newsroom-port, or leave it out with --no-newsroom.",
                port,
                error.strerror,
            )
        else:
            self._newsroom.start()

    def _watch(self) -> None:
        for feed in self._newsroom.feeds if self._newsroom else ():
            self._archive.watch_source(feed, SourceKind.NEWSROOM, acted_at=self._now())

    def _switch_off(self, watched: list[dict[str, Any]]) -> None:
        for source in watched:
            self._archive.unwatch(source["address"], acted_at=self._now())


def _port(watched: list[dict[str, Any]]) -> int:
    return urlsplit(watched[0]["address"]).port or 80
