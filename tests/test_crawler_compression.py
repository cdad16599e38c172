"""Compressed bodies come out whole, or not at all."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.compression import CompressionError, decoded


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
MOST = 10**6
PAGE = b"".join(b"<p>Line %d of the page.</p>" % n for n in range(4000))


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=3000), st.sampled_from(sorted(PACKERS)))
def test_what_was_packed_comes_out(body: bytes, coding: str) -> None:
    assert decoded(PACKERS[coding](body), (coding,), MOST) == body


def test_raw_deflate_under_the_name_of_deflate_is_read() -> None:
    assert decoded(_raw_deflate(PAGE), ("deflate",), MOST) == PAGE


def test_two_codings_are_taken_off_in_turn() -> None:
    assert decoded(brotli.compress(gzip.compress(PAGE)), ("gzip", "br"), MOST) == PAGE


@pytest.mark.parametrize("coding", sorted(PACKERS))
def test_a_stream_cut_anywhere_is_never_taken_for_a_page(coding: str) -> None:
    packed = PACKERS[coding](PAGE)
    for end in range(1, len(packed), max(1, len(packed) // 97)):
        with pytest.raises(CompressionError) as error:
            decoded(packed[:end], (coding,), MOST)
        assert error.value.detail in {"cut_short", "bad_encoding"}


@pytest.mark.parametrize("coding", sorted(PACKERS))
def test_a_bomb_is_refused_at_the_limit(coding: str) -> None:
    with pytest.raises(CompressionError) as error:
        decoded(PACKERS[coding](b"\0" * (40 * MOST)), (coding,), MOST)
    assert error.value.detail == "too_large"


def test_many_members_count_as_one_body() -> None:
    packed = gzip.compress(PAGE) * 3
    assert decoded(packed, ("gzip",), 3 * len(PAGE)) == PAGE * 3
    with pytest.raises(CompressionError):
        decoded(packed, ("gzip",), len(PAGE) * 2)
    with pytest.raises(CompressionError):
        decoded(gzip.compress(b"") * 100_000, ("gzip",), MOST)


def test_rubbish_after_the_last_member_is_dropped() -> None:
    assert decoded(gzip.compress(PAGE) + b"\0\0\0", ("gzip",), MOST) == PAGE


@pytest.mark.parametrize("codings", [("gzip",) * 3, ("lzma",), ("gzip", "compress")])
def test_codings_that_are_not_read_are_named(codings: tuple[str, ...]) -> None:
    with pytest.raises(CompressionError) as error:
        decoded(gzip.compress(PAGE), codings, MOST)
    assert error.value.detail == "bad_encoding"


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=500), st.sampled_from(sorted(PACKERS)))
def test_any_bytes_end_in_a_body_or_a_named_error(body: bytes, coding: str) -> None:
    try:
        unpacked, detail = decoded(body, (coding,), MOST), ""
    except CompressionError as error:
        unpacked, detail = b"", error.detail
    assert len(unpacked) <= MOST
    assert detail in {"", "cut_short", "bad_encoding", "too_large"}
