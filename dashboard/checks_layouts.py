"""Doctor's look at the outlets' layouts: are the files right, and do the pages still fit them?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dashboard.finding import Finding, Status
from store.errors import StorylapseError

if TYPE_CHECKING:
    from store.archive import Archive
    from store.config import Config

# The last readings of an outlet's pages that are looked at, and the fewest that say anything:
# now and then a page of another kind stands among the articles.
_LAST, _LEAST = 20, 5
_MISFITS = """
    SELECT host, count(*) AS readings, count(*) FILTER (layout = 'none') AS misfits,
           any_value(address) FILTER (layout = 'none') AS example
    FROM (SELECT a.host, a.address, f.layout FROM fetches f JOIN articles a USING (article_id)
          WHERE f.layout IS NOT NULL AND f.outcome IN ('read', 'unchanged', 'held')
          QUALIFY row_number() OVER (PARTITION BY a.host ORDER BY f.started_at DESC) <= ?)
    GROUP BY host HAVING readings >= ? AND misfits > readings / 2 ORDER BY host
"""


def layouts(archive: Archive, config: Config) -> Iterator[Finding]:
    """Say which layout files are wrong, and of which outlets the pages no longer fit."""
    from crawler.layout import load  # noqa: PLC0415  (the other commands do not need it)

    try:
        known = list(load(config.crawl.layouts).outlets())
    except StorylapseError as error:
        yield Finding("layouts", Status.ERROR, str(error))
        return
    if outlets := [outlet.outlet for outlet in known if outlet.javascript]:
        yield _browser(outlets)
    misfits = archive.query(_MISFITS, [_LAST, _LEAST])
    for row in misfits:
        yield Finding(
            "layouts",
            Status.WARNING,
            f"The layout of {row['host']} no longer fits: {row['misfits']} of its last "
            f"{row['readings']} pages were read without it, for example {row['example']}.",
            "Write a newer one (docs/layouts.md).",
        )
    if not misfits:
        yield Finding("layouts", Status.OK, f"{len(known)} outlets have one, and none fell out.")


def _browser(outlets: list[str]) -> Finding:
    """Say whether the pages of outlets that are read after their scripts can be."""
    from crawler.browser import found_browser  # noqa: PLC0415

    try:
        path = asyncio.run(found_browser())
    except StorylapseError as error:
        return Finding("browser", Status.ERROR, f"The crawl does not start: {error}")
    return Finding("browser", Status.OK, f"{path} runs the scripts of {', '.join(outlets)}.")
