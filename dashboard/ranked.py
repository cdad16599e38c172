"""What the first screen asks: transitions and events ranked, counted, and held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.data import LONGEST_LIST, Row, ask
from store.reviews import TRANSITION
from store.rows import to_column

# A change of significance 1 from a day ago ranks like one of 0.5 from now: a reader who comes
# once a day still finds yesterday's correction above this hour's trifle.
HALF_LIFE = timedelta(days=1)
LONGEST_QUEUE = 200
UNMARKED = "open"
"""The filter for what nobody has marked yet."""

_SPOKEN = """(contains(spoken, lower(?)) OR contains(lower(reason), lower(?)) OR article_id IN (
    SELECT article_id FROM article_states WHERE contains(lower(headline), lower(?))))"""
# As the view article_list has it, without who is watched: that is half of the view's time.
_OUTLETS = """SELECT article_id, coalesce(outlet, host) AS outlet
              FROM articles LEFT JOIN article_states USING (article_id)"""
_OF_OUTLET = f"article_id IN (SELECT article_id FROM ({_OUTLETS}) WHERE outlet = ?)"  # noqa: S608

# The groups of the queue, in the order shown, each a condition on the view ``ranking``.
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
# A row of the queue as people mark it, and those that bear a mark.
_MARKABLE = f"(article_id, seen_first_at, CASE WHEN {_EVENT} THEN kind ELSE '{TRANSITION}' END)"
_MARKED = "SELECT (article_id, seen_first_at, what) FROM reviewed WHERE passage IS NULL AND mark"
_GROUP = "CASE " + " ".join(f"WHEN {test} THEN '{name}'" for name, test in GROUPS.items()) + " END"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue to show; None means any."""

    group: str | None = None
    outlet: str | None = None
    since: datetime | None = None
    words: str | None = None
    mark: str | None = None
    """One of ``store.reviews.MARKS``; UNMARKED for what bears none."""

    def condition(self, *, with_group: bool = True) -> tuple[str, list[Any]]:
        """The same as SQL, with its parameters."""
        tests = ["held_by IS NULL"]
        values: list[Any] = []
        if with_group and self.group in GROUPS:
            tests.append(f"({GROUPS[self.group]})")
        if self.outlet:
            tests.append(_OF_OUTLET)
            values.append(self.outlet)
        if self.since:
            tests.append("seen_first_at >= ?")
            values.append(to_column(self.since))
        if self.words:
            tests.append(_SPOKEN)
            values += [self.words] * 3
        if self.mark == UNMARKED:
            tests.append(f"{_MARKABLE} NOT IN ({_MARKED} IS NOT NULL)")
        elif self.mark:
            tests.append(f"{_MARKABLE} IN ({_MARKED} = ?)")
            values.append(self.mark)
        return " AND ".join(tests), values


def queue(filters: Filters, minute: datetime, limit: int = LONGEST_QUEUE) -> list[Row]:
    """The transitions and events worth reading, what matters first.

    ``minute`` is now, cut to the minute, so that readers of one minute share an answer.
    """
    places = _places(filters, minute, limit)
    if not places:
        return []
    articles = sorted({article for article, *_ in places})
    oldest = min(seen_first_at for *_, seen_first_at in places)
    rows = ask(
        f"""SELECT article, article_id, address, outlet, headline, kind, kinds, old_version,
                new_version, checked_before_at, seen_first_at, captured_by, reason, significance,
                declared, {_EVENT} AS event
            FROM queue WHERE list_contains(?::UBIGINT[], article_id) AND seen_first_at >= ?""",  # noqa: S608 (ours)
        articles,
        to_column(oldest),
    )
    shown = {_place(row): row for row in rows}
    leads = _leads([place for place in places if place in shown and not shown[place]["event"]])
    none = {"lead_facts": None, "lead_redline": None}
    return [
        shown[place] | ({} if shown[place]["event"] else leads.get(place[:2], none))
        for place in places
        if place in shown  # not taken away since
    ]


_Place = tuple[int, int | None, str, datetime]
"""What tells one row of the queue from all others: article, version, kind, when it was seen."""


def _place(row: Row) -> _Place:
    return row["article_id"], row["new_version"], row["kind"], row["seen_first_at"]


def _places(filters: Filters, minute: datetime, limit: int) -> list[_Place]:
    """The rows to show, in order, by what tells them apart: their texts are read for these alone.

    Of a million transitions 50 ms instead of 1,500.
    """
    condition, values = filters.condition()
    rows = ask(
        f"""SELECT article_id, new_version, kind, seen_first_at FROM ranking WHERE {condition}
            ORDER BY significance * pow(0.5, epoch(?::TIMESTAMP - seen_first_at) / ?) DESC,
                seen_first_at DESC LIMIT ?""",  # noqa: S608 (conditions are ours, values parameters)
        *values,
        to_column(minute),
        HALF_LIFE.total_seconds(),
        limit,
    )
    return [_place(row) for row in rows]


def _leads(places: Sequence[_Place]) -> dict[tuple[int, int | None], Row]:
    """Of each transition the change that matters most, as far as it is told.

    Found first and read by its place in the table, since redlines are packed by the thousand.
    """
    rows = ask(
        """SELECT article_id, new_number AS new_version, facts AS lead_facts,
                  redline AS lead_redline
           FROM changes WHERE rowid IN (
             SELECT lead FROM (
               SELECT arg_max(c.rowid, (c.significance, -c.ordinal)) AS lead FROM changes c
               JOIN (SELECT unnest(?::UBIGINT[]) AS article_id, unnest(?::INTEGER[]) AS new_number)
                 USING (article_id, new_number)
               ANTI JOIN (SELECT article_id, new_number, ordinal FROM passages WHERE held) p
                 USING (article_id, new_number, ordinal)
               GROUP BY article_id, new_number))""",
        [article for article, *_ in places],
        [version for _, version, *_ in places],
    )
    return {(row.pop("article_id"), row.pop("new_version")): row for row in rows}


def queue_counts(filters: Filters) -> dict[str, int]:
    """How many rows each group holds under the other filters."""
    condition, values = filters.condition(with_group=False)
    sql = f"SELECT {_GROUP} AS name, count(*) AS rows FROM ranking WHERE {condition} GROUP BY ALL"  # noqa: S608
    return {row["name"]: row["rows"] for row in ask(sql, *values)}


def outlets_in_queue() -> list[str]:
    """The outlets that have anything in the queue, by name."""
    sql = f"""SELECT DISTINCT outlet FROM ({_OUTLETS})
              WHERE article_id IN (SELECT article_id FROM ranking WHERE held_by IS NULL)
              ORDER BY lower(outlet)"""  # noqa: S608 (ours)
    return [row["outlet"] for row in ask(sql)]


_HELD = """
    SELECT article_id, held_by AS rule, seen_first_at AS seen_at, new_version, NULL AS ordinal,
           reason
    FROM ranking WHERE held_by <> 'template' AND seen_first_at >= ?
    UNION ALL
    SELECT article_id, 'template', any_value(seen_first_at), new_number, min(ordinal), NULL
    FROM passages WHERE held AND seen_first_at >= ? GROUP BY article_id, new_number
    UNION ALL
    SELECT article_id, outcome, started_at, NULL, NULL, reason FROM check_list
    WHERE started_at >= ? AND outcome IN ('held', 'blocked', 'unreadable')
    UNION ALL
    SELECT article_id, detail, started_at, NULL, NULL, reason FROM check_list
    WHERE started_at >= ? AND detail = 'cosmetic' AND outcome = 'unchanged'
"""
"""What a rule held back since a moment (four times), and the looks that showed no article.

These are asked for one by one: an OR of them reads every look with its reason (161 ms, not 50).
"""


def held_back(since: datetime | None) -> list[Row]:
    """What was kept from the queue, by the rule that held it: rule, articles, times."""
    moment = to_column(since or datetime(1970, 1, 1, tzinfo=UTC))
    return ask(
        f"""SELECT rule, count(DISTINCT article_id) AS articles, count(*) AS times
            FROM ({_HELD}) GROUP BY rule ORDER BY articles DESC, rule""",  # noqa: S608 (ours)
        *[moment] * 4,
    )


def held_rows(since: datetime | None, limit: int = LONGEST_LIST) -> list[Row]:
    """What was kept from the queue and the rule that held it, newest first.

    One row an article and rule: the last time with its reason, and how many times.
    """
    moment = to_column(since or datetime(1970, 1, 1, tzinfo=UTC))
    return ask(
        f"""WITH held AS MATERIALIZED (
              SELECT article_id, rule, max(seen_at) AS seen_at, count(*) AS times,
                     arg_max(new_version, seen_at) AS new_version,
                     arg_max(ordinal, seen_at) AS ordinal, arg_max(reason, seen_at) AS reason
              FROM ({_HELD}) GROUP BY article_id, rule ORDER BY seen_at DESC LIMIT ?)
            SELECT a.article, a.outlet, a.headline, rule, coalesce(h.reason, c.reason) AS reason,
                   seen_at, k.old_version, h.new_version, times
            FROM held h JOIN article_list a USING (article_id)
            LEFT JOIN ranking k ON k.article_id = h.article_id AND k.new_version = h.new_version
              AND k.seen_first_at = h.seen_at AND k.old_version <> k.new_version
            LEFT JOIN changes c ON c.article_id = h.article_id AND c.new_number = h.new_version
              AND c.ordinal = h.ordinal AND c.seen_first_at = h.seen_at
            ORDER BY seen_at DESC, article, rule""",  # noqa: S608 (ours)
        *[moment] * 4,
        limit,
    )


def sparks(article_ids: Sequence[int]) -> dict[int, list[Row]]:
    """The versions of several articles, in few words: for the small lines of the queue."""
    found: dict[int, list[Row]] = {}
    sql = """SELECT v.article_id, v.version, v.seen_first_at, k.significance
             FROM version_list v
             LEFT JOIN (SELECT * FROM ranking WHERE list_contains(?::UBIGINT[], article_id)
                          AND old_version <> new_version) k
               ON k.article_id = v.article_id AND k.new_version = v.version
             WHERE list_contains(?::UBIGINT[], v.article_id) ORDER BY v.version"""
    wanted = sorted(article_ids)
    for row in ask(sql, wanted, wanted):
        found.setdefault(row["article_id"], []).append(row)
    return found
