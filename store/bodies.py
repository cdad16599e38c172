"""Response bodies: once per digest, each packed against the article's first one.

Two fetches of one article share most of their bytes, so the first body serves as the
dictionary of the later ones. A chain is never longer than one, so that one lost row
costs one article at most.
"""

from __future__ import annotations

import duckdb
import zstandard

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
