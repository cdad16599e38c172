"""Decoding of compressed bodies, bounded, and strict about their end.

Scrapy's own middleware returns half a page as a good answer when the stream was cut; to a
tracker that looks like a mass deletion. Here every stream must reach its end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import zstandard

CHUNK_BYTES = 64 * 1024
MOST_CODINGS = 2
"""Most codings taken off one body; real servers send one, nested bombs send many."""

MOST_MEMBERS = 64
"""Most members of one gzip body, frames of a zstd one; every empty one costs a copy of the rest."""

ZSTD_STEP = 128
"""Compressed bytes fed to the zstd reader at once."""
_ZSTD_FRAME = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
"""How a frame begins, or one to be skipped (RFC 8878 3.1)."""

_NO_CODING = frozenset({"", "identity", "none", "utf-8", "utf8", "8bit", "binary"})
"""What servers write where nothing is compressed; browsers pass over it too."""

ACCEPTED = ("gzip", "deflate", "br", "zstd")
"""What is offered to servers in Accept-Encoding."""


class CompressionError(ValueError):
    """A compressed body that cannot be used; ``detail`` is a stable word for it."""

    def __init__(self, detail: str, message: str) -> None:
        super().__init__(message)
        self.detail = detail


def decoded(body: bytes, codings: tuple[str, ...], most: int) -> bytes:
    """Return ``body`` with ``codings`` (in the order they were applied) taken off.

    Raises CompressionError ("cut_short", "too_large" for more than ``most`` bytes,
    "bad_encoding" for anything else).
    """
    wanted = [coding for coding in codings if coding not in _NO_CODING]
    if len(wanted) > MOST_CODINGS:
        raise CompressionError("bad_encoding", "The body is compressed more than twice over.")
    for coding in reversed(wanted):
        decode = _DECODERS.get(coding)
        if decode is None:
            raise CompressionError(
                "bad_encoding", f"The body is compressed as {coding!r:.40}, which is not read here."
            )
        body = decode(body, most)
    return body


def _gathered(more: Callable[[], bytes], most: int) -> bytes:
    """Join what ``more`` returns until it returns nothing."""
    whole = bytearray()
    while piece := more():
        whole += piece
        if len(whole) > most:
            raise CompressionError("too_large", f"The body unpacks to more than {most} bytes.")
    return bytes(whole)


def _cut() -> CompressionError:
    return CompressionError("cut_short", "The compressed body ends before its stream does.")


def _bad(coding: str) -> CompressionError:
    return CompressionError("bad_encoding", f"The body is labelled {coding} and is not.")


def _gunzip(body: bytes, most: int) -> bytes:
    """Unpack all members; rubbish after the last, which browsers pass over too, is dropped."""
    whole, rest = b"", body
    for _ in range(MOST_MEMBERS):
        piece, rest = _inflated(rest, zlib.MAX_WBITS | 16, most - len(whole), "gzip")
        whole += piece
        if rest[:2] != b"\x1f\x8b":
            return whole
    raise _bad("gzip")


def _inflate(body: bytes, most: int) -> bytes:
    """Unpack zlib data, or the raw deflate that some servers send under its name."""
    try:
        return _inflated(body, zlib.MAX_WBITS, most, "deflate")[0]
    except CompressionError as error:
        if error.detail != "bad_encoding":
            raise
    return _inflated(body, -zlib.MAX_WBITS, most, "deflate")[0]


def _inflated(body: bytes, window: int, most: int, coding: str) -> tuple[bytes, bytes]:
    """Return one unpacked stream and the bytes after it."""
    stream = zlib.decompressobj(window)
    fed = [body]

    def more() -> bytes:
        if stream.eof:  # what is fed after the end would be counted as unused a second time
            return b""
        return stream.decompress(fed.pop() if fed else stream.unconsumed_tail, CHUNK_BYTES)

    try:
        whole = _gathered(more, most)
    except zlib.error:
        raise _bad(coding) from None
    if not stream.eof:
        raise _cut()
    return whole, stream.unused_data


def _unbrotli(body: bytes, most: int) -> bytes:
    stream = brotli.Decompressor()
    fed = [body]

    def more() -> bytes:
        if stream.is_finished():
            return b""
        piece: bytes = stream.process(fed.pop() if fed else b"", output_buffer_limit=CHUNK_BYTES)
        return piece

    try:
        whole = _gathered(more, most)
    except brotli.error:
        raise _bad("br") from None
    if not stream.is_finished():
        raise _cut()
    return whole


def _unzstd(body: bytes, most: int) -> bytes:
    """Unpack all frames; rubbish after the last is dropped, as for gzip."""
    whole, rest = b"", body
    for _ in range(MOST_MEMBERS):
        piece, rest = _one_frame(rest, most - len(whole))
        whole += piece
        if not _ZSTD_FRAME.match(rest):
            return whole
    raise _bad("zstd")


def _one_frame(body: bytes, most: int) -> tuple[bytes, bytes]:
    """Return one unpacked frame, nothing for one to skip, and the bytes after it."""
    stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    whole = bytearray()
    try:
        # A block of a few bytes may stand for 128 KiB, so the stream is fed in very small pieces.
        for at in range(0, len(body), ZSTD_STEP):
            whole += stream.decompress(body[at : at + ZSTD_STEP])
            if len(whole) > most:
                raise CompressionError("too_large", f"The body unpacks to more than {most} bytes.")
            if stream.eof:
                return bytes(whole), stream.unused_data + body[at + ZSTD_STEP :]
    except zstandard.ZstdError:
        raise _bad("zstd") from None
    raise _cut()


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
