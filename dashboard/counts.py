"""What the pages count: the crawl's last hour, sources, articles, alerts, outlets and hosts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboard.data import LONGEST_LIST, Row, ask, ask_at_leisure, ask_one
from store.rows import to_column

_DECLARING = (
    "('correction','clarification','retraction','editors_note','note_removed','note_edited',"
    "'still_wrong')"
)


def pulse() -> Row:
    """What the crawl did in the last hour: watched articles, checks, found, last_check_at."""
    since = to_column(_hour_ago())
    found = ask_one(
        """SELECT (SELECT count(*) FROM article_list WHERE watching) AS watching,
                  (SELECT max(last_check_at) FROM article_list) AS last_check_at,
                  count(*) AS checks, count(*) FILTER (WHERE detail = 'changed') AS found
           FROM check_list WHERE started_at >= ?""",
        since,
    )
    return found or {"watching": 0, "checks": 0, "found": 0, "last_check_at": None}


def sources() -> list[Row]:
    """Every source, watched ones first."""
    return ask("SELECT * FROM source_list ORDER BY watching DESC, added_at, address")


def newsroom() -> list[str]:
    """The addresses of the practice sources, while they are watched."""
    found = ask("SELECT address FROM source_list WHERE kind = 'newsroom' AND watching")
    return [row["address"] for row in found]


def articles(words: str = "", limit: int = LONGEST_LIST) -> list[Row]:
    """Articles, what changed last first; ``words`` must stand in headline, outlet or address."""
    return ask(
        """SELECT * FROM article_list
           WHERE contains(lower(concat_ws(' ', headline, outlet, address)), lower(?))
           ORDER BY watching DESC, coalesce(last_change_at, added_at) DESC LIMIT ?""",
        words,
        limit,
    )


def alerts(limit: int = LONGEST_LIST) -> list[Row]:
    """Alerts with their deliveries, newest first."""
    return ask("SELECT * FROM alert_list ORDER BY raised_at DESC LIMIT ?", limit)


def outlets() -> list[Row]:
    """Each outlet: articles, changed, checks, versions, corrections, factual, declared, hours.

    ``factual`` counts factual edits of the text, ``declared`` those that a note admits; ``hours``
    is the median time from the first reading to a correction. An article whose only other version
    is held back as noise has not changed.
    """
    return ask_at_leisure(
        f"""WITH edits AS (
              SELECT outlet,
                count(*) FILTER (WHERE kind IN {_DECLARING}) AS corrections,
                count(*) FILTER (WHERE family = 'factual' AND note IS NULL) AS factual,
                count(*) FILTER (WHERE family = 'factual' AND note IS NULL
                                 AND declared_by IS NOT NULL) AS declared,
                median(epoch(seen_first_at - first_read_at) / 3600)
                  FILTER (WHERE kind IN {_DECLARING}) AS hours
              FROM change_list JOIN (SELECT article_id, first_read_at FROM article_list)
                USING (article_id)
              WHERE held_by IS NULL GROUP BY outlet),
            told AS (SELECT DISTINCT article_id, true AS told FROM queue
                     WHERE held_by IS NULL AND old_version <> new_version)
            SELECT a.outlet, count(*) AS articles, count(t.told) AS changed,
                   sum(checks)::BIGINT AS checks, sum(versions)::BIGINT AS versions,
                   coalesce(any_value(e.corrections), 0) AS corrections,
                   coalesce(any_value(e.factual), 0) AS factual,
                   coalesce(any_value(e.declared), 0) AS declared, any_value(e.hours) AS hours
            FROM article_list a LEFT JOIN edits e ON e.outlet = a.outlet
            LEFT JOIN told t USING (article_id)
            GROUP BY a.outlet ORDER BY articles DESC, a.outlet"""  # noqa: S608 (ours)
    )


def first_changes() -> list[Row]:
    """Each article read: outlet, hours until its first change or the last good look, changed."""
    return ask_at_leisure(
        """SELECT a.outlet, c.seen_first_at IS NOT NULL AS changed,
                  epoch(coalesce(c.seen_first_at, a.last_good_at) - a.first_read_at) / 3600 AS hours
           FROM article_list a
           LEFT JOIN (SELECT article_id, min(seen_first_at) AS seen_first_at FROM queue
                      WHERE held_by IS NULL AND old_version <> new_version GROUP BY article_id) c
             USING (article_id)
           WHERE a.first_read_at IS NOT NULL AND a.last_good_at IS NOT NULL"""
    )


def days() -> list[Row]:
    """Each outlet's days with changes: outlet, day, changes, weight (the greatest significance)."""
    return ask_at_leisure(
        """SELECT outlet, date_trunc('day', seen_first_at)::DATE AS day, count(*) AS changes,
                  max(significance) AS weight
           FROM queue WHERE held_by IS NULL GROUP BY ALL ORDER BY outlet, day"""
    )


def repeated(least: int = 3, limit: int = 20) -> list[Row]:
    """Texts that came into several articles of one outlet: outlet, text, articles, when first."""
    return ask_at_leisure(
        """SELECT outlet, new AS text, count(DISTINCT article_id) AS articles,
                  min(seen_first_at) AS seen_first_at
           FROM change_list WHERE new IS NOT NULL AND length(new) > 20
           GROUP BY outlet, new HAVING count(DISTINCT article_id) >= ?
           ORDER BY articles DESC, outlet LIMIT ?""",
        least,
        limit,
    )


def hosts() -> list[Row]:
    """What each host was asked in the last hour: host, articles, looks, failures, last_reason."""
    since = to_column(_hour_ago())
    return ask(
        """SELECT a.host, count(DISTINCT c.article_id) AS articles, count(*) AS looks,
                  count(*) FILTER (WHERE c.outcome IN
                    ('blocked', 'refused', 'unreadable', 'failed')) AS failures,
                  arg_max(c.reason, c.started_at) AS last_reason
           FROM check_list c JOIN article_list a USING (article_id)
           WHERE c.started_at >= ? GROUP BY a.host ORDER BY looks DESC, a.host LIMIT 100""",
        since,
    )


def _hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)
