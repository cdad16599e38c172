"""Texts that are kept once and known by a number: sentences, and the frames of documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import duckdb

from store.rows import insert


def digest_of(text: str) -> int:
    """Return the 32 bits by which a kept text is found: the first of its MD5, as SQL makes it.

    Half as wide as what tells two texts apart for certain, so whoever finds one looks at the text.
    """
    whole = hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).digest()
    return int.from_bytes(whole[:4], "big")


def keep(
    connection: duckdb.DuckDBPyConnection, table: str, number: str, texts: Iterable[str]
) -> dict[str, int]:
    """Give each distinct text its number, new ones after the largest so far, and write those.

    ``table`` has the columns ``number`` (by that name), ``digest`` and ``text``. A following
    number goes to a following text, so that what came in together reads as one run.
    """
    digests = {text: digest_of(text) for text in texts}
    numbers = _known(connection, table, number, sorted(set(digests.values())))
    row = connection.execute(f"SELECT coalesce(max({number}), 0) FROM {table}").fetchone()  # noqa: S608
    following = (row[0] if row else 0) + 1
    fresh = []
    for text, digest in digests.items():
        if text not in numbers:
            numbers[text] = following
            fresh.append((following, digest, text))
            following += 1
    insert(connection, table, fresh)
    return numbers


def _known(
    connection: duckdb.DuckDBPyConnection, table: str, number: str, digests: Sequence[int]
) -> dict[str, int]:
    found = connection.execute(
        f"SELECT text, {number} FROM {table} "  # noqa: S608  (names are ours)
        "WHERE digest IN (SELECT unnest(?::UINTEGER[]))",
        [digests],
    ).fetchall()
    return dict(found)


def texts_of(
    connection: duckdb.DuckDBPyConnection, table: str, number: str, wanted: Iterable[int]
) -> dict[int, str]:
    """Return the texts of these numbers, those that are kept."""
    found = connection.execute(
        f"SELECT {number}, text FROM {table} "  # noqa: S608  (names are ours)
        f"WHERE {number} IN (SELECT unnest(?::INTEGER[]))",
        [sorted(wanted)],
    ).fetchall()
    return dict(found)
