"""A DuckDB file: the archive's own tables and views, with only what was selected, or all of it.

It is an archive again: ``storylapse --archive FILE log ADDRESS`` reads it, and DuckDB, pandas and R
do. A selection by period or kind brings the whole histories of the articles that have such a
change: a version cannot be told without the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from store.archive import Archive, open_archive
from store.export.redlines import cut_spans, digest, short
from store.export.scratch import copied, pieces, scratch
from store.selection import HAPPENED, Selection, belonging, condition

_OURS = "article_id IN (FROM picked)"
_OF_SOURCES = "source_id IN (SELECT source_id FROM articles)"
_DIGESTS = " UNION ".join(
    f"SELECT body_digest FROM {table}"  # noqa: S608  (ours)
    for table in ("fetches", "captures", "pages")
)
RULES: dict[str, str | None] = {
    # Which rows of a table without article_id belong to the picked articles; None: it stays here.
    # In the order in which they are filled: each may ask those before it.
    "sources": _OF_SOURCES,
    "polls": _OF_SOURCES,
    "watches": "(target = 'article' AND target_id IN (FROM picked)) OR target_id IN "
    "(SELECT source_id FROM articles WHERE target = 'source')",
    "documents": """document_id IN (SELECT document_id FROM versions
        UNION SELECT document_id FROM fetches UNION SELECT document_id FROM captures
        UNION SELECT document_id FROM readings)""",
    "deliveries": "alert_id IN (SELECT alert_id FROM alerts)",
    "migrations": None,  # the new file's own
    "hosts": None,  # what was learned of hosts, of use to the crawl only
    "robots": None,
    "search_filters": None,  # made again by the first search
    "subscriptions": None,  # with the secrets that hubs sign with
    "rules": None,  # what this instance tells, and what ails it
    "troubles": None,
    "parcels": None,
}
WHOLE_TEXTS: dict[str, str] = {
    # The same for the tables that hold whole texts and pages: only with full text.
    "frames": "frame_id IN (SELECT frame_id FROM documents)",
    "sentences": "sentence_id IN (SELECT sentence_id FROM document_sentences)",
    "bodies": f"""digest IN ({_DIGESTS}) OR digest IN (
        SELECT base_digest FROM source.bodies WHERE digest IN ({_DIGESTS}))""",  # noqa: S608  (ours)
}
CUT: dict[str, dict[str, str]] = {
    # What stands in for whole texts where they were not asked for.
    "documents": {"sentences": "''", "frame_id": "NULL", "notes": "'[]'", "claims": "'{}'"},
    "changes": {
        "old": short("old"),
        "new": short("new"),
        "redline": f"to_json({cut_spans('redline')})::VARCHAR",
    },
    "comparisons": {"spoken": short("spoken")},
    "comments": {"author": "NULL", "text": short("text")},
}


def write(archive: Archive, selection: Selection) -> Iterator[bytes]:
    """Yield a DuckDB file."""
    with scratch(archive) as folder:
        yield from pieces(_selected(copied(archive, folder), selection, folder))


def _selected(source: Archive, selection: Selection, folder: Path) -> Path:
    """Make a file with what was selected; closing it folds its WAL in."""
    made = open_archive(folder / "selected.duckdb", create=True).path
    articles = _articles(source, selection)
    with duckdb.connect(made, config={"threads": 2, "memory_limit": "1GB"}) as connection:
        quoted = str(source.path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS source (READ_ONLY)")
        connection.execute("CREATE TEMP TABLE picked AS SELECT unnest(?::UBIGINT[])", [articles])
        for table, where in _rules(connection, full_text=selection.full_text).items():
            cut = {} if selection.full_text else CUT.get(table, {})
            connection.execute(_insert(table, where, cut))
        if not selection.full_text:
            connection.execute(
                "CREATE TABLE change_digests AS SELECT article_id, new_number, ordinal, "  # noqa: S608
                f"{digest('old')} AS old_sha256, {digest('new')} AS new_sha256 "
                f"FROM source.changes WHERE {_OURS}"
            )
    return made


def _articles(source: Archive, selection: Selection) -> list[int]:
    where, values = belonging(replace(selection, kinds=()), None)
    if selection.kinds or selection.since or selection.until:
        chosen, more = condition(selection)
        where += f" AND article_id IN (SELECT article_id FROM {HAPPENED} WHERE {chosen})"  # noqa: S608  (ours)
        values = [*values, *more]
    rows = source.query(f"SELECT article_id FROM article_list WHERE {where}", values)  # noqa: S608
    return [row["article_id"] for row in rows]


def _rules(connection: duckdb.DuckDBPyConnection, *, full_text: bool) -> dict[str, str]:
    """Return which rows of each table are wanted, in the order in which tables are filled."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_columns() WHERE database_name = 'source' "
        "AND NOT internal AND column_name = 'article_id' "
        "AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE database_name = 'source')"
        "ORDER BY table_name"
    ).fetchall()
    rules = RULES | (WHOLE_TEXTS if full_text else {})
    return {name: _OURS for (name,) in rows} | {
        name: where for name, where in rules.items() if where is not None
    }


def _insert(table: str, where: str, cut: dict[str, str]) -> str:
    replaced = ", ".join(f"{sql} AS {name}" for name, sql in cut.items())
    columns = f"* REPLACE ({replaced})" if replaced else "*"
    return f"INSERT INTO {table} BY NAME SELECT {columns} FROM source.{table} WHERE {where}"  # noqa: S608
