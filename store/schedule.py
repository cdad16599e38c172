"""What the schedule asks of the archive: what is watched, what moved, what looks found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from store.rows import select, to_column


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of the archive the schedule knows: rows of fetches and of watches."""

    fetches: int = 0
    watches: int = 0


@dataclass(frozen=True, slots=True)
class LookRows:
    """What looks found, one row each, the intervals between two looks that read the article.

    Times are UTC seconds. ``changed_before`` is when a change was seen last before the interval
    (NaN: never), ``changes_before`` how many were seen since the first of these looks.
    """

    article: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    changed_before: NDArray[np.float64]
    changes_before: NDArray[np.int64]
    found: NDArray[np.bool_]


def moved(connection: duckdb.DuckDBPyConnection, seen: Seen) -> tuple[list[int], Seen]:
    """Return the articles that were fetched, watched or unwatched after ``seen``, and how far.

    Both tables are only ever appended to, so their row numbers tell what is new.
    """
    row = connection.execute(
        "SELECT (SELECT count(*) FROM fetches), (SELECT count(*) FROM watches)"
    ).fetchone()
    assert row is not None
    now = Seen(*row)
    if now == seen:
        return [], seen
    found = connection.execute(
        """SELECT DISTINCT article_id FROM fetches WHERE rowid >= ?
           UNION SELECT target_id FROM watches WHERE rowid >= ? AND target = 'article'""",
        [seen.fetches, seen.watches],
    ).fetchall()
    return [article for (article,) in found], now


def requests(connection: duckdb.DuckDBPyConnection, seen: Seen) -> dict[int, int]:
    """Return how many requests each article took after ``seen``: its looks and their pages."""
    rows = connection.execute(
        """SELECT f.article_id, count(DISTINCT f.fetch_id) + count(p.fetch_id)
           FROM fetches f LEFT JOIN pages p USING (fetch_id) WHERE f.rowid >= ? GROUP BY ALL""",
        [seen.fetches],
    ).fetchall()
    return dict(rows)


def scheduled(
    connection: duckdb.DuckDBPyConnection, articles: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of ``schedule_list`` of these articles, of all where none are named."""
    if articles is None:
        return select(connection, "FROM schedule_list ORDER BY added_at, article_id")
    return select(
        connection,
        """FROM schedule_list WHERE article_id IN (SELECT unnest(?::UBIGINT[]))
           ORDER BY added_at, article_id""",
        [list(articles)],
    )


def looks(connection: duckdb.DuckDBPyConnection, since: datetime, most: int) -> LookRows:
    """Return what the newest looks since then found, ``most`` at most, oldest first.

    A change is a state never seen before: what returns to an earlier one teaches nothing.
    """
    columns = connection.execute(_LOOKS, [to_column(since), most]).fetchnumpy()

    def of(name: str, kind: type[Any], missing: Any = 0) -> Any:
        return np.ma.filled(columns[name], missing).astype(kind)

    return LookRows(
        of("article_id", np.int64),
        of("start", np.float64),
        of("end", np.float64),
        of("changed_before", np.float64, np.nan),
        of("changes_before", np.int64),
        of("found", np.bool_),
    )


_LOOKS = """
    WITH looks AS (
        SELECT f.article_id, epoch(f.started_at) AS start, v.number IS NOT NULL AS found,
               f.rowid AS place
        FROM fetches f LEFT JOIN versions v
             ON v.fetch_id = f.fetch_id AND v.article_id = f.article_id AND v.number > 1
        WHERE f.outcome IN ('read', 'unchanged') AND f.started_at > ?
    ), intervals AS (
        SELECT article_id, found, start AS "end", lag(start) OVER before AS start,
               max(start) FILTER (found) OVER earlier AS changed_before,
               count(*) FILTER (found) OVER earlier AS changes_before
        FROM looks
        WINDOW before AS (PARTITION BY article_id ORDER BY place),
               earlier AS (PARTITION BY article_id ORDER BY place
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    FROM (FROM intervals WHERE start < "end" ORDER BY "end" DESC LIMIT ?) ORDER BY "end"
"""


def signal_counts(
    connection: duckdb.DuckDBPyConnection, since: datetime
) -> dict[tuple[str, str], tuple[int, int]]:
    """Return, for each host and kind of sign, how many looks it led to, and how many changes."""
    rows = connection.execute(
        """SELECT a.host, f.signal, count(*), count(*) FILTER (f.outcome = 'read')
           FROM fetches f JOIN articles a USING (article_id)
           WHERE f.signal IS NOT NULL AND f.outcome IN ('read', 'unchanged') AND f.started_at > ?
           GROUP BY ALL""",
        [to_column(since)],
    ).fetchall()
    return {(host, signal): (tries, hits) for host, signal, tries, hits in rows}
