"""Every page's data over a large archive, in milliseconds.

    python -m benchmarks.pages --articles 100000 --archive /tmp/large.duckdb

Makes the archive where there is none (ten versions and a hundred fetches an article, invented by
SQL), then asks what each page asks, each question from cold, and prints the median and the 95th
percentile. Figures are of this machine and this moment: nothing here asserts them.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store.archive import Archive, open_archive
from store.rows import to_column

_VERSIONS = 10
_FETCHES = 100
_SENTENCES = 40
_REPEATS = 20

# Article i, version v: everything follows from the two numbers, so the archive is always the same.
_STATEMENTS = (
    """INSERT INTO articles SELECT hash(i), 'https://outlet' || i % 60 || '.example/story/' || i,
         'outlet' || i % 60 || '.example', NULL, false, $start FROM range($articles) r(i)""",
    """INSERT INTO watches
         SELECT 'article', hash(i), 'watch', $start, i FROM range($articles) r(i)""",
    """INSERT INTO sentences SELECT i, hash(i), 'Sentence ' || i || ' says that ' || i % 97 ||
         ' people were seen near the river on that day. ' FROM range($articles) r(i)""",
    """INSERT INTO documents SELECT hash(i * 1000 + v), 'bench-1',
         'https://outlet' || i % 60 || '.example/story/' || i,
         'Headline ' || i || ' as of ' || v // 3, NULL, NULL, NULL, NULL, 'en', 'Outlet ' || i % 60,
         [struct_pack(kind := 'paragraph', sentences := list_transform(range($sentences),
            lambda s: CAST((i + s + CASE WHEN s = v THEN 7 ELSE 0 END) % $articles AS INTEGER)),
            links := []::VARCHAR[], hints := []::VARCHAR[])], '[]', '{}'
         FROM range($articles) r(i), range(1, $versions + 1) s(v)""",
    """INSERT INTO versions (article_id, number, fetch_id, document_id, document_print,
         seen_first_at, checked_before_at)
         SELECT hash(i), v, hash(i * 100000 + v * 10), hash(i * 1000 + v), hash(v),
         $start + to_seconds(i * 20 + v * 36000),
         CASE WHEN v > 1 THEN $start + to_seconds(i * 20 + v * 36000 - 900) END
         FROM range($articles) r(i), range(1, $versions + 1) s(v)""",
    """INSERT INTO comparisons SELECT hash(i), v - 1, v, 'changed',
         CASE WHEN (i + v) % 40 = 0 THEN 'correction' WHEN v % 3 = 0 THEN 'headline'
              WHEN (i + v) % 11 = 0 THEN 'changed_without_note' ELSE 'edited' END, [],
         (hash(i * 31 + v) % 1000) / 1000, 'A number went from ' || v || ' to ' || v + 1 || '.',
         CASE WHEN (i + v) % 50 = 7 THEN 'flap' END, 'bench-1', 2, (i + v) % 40 = 0
         FROM range($articles) r(i), range(2, $versions + 1) s(v)""",
    """INSERT INTO changes (article_id, new_number, ordinal, kind, sub_kind, family, old, new,
         redline, facts, note, declared_by, significance, reason)
         SELECT hash(i), v, n, CASE WHEN n = 0 AND (i + v) % 40 = 0
         THEN 'correction' ELSE 'edited' END, NULL, 'factual', 'It was ' || v || ' then.',
         'It is ' || v + 1 || ' now.', '[]',
         '[{"type":"number","old":"' || v || '","new":"' || v + 1
         || '"}]', CASE WHEN n = 0 AND (i + v) % 40 = 0 THEN 0 END, NULL, 0.5 / (n + 1), 'Why.'
         FROM range($articles) r(i), range(2, $versions + 1) s(v), range(2) t(n)""",
    """INSERT INTO fetches (fetch_id, article_id, started_at, finished_at, why, outcome, detail,
         reason, status, final_address, etag, last_modified, body_digest, document_print, extractor,
         headers)
       SELECT hash(i * 100000 + f), hash(i),
         $start + to_seconds(i * 20 + f * 3600), $start + to_seconds(i * 20 + f * 3600 + 1), 'due',
         CASE WHEN f % 10 = 0 THEN 'read' WHEN f % 37 = 5 THEN 'blocked' ELSE 'unchanged' END,
         CASE WHEN f % 10 = 0 THEN 'changed' ELSE 'http_304' END, 'The server answered.', 200, NULL,
         NULL, NULL, NULL, hash(f // 10), 'bench-1', '[]'
         FROM range($fetches) t(f), range($articles) r(i)""",
    """INSERT INTO article_states (article_id, current_version, versions, checks, headline, outlet,
         first_read_at, last_fetch_at, last_outcome, last_detail, last_reason, last_good_at,
         last_change_at, unchanged_streak, failures_streak, removed, gone_streak, confirms)
       SELECT hash(i), $versions, $versions, $fetches, 'Headline ' || i || ' as of 3',
         'Outlet ' || i % 60, $start + to_seconds(i * 20), $start + to_seconds(i * 20 + 356400),
         'unchanged', 'http_304', 'The server answered.', $start + to_seconds(i * 20 + 356400),
         $start + to_seconds(i * 20 + 360000), 5, 0, false, 0, 0 FROM range($articles) r(i)""",
)


def main() -> None:
    """Build where needed, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--archive", type=Path, default=Path("large.duckdb"))
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # Streamlit's caches warn that no page is being drawn
    now = datetime.now(UTC)
    if not given.archive.exists():
        _build(open_archive(given.archive, create=True), given.articles, now)
    os.environ["STORYLAPSE_ARCHIVE"] = str(given.archive)
    print(f"{'page: question':<40}{'median ms':>12}{'p95 ms':>12}")
    for name, ask in _questions(now):
        spent = sorted(_timed(ask) for _ in range(_REPEATS))
        worst = spent[round(0.95 * (len(spent) - 1))]
        print(f"{name:<40}{statistics.median(spent):>12.1f}{worst:>12.1f}")


def _build(archive: Archive, articles: int, now: datetime) -> None:
    values = {
        "articles": articles,
        "versions": _VERSIONS,
        "fetches": _FETCHES,
        "sentences": _SENTENCES,
        # The last article's last version is an hour old.
        "start": to_column(now - timedelta(seconds=articles * 20 + _VERSIONS * 36000 + 3600)),
    }
    with archive._sessions.writing() as connection:  # invented rows, not snapshots
        for statement in _STATEMENTS:
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used)


def _questions(now: datetime) -> Iterator[tuple[str, Callable[[], object]]]:
    from dashboard import counts, data, ranked  # noqa: PLC0415 (imports are not measured)

    week = ranked.Filters(since=now - timedelta(days=7))
    (some,) = data.archive().query("SELECT article, article_id FROM article_list LIMIT 1 OFFSET 77")
    number = some["article_id"]
    everything = ranked.Filters()
    shown = [row["article_id"] for row in ranked.queue(week, now, 41)]
    yield "queue: rows of a week", lambda: ranked.queue(week, now, 41)
    yield "queue: rows of any time", lambda: ranked.queue(everything, now, 41)
    yield "queue: counts", lambda: ranked.queue_counts(week)
    yield "queue: outlets", ranked.outlets_in_queue
    yield "queue: sparks", lambda: ranked.sparks(shown)
    yield "queue: held back", lambda: ranked.held_back(week.since)
    yield "queue: held rows", lambda: ranked.held_rows(week.since)
    yield "every page: pulse", counts.pulse
    yield "articles: list", counts.articles
    yield "articles: words", lambda: counts.articles("Headline 777")
    yield "article: row", lambda: data.article(some["article"])
    yield "article: versions", lambda: data.versions(number)
    yield "article: checks", lambda: data.checks(number)
    yield "article: evidence", lambda: data.evidence(number, 5)
    yield "article: comments", lambda: data.comments(number)
    yield "article: a version's text", lambda: data.archive().document(number, 5)
    yield "outlets: counts", counts.outlets
    yield "outlets: survival", counts.first_changes
    yield "alerts: list", counts.alerts


def _timed(ask: Callable[[], object]) -> float:
    from dashboard import data  # noqa: PLC0415

    data.forget_answers()
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
