"""The marks that people put on findings, as the archive holds them now."""

from __future__ import annotations

from collections.abc import Collection

from dashboard.data import Row, ask
from store.reviews import Finding


def standing(article_ids: Collection[int]) -> dict[Finding, Row]:
    """The mark that holds on each finding of these articles that has one."""
    rows = ask(
        "SELECT * FROM reviewed WHERE mark IS NOT NULL AND list_contains(?::UBIGINT[], article_id)",
        sorted(article_ids),
    )
    keys = ("article_id", "seen_first_at", "what", "passage")
    return {Finding(*(row[key] for key in keys)): row for row in rows}


def tally() -> dict[str, int]:
    """How many findings bear each mark now."""
    rows = ask("SELECT mark, count(*) AS findings FROM reviewed WHERE mark IS NOT NULL GROUP BY 1")
    return {row["mark"]: row["findings"] for row in rows}
