"""Searching a generated archive, against ILIKE over the same sentences, in one run.

    python -m benchmarks.search [--articles 25000] [--folder /tmp/search]

Each article has ten versions of 31 sentences, 40 distinct ones in all, of words that are as
unevenly frequent as those of a language (Zipf). Figures are the smallest of three.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from store.archive import Archive, open_archive
from store.filters import catch_up
from store.findable import PARTS, query
from store.search import Wanted
from store.selection import Selection
from store.session import Sessions

VERSIONS = 10
SENTENCES = 40  # distinct ones of an article
VOCABULARY = 200_000

_WORD = f"'w' || floor({VOCABULARY} ** (hash(i * 100 + n) / 18446744073709551616.0))::INTEGER"
_FILL = (
    f"""INSERT INTO sentences SELECT i, hash(i) % 4294967296,
            'Said: ' || array_to_string(list_transform(range(18), lambda n: {_WORD}), ' ') || '. '
        FROM range(1, $1 * {SENTENCES} + 1) t(i)""",
    "INSERT INTO frames VALUES (1, 1, '[[\"paragraph\",31]]')",
    """INSERT INTO articles SELECT a, 'https://n' || a % 50 || '.example/' || a, 'n' || a % 50
            || '.example', NULL, false, TIMESTAMP '2026-01-01' FROM range(1, $1 + 1) t(a)""",
    f"""INSERT INTO documents BY NAME
        SELECT a * 100 + v AS document_id, 'made' AS extractor, '' AS address,
               'Article ' || a || ' of ' || hash(a) % 1000 AS headline,
               first + v || '+' || 31 AS sentences, 1 AS frame_id, '[]' AS notes, '{{}}' AS claims
        FROM (SELECT a, v, (a - 1) * {SENTENCES} AS first
              FROM range(1, $1 + 1) t(a), range(1, {VERSIONS} + 1) u(v)) ORDER BY a, v""",
    f"""INSERT INTO versions BY NAME
        SELECT a AS article_id, v AS number, a * 100 + v AS fetch_id, a * 100 + v AS document_id,
               a * 100 + v AS document_print, TIMESTAMP '2026-01-01' + to_hours(v) AS seen_first_at,
               TIMESTAMP '2026-01-01' + to_hours(v - 1) AS checked_before_at
        FROM range(1, $1 + 1) t(a), range(1, {VERSIONS} + 1) u(v) ORDER BY a, v""",
)
# The sign in w… is the word's rank: how often it occurs falls with it.
QUERIES = {
    "a rare word": ["w198765"],
    "two words of the middle": ["w15000", "w22000"],
    "a common word": ["w7"],
    "two common words": ["w3", "w11"],
    "a word that nobody said": ["unheard"],
}


def main() -> None:
    """Fill an archive, search it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=25_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = _filled((given.folder or Path(folder)) / "search.duckdb", given.articles)
        _measure(archive, given.articles)


def _filled(place: Path, articles: int) -> Archive:
    place.unlink(missing_ok=True)
    archive = open_archive(place, create=True)
    with Sessions(place).writing() as connection:
        for statement in _FILL:
            connection.execute(statement, [articles] if "$1" in statement else [])
    archive.fold_in()
    return archive


def _measure(archive: Archive, articles: int) -> None:
    before = archive.path.stat().st_size
    started = time.process_time()
    catch_up(Sessions(archive.path), lambda _done, _known: None)
    made = time.process_time() - started
    archive.fold_in()
    bits = " + ".join(f"octet_length(part_{part})" for part in range(PARTS))
    (size,) = archive.query(
        f"""SELECT coalesce(sum({bits}), 0) AS filters,
                   (SELECT count(*) FROM search_places) AS places FROM search_filters"""
    )
    versions = articles * VERSIONS
    grown = archive.path.stat().st_size - before
    print(
        f"{versions:,} versions, {articles * SENTENCES:,} sentences, "
        f"{before / versions:.0f} bytes a version"
    )
    print(f"filters made: {made:.1f} s CPU, {1e6 * made / versions:.0f} µs a version")
    print(
        f"kept: {grown / versions:.1f} bytes a version ({size['filters'] / versions:.1f} of "
        f"filters, {size['places'] / versions:.2f} rows of places)"
    )
    print(f"{'query':28}{'hits':>6}{'ms':>10}{'ILIKE ms':>10}{'ratio':>8}")
    for name, phrases in QUERIES.items():
        hits, ours = _best(lambda phrases=phrases: _search(archive, phrases))  # type: ignore[misc]
        _, theirs = _best(lambda phrases=phrases: _ilike(archive, phrases))  # type: ignore[misc]
        print(f"{name:28}{hits:6}{1e3 * ours:10.0f}{1e3 * theirs:10.0f}{ours / theirs:8.2f}")


def _best(run: Callable[[], int]) -> tuple[int, float]:
    times, hits = [], 0
    for _ in range(3):
        started = time.perf_counter()
        hits = run()
        times.append(time.perf_counter() - started)
    return hits, min(times)


def _search(archive: Archive, phrases: list[str]) -> int:
    wanted = Wanted(query(phrases), Selection())
    return len(list(itertools.islice(archive.search(wanted, lambda _done, _known: None), 50)))


def _ilike(archive: Archive, phrases: list[str]) -> int:
    where = " AND ".join(["text ILIKE ?"] * len(phrases))
    found = archive.query(
        f"SELECT sentence_id FROM sentences WHERE {where} ORDER BY sentence_id DESC LIMIT 50",
        [f"% {phrase} %" for phrase in phrases],
    )
    return len(found)


if __name__ == "__main__":
    main()
