"""``reviews``: what people said of the findings, and how often they agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dashboard import judged, printing
from dashboard.options import Chosen, JsonOption
from dashboard.wording import percent

# The finding that a mark is on: a transition, an event, or one change of a transition, whose
# passage is named by SHA-256 of its two texts (store/reviews.py).
_MARKED = """
    SELECT r.article, r.seen_first_at, r.what, r.passage, r.mark, r.status, r.assignee, r.note,
           r.reviewer, r.acted_at, r.came_by, q.outlet, q.headline, q.new_version AS version,
           coalesce(c.kind, q.kind) AS kind, coalesce(c.reason, q.reason) AS reason,
           coalesce(c.significance, q.significance) AS significance, c.engine
    FROM reviewed r
    LEFT JOIN queue q ON q.article_id = r.article_id AND q.seen_first_at = r.seen_first_at
        AND r.what = CASE WHEN q.old_version IS NOT DISTINCT FROM q.new_version
                          THEN q.kind ELSE 'change' END
    LEFT JOIN change_list c ON c.article_id = r.article_id AND c.seen_first_at = r.seen_first_at
        AND r.passage = sha256(coalesce(c.old, '') || chr(31) || coalesce(c.new, ''))
    WHERE r.mark IS NOT NULL
    ORDER BY r.acted_at DESC, r.review_id
"""


def reviews(
    chosen: Chosen,
    *,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only list what people called wrong.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say how often people agree with what was found, by kind; with --json list every mark.

    Marks come from the dashboard and from task sheets; the last of a finding counts. A mark whose
    finding a newer engine no longer makes is counted as "no longer found".
    """
    _, archive = chosen.open()
    rows = [row for row in archive.query(_MARKED) if not wrong or row["mark"] == "wrong"]
    if as_json:
        for row in rows:
            printing.json_line(row)
        return
    if wrong:
        printing.table(("article", "version", "kind", "by", "note", "reason"), map(_line, rows))
        return
    kept = [row | {"kind": row["kind"] or "no longer found"} for row in rows]
    printing.table(
        ("kind", "marked", "right", "important", "wrong", "agreed", "95 % sure"),
        map(_agreement, judged.agreements(kept)),
    )
    printing.say(f"{len(kept)} findings are marked.")


def _line(row: dict[str, Any]) -> Sequence[object]:
    kind = row["kind"] or "no longer found"
    said = (row["note"] or "", row["reason"] or "")
    return (row["article"], row["version"], kind, row["reviewer"], *said)


def _agreement(one: judged.Agreement) -> Sequence[object]:
    low, high = one.bounds
    counts = (one.marked, one.right, one.important, one.wrong)
    return (one.kind, *counts, percent(one.share), f"{percent(low)} to {percent(high)}")
