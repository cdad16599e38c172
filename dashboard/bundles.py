"""The evidence of one change as a file, for the command line and for the article's page."""

from __future__ import annotations

from datetime import datetime

from dashboard import html_report
from store.archive import Archive
from store.compare import compare
from store.evidence import gather, pack
from store.selection import Selection


def bundle(archive: Archive, article: int, version: int, now: datetime) -> bytes:
    """Return the bundle of the change that led to ``version``, made ``now``.

    Raises UnknownVersion, and NoEvidence where there is none to show.
    """
    found = gather(archive, article, version)
    pair = (found.old.version, found.new.version)
    report = html_report.of_change(archive, article, pair, Selection(full_text=True))
    return pack(found, compare(found.old.document, found.new.document), report, now)
