"""Make a large archive in bulk, for measuring: the same every time, in a folder of your choice.

    python -m benchmarks.large_archive FOLDER [--articles 100000] [--versions 10] [--looks 10]

Articles of a language that nobody speaks, about 3 kB each, edited a sentence or two at a time,
with ten looks at every version; nothing of it is from anywhere. It is written by the statements
of ``large_archive.sql``, not through the crawl: a million versions take minutes instead of days.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from store.archive import Archive, open_archive
from store.rows import to_column

SQL = Path(__file__).with_suffix(".sql")
PART = 5000  # articles at a time: bounds the memory
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
PERIOD = timedelta(days=365)
LASTS = timedelta(days=1)  # from an article's first version to its last, about


def main() -> None:
    """Make one where the user says."""
    parser = argparse.ArgumentParser(prog="benchmarks.large_archive")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--versions", type=int, default=10, help="of each article")
    parser.add_argument("--looks", type=int, default=10, help="at each version")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    made = make(
        arguments.folder / "large.duckdb",
        arguments.articles,
        versions=arguments.versions,
        looks=arguments.looks,
    )
    print(made.path)


def make(
    place: Path, articles: int, *, versions: int = 10, looks: int = 10, until: datetime = UNTIL
) -> Archive:
    """Make an archive of the year before ``until`` and return it."""
    archive = open_archive(place, create=True)
    since = to_column(until - PERIOD - LASTS)
    step = PERIOD.total_seconds() / articles
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute(f"SET temp_directory='{place.parent}'")
        connection.execute(f"ATTACH '{place}' AS archive")
        connection.execute("USE archive")
        values = {"since": since, "step": step, "versions": versions, "looks": looks}
        for first in range(0, articles, PART):
            values |= {"first": first, "last": min(first + PART, articles)}
            _fill(connection, values)
            print(f"{values['last']:,} of {articles:,} articles", file=sys.stderr, flush=True)
        connection.execute(_SOURCES, [since])
    return archive


_SOURCES = """INSERT INTO sources BY NAME
    SELECT hash(host) >> 1 AS source_id, 'feed' AS kind, 'https://' || host || '/feed' AS address,
           ?::TIMESTAMP AS added_at
    FROM (SELECT DISTINCT host FROM articles) ORDER BY host"""


def _fill(connection: duckdb.DuckDBPyConnection, values: dict[str, object]) -> None:
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute("BEGIN")
    connection.execute(SQL.read_text("utf-8"))
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT archive")


if __name__ == "__main__":
    main()
