"""What the first screen asks: transitions and events ranked, counted, and held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.data import LONGEST_LIST, Row, ask
from store.rows import to_column

# A change of significance 1 from a day ago ranks like one of 0.5 from now: a reader who comes
# once a day still finds yesterday's correction above this hour's trifle.
HALF_LIFE = timedelta(days=1)
LONGEST_QUEUE = 200

_SPOKEN = """(contains(lower(concat_ws(' ', reason, headline)), lower(?))
    OR (article_id, new_version) IN (
        SELECT (article_id, new_version) FROM change_list
        WHERE contains(lower(concat_ws(' ', old, new)), lower(?))))"""

# The groups of the queue, in the order shown, each a condition on the view ``queue``.
_EVENT = "(old_version IS NOT DISTINCT FROM new_version)"  # it stands in one version
_DECLARING = (
    "('correction','clarification','retraction','editors_note','note_removed','note_edited',"
    "'still_wrong')"
)
_NAMED = "('headline','update','changed_without_note')"
GROUPS = {
    "corrections": f"NOT {_EVENT} "
    f"AND (kind IN {_DECLARING} OR (declared AND kind NOT IN {_NAMED}))",
    "silent": f"NOT {_EVENT} AND kind = 'changed_without_note'",
    "headlines": f"NOT {_EVENT} AND kind = 'headline'",
    "updates": f"NOT {_EVENT} AND kind = 'update'",
    "removed": _EVENT,
    "edits": f"NOT {_EVENT} AND NOT declared AND kind NOT IN {_DECLARING} AND kind NOT IN {_NAMED}",
}
_GROUP = "CASE " + " ".join(f"WHEN {test} THEN '{name}'" for name, test in GROUPS.items()) + " END"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue to show; None means any."""

    group: str | None = None
    outlet: str | None = None
    since: datetime | None = None
    words: str | None = None

    def condition(self, *, with_group: bool = True) -> tuple[str, list[Any]]:
        """The same as SQL, with its parameters."""
        tests = ["held_by IS NULL"]
        values: list[Any] = []
        if with_group and self.group in GROUPS:
            tests.append(f"({GROUPS[self.group]})")
        if self.outlet:
            tests.append("outlet = ?")
            values.append(self.outlet)
        if self.since:
            tests.append("seen_first_at >= ?")
            values.append(to_column(self.since))
        if self.words:
            tests.append(_SPOKEN)
            values += [self.words, self.words]
        return " AND ".join(tests), values


def queue(filters: Filters, minute: datetime, limit: int = LONGEST_QUEUE) -> list[Row]:
    """The transitions and events worth reading, what matters first.

    ``minute`` is now, cut to the minute, so that readers of one minute share an answer.
    """
    condition, values = filters.condition()
    rows = ask(
        f"""SELECT article, article_id, address, outlet, headline, kind, kinds, old_version,
                new_version, checked_before_at, seen_first_at, captured_by, reason, significance,
                declared, {_EVENT} AS event
            FROM queue WHERE {condition}
            ORDER BY significance * pow(0.5, epoch(?::TIMESTAMP - seen_first_at) / ?) DESC,
                seen_first_at DESC LIMIT ?""",  # noqa: S608 (conditions are ours, values parameters)
        *values,
        to_column(minute),
        HALF_LIFE.total_seconds(),
        limit,
    )
    leads = _leads(sorted({row["article_id"] for row in rows}))
    none = {"lead_facts": None, "lead_redline": None}
    return [
        row | ({} if row["event"] else leads.get((row["article_id"], row["new_version"]), none))
        for row in rows
    ]


def _leads(article_ids: Sequence[int]) -> dict[tuple[int, int], Row]:
    """Of each transition of these articles the change that matters most.

    Asked apart from the ranking, which would else read every change ever kept.
    """
    rows = ask(
        """SELECT article_id, new_version, arg_max(facts, (significance, -ordinal)) AS lead_facts,
                  arg_max(redline, (significance, -ordinal)) AS lead_redline
           FROM change_list
           WHERE list_contains(?::UBIGINT[], article_id) AND held_by IS DISTINCT FROM 'template'
           GROUP BY ALL""",
        article_ids,
    )
    return {(row.pop("article_id"), row.pop("new_version")): row for row in rows}


def queue_counts(filters: Filters) -> dict[str, int]:
    """How many rows each group holds under the other filters."""
    condition, values = filters.condition(with_group=False)
    sql = f"SELECT {_GROUP} AS name, count(*) AS rows FROM queue WHERE {condition} GROUP BY ALL"  # noqa: S608
    return {row["name"]: row["rows"] for row in ask(sql, *values)}


def outlets_in_queue() -> list[str]:
    """The outlets that have anything in the queue, by name."""
    sql = "SELECT DISTINCT outlet FROM queue WHERE held_by IS NULL ORDER BY lower(outlet)"
    return [row["outlet"] for row in ask(sql)]


def since(moment: datetime, limit: int = 5000) -> tuple[list[Row], list[Row], list[Row]]:
    """Everything told since a moment, newest first: transitions and events, changes, notes."""
    stamp = to_column(moment)
    transitions = ask(
        f"""SELECT article, article_id, address, outlet, headline, kind, kinds, old_version,
              new_version, checked_before_at, seen_first_at, reason, significance, {_EVENT} AS event
            FROM queue WHERE held_by IS NULL AND seen_first_at >= ?
            ORDER BY seen_first_at DESC LIMIT ?""",  # noqa: S608 (ours)
        stamp,
        limit,
    )
    changes = ask(
        "SELECT * FROM change_list WHERE held_by IS NULL AND seen_first_at >= ? ORDER BY ordinal",
        stamp,
    )
    articles = sorted({row["article_id"] for row in transitions})
    notes = ask(
        "SELECT * FROM note_list WHERE list_contains(?::UBIGINT[], article_id) ORDER BY ordinal",
        articles,
    )
    return transitions, changes, notes


def held_back(since: datetime | None) -> list[Row]:
    """What was kept from the queue, by the rule that held it: rule, articles, times."""
    moment = to_column(since or datetime(1970, 1, 1, tzinfo=UTC))
    return ask(
        """SELECT held_by AS rule, count(DISTINCT article_id) AS articles, count(*) AS times
           FROM queue WHERE held_by <> 'template' AND seen_first_at >= ? GROUP BY ALL
           UNION ALL
           SELECT held_by, count(DISTINCT article_id), count(DISTINCT (article_id, new_version))
           FROM change_list WHERE held_by = 'template' AND seen_first_at >= ? GROUP BY ALL
           UNION ALL
           SELECT CASE outcome WHEN 'unchanged' THEN 'cosmetic' ELSE outcome END,
                  count(DISTINCT article_id), count(*)
           FROM check_list WHERE started_at >= ?
             AND (outcome IN ('held', 'blocked', 'unreadable')
                  OR (outcome = 'unchanged' AND detail = 'cosmetic'))
           GROUP BY ALL ORDER BY 2 DESC, 1""",
        moment,
        moment,
        moment,
    )


def held_rows(since: datetime | None, limit: int = LONGEST_LIST) -> list[Row]:
    """What was kept from the queue and the rule that held it, newest first.

    One row an article and rule: the last time with its reason, and how many times.
    """
    moment = to_column(since or datetime(1970, 1, 1, tzinfo=UTC))
    return ask(
        """SELECT article, any_value(outlet) AS outlet, arg_max(headline, seen_at) AS headline,
                  rule, arg_max(reason, seen_at) AS reason, max(seen_at) AS seen_at,
                  arg_max(old_version, seen_at) AS old_version,
                  arg_max(new_version, seen_at) AS new_version, count(*) AS times
           FROM (SELECT article, outlet, headline, held_by AS rule, reason,
                  seen_first_at AS seen_at, old_version, new_version
           FROM queue WHERE held_by <> 'template' AND seen_first_at >= ?
           UNION ALL
           SELECT DISTINCT ON (article, new_version) article, outlet, headline, held_by, reason,
                  seen_first_at, old_version, new_version
           FROM change_list WHERE held_by = 'template' AND seen_first_at >= ?
           UNION ALL
           SELECT c.article, a.outlet, a.headline,
                  CASE c.outcome WHEN 'unchanged' THEN 'cosmetic' ELSE c.outcome END,
                  c.reason, c.started_at, NULL, NULL
           FROM check_list c JOIN article_list a USING (article_id)
           WHERE c.started_at >= ?
             AND (c.outcome IN ('held', 'blocked', 'unreadable')
                  OR (c.outcome = 'unchanged' AND c.detail = 'cosmetic')))
           GROUP BY article, rule ORDER BY seen_at DESC LIMIT ?""",
        moment,
        moment,
        moment,
        limit,
    )


def sparks(article_ids: Sequence[int]) -> dict[int, list[Row]]:
    """The versions of several articles, in few words: for the small lines of the queue."""
    found: dict[int, list[Row]] = {}
    sql = """SELECT v.article_id, v.version, v.seen_first_at, c.significance
             FROM version_list v
             LEFT JOIN (SELECT article_id, new_version, max(significance) AS significance
                        FROM change_list WHERE list_contains(?::UBIGINT[], article_id)
                        GROUP BY ALL) c
               ON c.article_id = v.article_id AND c.new_version = v.version
             WHERE list_contains(?::UBIGINT[], v.article_id) ORDER BY v.version"""
    wanted = sorted(article_ids)
    for row in ask(sql, wanted, wanted):
        found.setdefault(row["article_id"], []).append(row)
    return found
