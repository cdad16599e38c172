"""Response bodies: once per digest, each packed against the article's first one.

Two fetches of one article share most of their bytes, so the first body serves as the
dictionary of the later ones. A chain is never longer than one, so that one lost row
costs one article at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import duckdb
import zstandard

from store.model import Snapshot

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
    content, size, base = row
    return unpack(content, size, load(connection, base) if base else None)


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
        self._digests = {row[0] for row in _rows(connection, "digest", brought)}
        article_of = {seen.fetch.body_digest: seen.fetch.article_id for seen in batch}
        bases = {
            states[article_of[digest]]["first_body"]
            for digest in (article_of.keys() & brought) - self._digests
            if article_of[digest] in states
        }
        self._bases = {
            digest: unpack(content, size, load(connection, base) if base else None)
            for digest, content, size, base in _rows(
                connection, "digest, content, size, base_digest", bases
            )
        }

    def is_new(self, digest: str) -> bool:
        """Say whether a response is neither kept nor was packed by this batch."""
        return digest not in self._digests

    def packed(self, digest: str, body: bytes, first: str | None) -> tuple[str | None, bytes]:
        """Pack a response against the article's first one; return what it is packed against."""
        self._digests.add(digest)
        base = self._bases.get(first) if first else None
        return (first if base is not None else None), pack(body, base)


def _rows(
    connection: duckdb.DuckDBPyConnection, columns: str, digests: Set[str | None]
) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"SELECT {columns} FROM bodies WHERE digest IN (SELECT unnest(?::VARCHAR[]))",  # noqa: S608
        [[digest for digest in digests if digest is not None]],
    ).fetchall()
