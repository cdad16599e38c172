"""Rows of another archive, ``theirs``, into this one: facts and acts united, findings carried over.

Everything is named by content, so that rows of one observation are one row wherever they were
kept; only sentences have numbers of their own in each archive. An article of which only one side
has facts that the other lacks keeps that side's findings. Where both do, both histories stand one
behind the other until the article is judged again, so that alerts keep what they point at.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb

from store import uniting_texts
from store.acts import act
from store.rows import insert
from store.united_aliases import Alias, united
from store.uniting_texts import count

# What has no article; and what is of this archive alone: where hubs reach it, and what it makes
# again when somebody searches.
_OF_THE_CRAWL = ("sources", "polls", "hosts", "robots", "forgotten", "aliases")
_LEFT_OUT = (
    "migrations",
    "subscriptions",
    "search_filters",
    "search_places",
    "rules",  # what this instance tells, and what ails it
    "troubles",
    "parcels",
)
# Facts and acts that are only added: the table, and what a row is known by.
_ADDED = {
    "captures": ("capture_id",),
    "pages": ("fetch_id", "number"),
    "comments": ("comment_id",),
    "reviews": ("review_id",),
}
# Rows whose order says what came first: by what they are known, and the moment they tell of.
_IN_ORDER = {
    "fetches": ("article_id", ("fetch_id",), "started_at"),
    "readings": ("article_id", ("fact_id", "extractor"), "read_at"),
    "polls": ("source_id", ("started_at", "part"), "started_at"),
}
# Findings, with their columns that hold the number of a version.
_FINDINGS = {
    "versions": ("number",),
    "comparisons": ("old_number", "new_number"),
    "changes": ("new_number",),
    "notes": ("number",),
    "events": ("version",),
    "passages": ("new_number",),
}
_SUMMARIES = ("article_states", "unjudged")
_WITH_THE_REST = ("articles", "watches", "alerts", "deliveries")
TABLES = frozenset(
    {*_OF_THE_CRAWL, *_LEFT_OUT, *_ADDED, *_IN_ORDER, *_FINDINGS, *_SUMMARIES, *_WITH_THE_REST}
    | {*uniting_texts.TABLES}
)
"""Every table of an archive: one that is in no rule here would be lost."""

_FACTS = """
    SELECT article_id, fetch_id AS fact, '' AS reader FROM {0}.fetches
    UNION ALL SELECT article_id, capture_id, '' FROM {0}.captures
    UNION ALL SELECT article_id, fact_id, extractor FROM {0}.readings
"""


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Unite what is no article's: tombstones, sources with their polls, what hosts asked for."""
    connection.execute(
        """INSERT INTO forgotten SELECT article_id, min(forgotten_at) FROM theirs.forgotten
           WHERE article_id NOT IN (SELECT article_id FROM forgotten)
             AND article_id NOT IN (SELECT article_id FROM articles) GROUP BY article_id"""
    )
    connection.execute(
        """INSERT INTO forgotten SELECT l.article_id, min(f.forgotten_at)
           FROM theirs.aliases l JOIN forgotten f ON f.article_id = l.alias_id
           WHERE l.article_id NOT IN (SELECT article_id FROM forgotten)
             AND l.article_id NOT IN (SELECT article_id FROM articles) GROUP BY l.article_id"""
    )
    connection.execute(
        """INSERT OR REPLACE INTO sources BY NAME
           SELECT t.* REPLACE (coalesce(o.pattern, t.pattern) AS pattern)
           FROM theirs.sources t LEFT JOIN sources o USING (source_id)
           WHERE o.source_id IS NULL OR t.added_at < o.added_at"""
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE renewed AS SELECT DISTINCT source_id AS number "
        "FROM (SELECT source_id, started_at, part FROM theirs.polls "
        "EXCEPT SELECT source_id, started_at, part FROM archive.polls)"
    )
    _in_order(connection, "polls")
    _watches(connection, "target = 'source'")
    _hosts(connection)


def _hosts(connection: duckdb.DuckDBPyConnection) -> None:
    """Be as careful with a host as the more careful of the two."""
    connection.execute(
        """INSERT OR REPLACE INTO hosts BY NAME
           SELECT host, max(asked_at) AS asked_at, max(delay_seconds) AS delay_seconds,
                  max(paused_until) AS paused_until,
                  coalesce(arg_max(pause_reason, paused_until), max(pause_reason)) AS pause_reason,
                  max(failures) AS failures
           FROM (FROM archive.hosts UNION ALL BY NAME FROM theirs.hosts) GROUP BY host"""
    )
    connection.execute(
        """INSERT OR REPLACE INTO robots BY NAME SELECT t.* FROM theirs.robots t
           LEFT JOIN robots o USING (address)
           WHERE o.address IS NULL OR t.answered_at > o.answered_at"""
    )


def articles(connection: duckdb.DuckDBPyConnection, wanted: Sequence[int]) -> dict[str, int]:
    """Take in some articles with all that is theirs; return the new rows by kind.

    Those that were forgotten here stay so.
    """
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE batch AS SELECT unnest(?::UBIGINT[]) AS article_id
           EXCEPT SELECT article_id FROM forgotten""",
        [list(wanted)],
    )
    _compare(connection)
    new = {"articles": _articles(connection)}
    new |= uniting_texts.bring(connection)
    _earlier_comments(connection)
    for table, key in _ADDED.items():
        new[table] = _add(connection, table, key)
    new["checks"] = _in_order(connection, "fetches")
    _in_order(connection, "readings")
    _watches(connection, "target = 'article' AND target_id IN (FROM batch)")
    _findings(connection)
    new["alerts"] = _alerts(connection)
    return {kind: new[kind] for kind in _TOLD}


_TOLD = (
    "articles", "checks", "captures", "documents", "sentences", "bodies", "comments", "alerts",
    "reviews",
)  # fmt: skip


def _compare(connection: duckdb.DuckDBPyConnection) -> None:
    """Say of each article which facts it has on one side alone, and what is to be done with it."""
    ours, theirs = (f"({_FACTS.format(name)})" for name in ("archive", "theirs"))
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE known AS
            WITH ours AS (FROM {ours} WHERE article_id IN (FROM batch)),
                 theirs AS (FROM {theirs} WHERE article_id IN (FROM batch))
            SELECT article_id,
                   article_id IN (SELECT article_id FROM (FROM theirs EXCEPT FROM ours)) AS news,
                   article_id IN (SELECT article_id FROM (FROM ours EXCEPT FROM theirs)) AS own
            FROM batch"""  # noqa: S608  (ours)
    )
    for name, rule in (
        ("renewed", "news"),
        ("copied", "news AND NOT own"),
        ("mixed", "news AND own"),
    ):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS "  # noqa: S608
            f"SELECT article_id AS number FROM known WHERE {rule}"
        )


def _articles(connection: duckdb.DuckDBPyConnection) -> int:
    """Add articles; one that both know is known since, and from where, it was met first."""
    before = count(connection, "articles")
    connection.execute(
        """INSERT OR REPLACE INTO articles BY NAME SELECT t.* FROM theirs.articles t
           LEFT JOIN archive.articles o USING (article_id)
           WHERE t.article_id IN (FROM batch)
             AND (o.article_id IS NULL OR t.added_at < o.added_at)"""
    )
    return count(connection, "articles") - before


def _earlier_comments(connection: duckdb.DuckDBPyConnection) -> None:
    """Take away the comments that the other side saw earlier; its rows come in their place."""
    connection.execute(
        """DELETE FROM comments USING theirs.comments t
           WHERE t.comment_id = comments.comment_id AND t.seen_first_at < comments.seen_first_at
             AND t.article_id IN (FROM batch)"""
    )


def _add(connection: duckdb.DuckDBPyConnection, table: str, key: Sequence[str]) -> int:
    known = " AND ".join(f"o.{name} IS NOT DISTINCT FROM t.{name}" for name in key)
    before = count(connection, table)
    connection.execute(
        f"""INSERT INTO {table} BY NAME SELECT t.* FROM theirs.{table} t
            WHERE t.article_id IN (FROM batch)
              AND NOT EXISTS (FROM archive.{table} o WHERE {known})
            ORDER BY t.rowid"""  # noqa: S608  (ours)
    )
    return count(connection, table) - before


def _in_order(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Write the rows of what is ``renewed`` anew, both sides' in the order of time.

    Each side's keep their own order, whatever a clock that was set back says: a row is as late as
    the latest before it. Returns how many are new.
    """
    owner, key, moment = _IN_ORDER[table]
    before = count(connection, table)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE ordered AS
            SELECT * FROM (
                SELECT *, 0 AS side, rowid AS place FROM archive.{table}
                UNION ALL BY NAME SELECT *, 1 AS side, rowid AS place FROM theirs.{table})
            WHERE {owner} IN (FROM renewed)
            QUALIFY row_number() OVER (PARTITION BY {owner}, {", ".join(key)} ORDER BY side) = 1
            ORDER BY max({moment}) OVER (PARTITION BY {owner}, side ORDER BY place), side, place"""  # noqa: S608
    )
    connection.execute(f"DELETE FROM {table} WHERE {owner} IN (FROM renewed)")  # noqa: S608
    connection.execute(
        f"INSERT INTO {table} BY NAME SELECT * EXCLUDE (side, place) FROM ordered ORDER BY rowid"  # noqa: S608
    )
    connection.execute("DROP TABLE ordered")
    return count(connection, table) - before


def _watches(connection: duckdb.DuckDBPyConnection, rule: str) -> None:
    connection.execute(
        f"""INSERT INTO watches BY NAME SELECT t.* FROM theirs.watches t
            WHERE {rule} AND NOT EXISTS (
                FROM archive.watches o WHERE o.target = t.target AND o.target_id = t.target_id
                AND o.action = t.action AND o.acted_at = t.acted_at)
            ORDER BY t.rowid"""  # noqa: S608  (ours)
    )


# --------------------------------------------------------------------------
# Findings, and what points at versions


def _findings(connection: duckdb.DuckDBPyConnection) -> None:
    """Carry findings over as they are; where both sides judged, theirs are numbered behind ours."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE stood AS SELECT article_id, number, fetch_id FROM versions
           WHERE article_id IN (FROM copied)"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE shifts AS
           SELECT m.number AS article_id, coalesce(max(v.number), 0) AS shift
           FROM mixed m LEFT JOIN versions v ON v.article_id = m.number GROUP BY ALL"""
    )
    for table, numbers in _FINDINGS.items():
        connection.execute(f"DELETE FROM {table} WHERE article_id IN (FROM copied)")  # noqa: S608
        shifted = ", ".join(
            f"(t.{name} + coalesce(shift, 0))::INTEGER AS {name}" for name in numbers
        )
        connection.execute(
            f"""INSERT INTO {table} BY NAME SELECT t.* REPLACE ({shifted}) FROM theirs.{table} t
                LEFT JOIN shifts USING (article_id)
                WHERE t.article_id IN (FROM renewed) ORDER BY t.rowid"""  # noqa: S608
        )
    _summaries(connection)


def _summaries(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM unjudged WHERE article_id IN (FROM copied)")
    connection.execute(
        """INSERT OR REPLACE INTO unjudged FROM mixed
           UNION SELECT article_id FROM theirs.unjudged WHERE article_id IN (FROM copied)"""
    )
    connection.execute(
        """INSERT OR REPLACE INTO article_states BY NAME SELECT * FROM theirs.article_states
           WHERE article_id IN (FROM copied)"""
    )
    connection.execute(
        """UPDATE article_states SET first_body = t.first_body FROM theirs.article_states t
           WHERE article_states.first_body IS NULL AND t.article_id = article_states.article_id
             AND t.article_id IN (FROM mixed)"""
    )


def _alerts(connection: duckdb.DuckDBPyConnection) -> int:
    """Add alerts with what became of them. What was not sent yet is left to who raised it.

    Their versions are those that the same looks brought here.
    """
    connection.execute(
        """UPDATE alerts SET version = v.number
           FROM stood s JOIN versions v USING (article_id, fetch_id)
           WHERE alerts.article_id = s.article_id AND alerts.version = s.number
             AND v.number <> s.number"""
    )
    before = count(connection, "alerts")
    connection.execute(
        """INSERT INTO alerts BY NAME
           SELECT t.* REPLACE (
               coalesce(here.number, t.version) AS version,
               list_filter(t.channels, lambda one: list_contains(coalesce(names, []), one))
                   AS channels)
           FROM theirs.alerts t
           LEFT JOIN (SELECT alert_id, list(DISTINCT channel) AS names FROM theirs.deliveries
                      WHERE outcome = 'sent' GROUP BY alert_id) sent USING (alert_id)
           LEFT JOIN theirs.versions v ON v.article_id = t.article_id AND v.number = t.version
           LEFT JOIN (SELECT article_id, fetch_id, max(number) AS number FROM archive.versions
                      WHERE article_id IN (FROM batch) GROUP BY ALL) here
               ON here.article_id = v.article_id AND here.fetch_id = v.fetch_id
           WHERE t.article_id IN (FROM batch)
             AND t.alert_id NOT IN (SELECT alert_id FROM archive.alerts)
           ORDER BY t.raised_at, t.alert_id"""
    )
    connection.execute(
        """INSERT INTO deliveries BY NAME FROM theirs.deliveries
           WHERE alert_id IN (SELECT alert_id FROM archive.alerts WHERE article_id IN (FROM batch))
           EXCEPT FROM archive.deliveries"""
    )
    return count(connection, "alerts") - before


# --------------------------------------------------------------------------
# At the end


def end(connection: duckdb.DuckDBPyConnection, acted_at: datetime) -> None:
    """Unite what is known of articles that moved: one article, one identity, watched once."""
    known = [
        Alias(*row)
        for name in ("archive", "theirs")
        for row in connection.execute(
            f"SELECT alias_id, article_id, address, seen_first_at FROM {name}.aliases"  # noqa: S608
        ).fetchall()
    ]
    found = connection.execute("SELECT article_id FROM forgotten").fetchall()
    gone = {number for (number,) in found}
    one = united(alias for alias in known if not {alias.alias_id, alias.article_id} & gone)
    rows = [(alias.alias_id, alias.article_id, alias.address, alias.seen_first_at) for alias in one]
    insert(connection, "aliases", rows, replace=True)
    connection.execute(
        "DELETE FROM aliases WHERE alias_id NOT IN (SELECT unnest(?::UBIGINT[]))",
        [[alias.alias_id for alias in one]],
    )
    _watch_once(connection, acted_at)


def _watch_once(connection: duckdb.DuckDBPyConnection, acted_at: datetime) -> None:
    """Watch an article that goes on elsewhere there alone."""
    joined = connection.execute(
        """SELECT l.alias_id, l.article_id, max(w.acted_at) OVER () FROM aliases l
           JOIN watched w ON w.target = 'article' AND w.target_id = l.alias_id AND w.watching"""
    ).fetchall()
    if not joined:
        return
    moment = max(acted_at, joined[0][2].replace(tzinfo=UTC))  # the other machine's clock may lead
    act(connection, "article", sorted({owner for _, owner, _ in joined}), "watch", moment)
    act(connection, "article", sorted(alias for alias, _, _ in joined), "unwatch", moment)
