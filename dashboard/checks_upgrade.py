"""What doctor says after an upgrade: how much another reader or another engine made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dashboard.finding import Finding, Status

if TYPE_CHECKING:
    from store.archive import Archive
    from store.config import Config

_MADE = """
    SELECT count(*) FILTER (engine <> ?) AS older FROM comparisons
"""


def upgraded(archive: Archive, config: Config) -> Iterator[Finding]:
    """Whether kept responses wait for this reader, findings for this engine, facts for findings."""
    from crawler import layout  # noqa: PLC0415
    from crawler.rereading import unread  # noqa: PLC0415  (extractors)
    from store.compare import ENGINE  # noqa: PLC0415

    articles = len(unread(archive, layout.load(config.crawl.layouts)))
    if articles:
        yield Finding(
            "readings",
            Status.WARNING,
            f"The kept responses of {articles} articles were read by another revision of the "
            "reader; their next change is compared by this one all the same.",
            "Run 'storylapse reread --dry-run', then 'storylapse reread'.",
        )
    else:
        yield Finding("readings", Status.OK, "This reader has read every kept response.")
    older = archive.query(_MADE, [ENGINE])[0]["older"]
    waiting = len(archive.unjudged())
    if older:
        yield Finding(
            "findings",
            Status.WARNING,
            f"{older} comparisons were made by another engine than {ENGINE}.",
            "Run 'storylapse recompare --dry-run', then 'storylapse recompare'.",
        )
    elif not waiting:
        yield Finding("findings", Status.OK, f"Every finding was made by {ENGINE}.")
    if waiting:
        yield Finding(
            "findings",
            Status.WARNING,
            f"{waiting} articles have captures that are in no finding yet: a backfill was stopped.",
            "Run 'storylapse recompare', or the backfill again.",
        )
