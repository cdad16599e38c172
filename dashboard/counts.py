"""What the pages count: the crawl's last hour, sources, articles, alerts, outlets and hosts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboard.data import LONGEST_LIST, Row, ask, ask_at_leisure, ask_one, spans
from store.rows import to_column

_DECLARING = (
    "('correction','clarification','retraction','editors_note','note_removed','note_edited',"
    "'still_wrong')"
)

MOST_OUTLETS = 24
"""Small multiples on one page; the table holds all outlets."""


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
    """Articles, what changed last first; ``words`` must stand in headline, outlet or address.

    ``last_change_at`` is of the last change that was told, None where there was none: what is held
    back, as a headline that flips to and fro, is no change to a reader.
    """
    return ask(
        """WITH told AS (
             SELECT article_id, max(seen_first_at) AS last_change_at FROM ranking
             WHERE held_by IS NULL AND old_version <> new_version GROUP BY article_id),
           shown AS MATERIALIZED (  -- all that is shown is read of these alone
             SELECT article_id, told.last_change_at
             FROM article_list LEFT JOIN told USING (article_id)
             WHERE ? = '' OR contains(lower(concat_ws(' ', headline, outlet, address)), lower(?))
             ORDER BY watching DESC, coalesce(told.last_change_at, added_at) DESC LIMIT ?)
           SELECT a.* REPLACE (shown.last_change_at AS last_change_at)
           FROM article_list a JOIN shown USING (article_id)
           ORDER BY watching DESC, coalesce(shown.last_change_at, added_at) DESC""",
        words,
        words,
        limit,
    )


def alerts(limit: int = LONGEST_LIST) -> list[Row]:
    """Alerts with their deliveries, newest first."""
    return ask("SELECT * FROM alert_list ORDER BY raised_at DESC LIMIT ?", limit)


def raised() -> int:
    """How many alerts there are in all."""
    found = ask_one("SELECT count(*) AS alerts FROM alert_list")
    return int(found["alerts"]) if found else 0


def outlets() -> list[Row]:
    """Each outlet: articles, changed, checks, versions, corrections, factual, declared, hours.

    ``factual`` counts factual edits of the text, ``declared`` those that a note admits; ``hours``
    is the median time from the first reading to a correction. An article whose only other version
    is held back as noise has not changed.
    """
    return ask_at_leisure(
        f"""WITH known AS MATERIALIZED (
              SELECT article_id, outlet, first_read_at, checks, versions FROM article_list),
            told AS (
              SELECT article_id, true AS told, sum(factual) AS factual, sum(admitted) AS declared
              FROM ranking WHERE held_by IS NULL AND old_version <> new_version
              GROUP BY article_id),
            corrected AS (
              SELECT outlet, count(*) AS corrections,
                median(epoch(seen_first_at - first_read_at) / 3600) AS hours
              FROM changes JOIN known USING (article_id)
              ANTI JOIN (SELECT article_id, new_version AS new_number FROM ranking
                         WHERE held_by IS NOT NULL AND old_version <> new_version) held
                USING (article_id, new_number)
              WHERE kind IN {_DECLARING} GROUP BY outlet)
            SELECT outlet, count(*) AS articles, count(told) AS changed,
                   sum(checks)::BIGINT AS checks, sum(versions)::BIGINT AS versions,
                   coalesce(any_value(corrections), 0) AS corrections,
                   coalesce(sum(factual), 0)::BIGINT AS factual,
                   coalesce(sum(declared), 0)::BIGINT AS declared, any_value(hours) AS hours
            FROM known LEFT JOIN told USING (article_id) LEFT JOIN corrected USING (outlet)
            GROUP BY outlet ORDER BY articles DESC, outlet"""  # noqa: S608 (ours)
    )


def first_changes() -> list[Row]:
    """How long articles stood unchanged: outlet, hours, changed, and how many articles did so.

    ``hours`` are those until the first change, or else until the last good look, to 4 % (a
    sixteenth of a doubling). The outlets are those with most articles; all others are None.
    """
    return ask_at_leisure(
        """WITH stood AS MATERIALIZED (
             SELECT outlet, c.seen_first_at IS NOT NULL AS changed,
               epoch(coalesce(c.seen_first_at, a.last_good_at) - a.first_read_at) / 3600 AS hours
             FROM article_list a
             LEFT JOIN (SELECT article_id, min(seen_first_at) AS seen_first_at FROM ranking
                        WHERE held_by IS NULL AND old_version <> new_version GROUP BY article_id) c
               USING (article_id)
             WHERE a.first_read_at IS NOT NULL AND a.last_good_at IS NOT NULL),
           named AS (SELECT outlet FROM stood GROUP BY outlet ORDER BY count(*) DESC, outlet
                     LIMIT ?)
           SELECT CASE WHEN outlet IN (FROM named) THEN outlet END AS outlet, changed,
             CASE WHEN hours > 0 THEN pow(2, round(16 * log2(hours)) / 16) ELSE 0 END AS hours,
             count(*) AS articles
           FROM stood GROUP BY ALL ORDER BY 1, 3""",
        MOST_OUTLETS,
    )


def days() -> list[Row]:
    """Outlets' days with changes: outlet, day, changes, weight (the greatest significance).

    Of the year up to the last change, and of the outlets with most changes.
    """
    return ask_at_leisure(
        """WITH known AS MATERIALIZED (SELECT article_id, outlet FROM article_list),
           daily AS MATERIALIZED (
             SELECT outlet, seen_first_at::DATE AS day, count(*) AS changes,
                    max(significance) AS weight
             FROM ranking JOIN known USING (article_id)
             WHERE held_by IS NULL AND seen_first_at >=
               (SELECT max(seen_first_at) FROM ranking) - INTERVAL 1 YEAR GROUP BY ALL)
           SELECT * FROM daily WHERE outlet IN (
             SELECT outlet FROM daily GROUP BY outlet ORDER BY sum(changes) DESC, outlet LIMIT ?)
           ORDER BY outlet, day""",
        MOST_OUTLETS,
    )


def correction_ages() -> list[Row]:
    """How old articles were when their outlet owned up: outlet, hours (to 9 %), corrections."""
    return ask_at_leisure(
        f"""SELECT outlet, pow(2, round(8 * log2(greatest(hours, 0.001))) / 8) AS hours,
                   count(*) AS corrections
            FROM (SELECT outlet, epoch(seen_first_at - first_read_at) / 3600 AS hours
                  FROM ranking JOIN article_list USING (article_id)
                  WHERE held_by IS NULL AND kind IN {_DECLARING} AND first_read_at IS NOT NULL
                    AND old_version <> new_version)
            GROUP BY ALL ORDER BY outlet, hours"""  # noqa: S608 (ours)
    )


def repeated(least: int = 3, limit: int = 20) -> list[Row]:
    """Texts that came into several articles of one outlet: outlet, text, articles, when, words.

    ``words`` are what of it is new, by which the queue finds its changes. Of the 30 days up to
    the last change: what is said everywhere comes about at once.
    """
    rows = ask_at_leisure(
        """WITH late AS (SELECT article_id, new, seen_first_at, rowid AS place
                    FROM changes WHERE seen_first_at >=
                        (SELECT max(seen_first_at) FROM ranking) - INTERVAL 30 DAY),
           often AS (SELECT new FROM late WHERE length(new) > 20
                     GROUP BY new HAVING count(*) >= ?)
           SELECT outlet, text, articles, first AS seen_first_at, redline
           FROM (SELECT outlet, new AS text, count(DISTINCT article_id) AS articles,
                        min(seen_first_at) AS first, min(place) AS place
                 FROM late JOIN article_list USING (article_id) WHERE new IN (FROM often)
                 GROUP BY outlet, new HAVING count(DISTINCT article_id) >= ?
                 ORDER BY articles DESC, outlet LIMIT ?)
           JOIN changes ON changes.rowid = place ORDER BY articles DESC, outlet""",
        least,
        least,
        limit,
    )
    return [
        {name: value for name, value in row.items() if name != "redline"}
        | {"words": _new_words(row["redline"]) or row["text"]}
        for row in rows
    ]


def _new_words(redline: str) -> str:
    """The longest run that is new in a redline."""
    return max((span.text for span in spans(redline) if span.op == "added"), key=len, default="")


def hosts() -> list[Row]:
    """What each host was asked in the last day: host, articles, looks, last_hour, failures,
    last_reason, and where it rests paused_until and pause_reason.
    """
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    day, hour = to_column(now - timedelta(days=1)), to_column(now - timedelta(hours=1))
    return ask(
        """SELECT a.host, count(DISTINCT c.article_id) AS articles,
                  sum(c.pages)::BIGINT AS looks,
                  coalesce(sum(c.pages) FILTER (c.started_at >= ?), 0)::BIGINT AS last_hour,
                  count(*) FILTER (c.outcome IN
                    ('blocked', 'refused', 'unreadable', 'failed')) AS failures,
                  arg_max(c.reason, c.started_at) AS last_reason,
                  any_value(h.paused_until) AS paused_until,
                  any_value(h.pause_reason) AS pause_reason,
                  any_value(h.delay_seconds) AS delay_seconds
           FROM check_list c JOIN article_list a USING (article_id)
           LEFT JOIN host_list h USING (host)
           WHERE c.started_at >= ? GROUP BY a.host ORDER BY looks DESC, a.host LIMIT 100""",
        hour,
        day,
    )


def _hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)
