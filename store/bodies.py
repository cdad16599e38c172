"""Response bodies: once per digest, each packed against the article's first one.

Two fetches of one article share most of their bytes, so the first body serves as the
dictionary of the later ones. A chain is never longer than one, so that one lost row
costs one article at most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb
import zstandard

from store.model import Snapshot

# Of generated histories of ten and of real pages, level 7 leaves .5 and 6 % more bytes; level 12
# .6 and 2 % fewer, for fifteen and three times the CPU.
_LEVEL = 10


def pack(body: bytes, base: bytes | None) -> bytes:
    """Compress a body, against ``base`` where there is one."""
    shared = _dictionary(base)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, source_size=len(body), dict_size=len(base or b""), write_content_size=True
    )
    packer = zstandard.ZstdCompressor(dict_data=shared, compression_params=parameters)
    return packer.compress(body)


def unpack(content: bytes, size: int, base: bytes | None) -> bytes:
    """Return the body again; ``size`` bounds what a damaged row could grow to."""
    unpacker = zstandard.ZstdDecompressor(dict_data=_dictionary(base))
    return unpacker.decompress(content, max_output_size=size)


def _dictionary(base: bytes | None) -> zstandard.ZstdCompressionDict | None:
    if not base:
        return None
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def load(connection: duckdb.DuckDBPyConnection, digest: str) -> bytes | None:
    """Return a response body by its digest (SHA-256, hex), or None where it is not kept."""
    row = connection.execute(
        "SELECT content, size, base_digest FROM bodies WHERE digest = ?", [digest]
    ).fetchone()
    if row is None:
        return None
    return _unpacked(connection, *row)


class Kept:
    """Which responses of a batch are kept already, and the first ones they are packed against."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        batch: Sequence[Snapshot],
        states: Mapping[int, Mapping[str, Any]],
    ) -> None:
        """``states`` are the summaries of the batch's articles, by article."""
        brought = {
            digest
            for seen in batch
            if seen.body
            for digest in (seen.fetch.body_digest, *(page.body_digest for page in seen.pages))
        }
        firsts = {
            states[seen.fetch.article_id]["first_body"]
            for seen in batch
            if seen.body and seen.fetch.article_id in states
        }
        self._connection = connection
        self._rows = {row[0]: row[1:] for row in _rows(connection, (brought | firsts) - {None})}
        self._digests = set(self._rows)

    def is_new(self, digest: str) -> bool:
        """Say whether a response is neither kept nor was packed by this batch."""
        return digest not in self._digests

    def packed(self, digest: str, body: bytes, first: str | None) -> tuple[str | None, bytes]:
        """Pack a response against the article's first one; return what it is packed against."""
        self._digests.add(digest)
        if first is None or first not in self._rows:
            return None, pack(body, None)
        return first, pack(body, _unpacked(self._connection, *self._rows[first]))


def _unpacked(
    connection: duckdb.DuckDBPyConnection, content: bytes, size: int, base: str | None
) -> bytes:
    return unpack(content, size, load(connection, base) if base else None)


def _rows(
    connection: duckdb.DuckDBPyConnection, digests: Collection[str | None]
) -> list[tuple[Any, ...]]:
    """Return digest, content, size and base of those responses that are kept."""
    if not digests:
        return []
    return connection.execute(
        """SELECT digest, content, size, base_digest FROM bodies
           WHERE digest IN (SELECT unnest(?::VARCHAR[]))""",
        [list(digests)],
    ).fetchall()
