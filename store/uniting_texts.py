"""Texts and responses of another archive, ``theirs``: what is new of them, numbered anew here."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from store import bodies, interning
from store.documents import as_runs, in_runs

TABLES = ("documents", "sentences", "frames", "bodies")

_OF_LOOKS = ("fetches", "captures", "readings", "versions")
_DOCUMENTS = " UNION ".join(
    f"SELECT document_id FROM theirs.{table} WHERE article_id IN (FROM batch)"  # noqa: S608
    for table in _OF_LOOKS
)
_BODIES = " UNION ".join(
    f"SELECT body_digest FROM theirs.{table} WHERE article_id IN (FROM batch)"  # noqa: S608
    for table in ("fetches", "captures", "pages")
)


def bring(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Add the documents, sentences and responses of the articles in ``batch`` that are not here.

    Returns how many there are of each.
    """
    before = count(connection, "sentences")
    documents = _documents(connection)
    return {
        "documents": documents,
        "sentences": count(connection, "sentences") - before,
        "bodies": _bodies(connection),
    }


def _documents(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute(
        f"""SELECT document_id, sentences, frame_id FROM theirs.documents
            WHERE document_id IN ({_DOCUMENTS} EXCEPT SELECT document_id FROM archive.documents)
            ORDER BY rowid"""  # noqa: S608  (ours)
    ).fetchall()
    if not rows:
        return 0
    said = {number: list(in_runs(runs)) for number, runs, _ in rows}
    spoken = {sentence for numbers in said.values() for sentence in numbers}
    sentences = _renumbered(connection, "sentences", "sentence_id", spoken)
    framed = {frame for _, _, frame in rows if frame is not None}
    frames = _renumbered(connection, "frames", "frame_id", framed)
    runs = [as_runs([sentences[one] for one in numbers]) for numbers in said.values()]
    connection.execute(
        """INSERT INTO documents BY NAME
           SELECT d.* REPLACE (n.sentences AS sentences, n.frame_id AS frame_id)
           FROM theirs.documents d JOIN (
               SELECT unnest(?::UBIGINT[]) AS document_id, unnest(?::VARCHAR[]) AS sentences,
                      unnest(?::INTEGER[]) AS frame_id) n USING (document_id)
           ORDER BY d.rowid""",
        [list(said), runs, [frames.get(frame) for _, _, frame in rows]],
    )
    return len(rows)


def _renumbered(
    connection: duckdb.DuckDBPyConnection, table: str, number: str, wanted: Collection[int]
) -> dict[int, int]:
    """Keep the texts that are numbered so there; return the numbers that they have here."""
    texts = interning.texts_of(connection, f"theirs.{table}", number, wanted)
    here = interning.keep(connection, table, number, [texts[one] for one in sorted(texts)], {})
    return {there: here[text] for there, text in texts.items()}


def _bodies(connection: duckdb.DuckDBPyConnection) -> int:
    """Add responses, with those that they are packed against."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE packed AS
            SELECT digest, base_digest FROM theirs.bodies WHERE digest IN ({_BODIES})
            AND digest NOT IN (SELECT digest FROM archive.bodies)"""  # noqa: S608  (ours)
    )
    before = count(connection, "bodies")
    connection.execute(
        """INSERT INTO bodies BY NAME SELECT * FROM theirs.bodies
           WHERE digest IN (SELECT unnest([digest, base_digest]) FROM packed)
             AND digest NOT IN (SELECT digest FROM archive.bodies) ORDER BY rowid"""
    )
    _pack_short(connection)
    return count(connection, "bodies") - before


def _pack_short(connection: duckdb.DuckDBPyConnection) -> None:
    """Pack anew what came with a base that is itself packed against another one here."""
    rows = connection.execute(
        """SELECT p.digest, base.base_digest FROM packed p
           JOIN archive.bodies base ON base.digest = p.base_digest
           WHERE base.base_digest IS NOT NULL"""
    ).fetchall()
    for digest, against in rows:
        body, base = bodies.load(connection, digest), bodies.load(connection, against)
        if body is not None and base is not None:
            connection.execute(
                "UPDATE bodies SET content = ?, base_digest = ? WHERE digest = ?",
                [bodies.pack(body, base), against, digest],
            )


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of rows of a table here."""
    row = connection.execute(f"SELECT count(*) FROM archive.{table}").fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])
