"""WARC files, record by record: warcio reads, we bound, and a damaged record costs itself alone.

In a file packed a record at a time (.warc.gz, as the standard asks for) reading goes on with the
next record; in an unpacked file with a wrong length nobody can know where the next one begins.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader
from warcio.recordloader import ArcWarcRecordLoader

from crawler.archives.reading import bounded_headers
from crawler.archives.trouble import ArchiveTrouble, Unusable
from crawler.compression import CompressionError, decoded

LARGEST_HEAD = 8 * 2**20
"""Bytes unpacked until a record's headers have ended: two blocks of a well-packed one."""
LARGEST_RECORD = 2 * 2**30
"""Bytes one record may unpack to; films are smaller, and bombs end here."""
_BLOCK = 4096  # packed bytes unpacked at once: 4 MiB at the worst
_CHUNK = 64 * 1024
_CHUNKED = re.compile(rb"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]{0,200})?\r\n")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[a-zA-Z!?]")
_MARK = b"WARC/"
_BLANK_LINES = 2  # that end a record: where they stand, its length was right
_LONGEST_LINE = 64 * 1024
_LOADER = ArcWarcRecordLoader(verify_http=True, arc2warc=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer out of a WARC, as it came over the wire; a revisit only names its digest."""

    address: str
    captured_at: datetime
    record_id: str | None
    digest: str | None
    status: int
    headers: tuple[tuple[str, str], ...]
    wire: bytes | None

    def header(self, name: str) -> str:
        """Return a header of the answer in lower case, or nothing."""
        named = (value.lower() for key, value in self.headers if key.lower() == name)
        return next(named, "")


class _Reader(DecompressingBufferedReader):  # type: ignore[misc]  # warcio is untyped
    """Unpacks no more than it is allowed, and says so where warcio prints and goes on."""

    allowed = 0

    def _process_read(self, data: bytes) -> None:
        super()._process_read(data)
        if data:
            self.allowed -= self.buff_size
            if self.allowed < 0:
                raise ArchiveTrouble(
                    "A record unpacks to more than any honest one; the rest was not read."
                )

    def _decompress(self, data: bytes) -> Any:
        if self.decompressor is None or self.num_block_read == 0:
            return super()._decompress(data)
        try:
            return self.decompressor.decompress(data)
        except zlib.error:
            raise ArchiveTrouble(
                "The packed data of a record is damaged; what follows was not read."
            ) from None

    @property
    def is_packed(self) -> bool:
        """Whether the file is packed, which shows at its first bytes."""
        return self.decompressor is not None


def pages(file: IO[bytes], most_bytes: int) -> Iterator[Page | Unusable]:
    """Yield each response and revisit of a WARC file, or why one cannot be used.

    A body of more than ``most_bytes`` cannot. Raises ArchiveTrouble where nothing more of the
    file can be read.
    """
    reader = _Reader(file, block_size=_BLOCK)
    reader.allowed = LARGEST_HEAD
    line, _ = _line(reader)
    if not line.startswith(_MARK):
        raise ArchiveTrouble("The file is no WARC: it does not begin with a WARC record.")
    while line:
        found = _found(reader, line, most_bytes)
        line, blank = _line(reader)
        is_lost = bool(line) and not line.startswith(_MARK)
        if is_lost and blank < _BLANK_LINES and not isinstance(found, Unusable):
            found = Unusable("wrong_length", "A record is longer than it says.")
        if found is not None:
            yield found
        if is_lost:
            if not reader.is_packed:
                raise _lost()
            _drain(reader)
        line = _next_member(reader) if is_lost or not line else line
    if reader.is_packed and not reader.decompressor.eof:
        yield Unusable("cut_short", "The file ends in the middle of a record.")


def _lost() -> ArchiveTrouble:
    return ArchiveTrouble(
        "A record has a wrong length, and nobody can say where the next one begins; "
        "what follows was not read."
    )


def _line(reader: _Reader) -> tuple[bytes, int]:
    """Return the next line that is not blank, or nothing at the end of the file or member.

    With it comes the number of blank lines before it.
    """
    blank = 0
    while True:
        line: bytes = reader.readline(_LONGEST_LINE)
        if line.strip() or not line:
            return line, blank
        blank += 1


def _drain(stream: Any) -> int:
    """Read to the end; return how many bytes that were."""
    count = 0
    while piece := stream.read(_CHUNK):
        count += len(piece)
    return count


def _next_member(reader: _Reader) -> bytes:
    """Return the first line of the next packed record, or nothing at the end of the file."""
    while reader.is_packed:
        if not reader.read_next_member():
            reader._fillbuff()
            if not reader.read_next_member():
                return b""
        reader.allowed = LARGEST_HEAD
        line, _ = _line(reader)
        if line and not line.startswith(_MARK):
            raise _lost()
        if line:
            return line
    return b""


def _found(reader: _Reader, line: bytes, most_bytes: int) -> Page | Unusable | None:
    """Return what one record holds, read to its end; None where it is no answer of a server."""
    try:
        return _parsed(reader, line, most_bytes)
    except ArchiveTrouble:
        raise
    except Unusable as error:
        return error
    except Exception as error:  # noqa: BLE001 - what warcio raises on hostile bytes: one record
        if reader.is_packed:
            _drain(reader)
        return Unusable("damaged", f"A record cannot be read ({type(error).__name__}).")


def _parsed(reader: _Reader, line: bytes, most_bytes: int) -> Page | None:
    record = _LOADER.parse_record_stream(reader, line, "warc", check_digests=True)
    reader.allowed = LARGEST_RECORD
    wire = _payload(record, most_bytes)
    if record.rec_type not in {"response", "revisit"}:
        return None
    if record.digest_checker.passed is False:
        raise Unusable("digest", "A record's bytes do not match its digest.")
    return _page_of(record, wire)


def _payload(record: Any, most_bytes: int) -> bytes:
    """Return the record's payload, read to its end."""
    if record.length is None:
        raise Unusable("damaged", "A record does not say how long it is.")
    wire = record.raw_stream.read(most_bytes + 1)
    count = len(wire) + _drain(record.raw_stream)
    if count < record.payload_length:
        raise Unusable("cut_short", "A record ends before the length it states.")
    if count > most_bytes and record.rec_type == "response":
        raise Unusable("too_large", f"A record's page is larger than {most_bytes} bytes.")
    return bytes(wire)


def _page_of(record: Any, wire: bytes) -> Page:
    named = record.rec_headers.get_header
    headers = record.http_headers.headers if record.http_headers else ()
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    if not status.isascii() or not status.isdigit():
        raise Unusable("damaged", "A record's answer has no status.")
    return Page(
        address=named("WARC-Target-URI") or "",
        captured_at=_moment(named("WARC-Date") or ""),
        record_id=named("WARC-Record-ID"),
        digest=named("WARC-Payload-Digest"),
        status=int(status[:3]),
        headers=bounded_headers((name, value or "") for name, value in headers),
        wire=None if record.rec_type == "revisit" else wire,
    )


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise _undated() from None
    if moment.tzinfo is None:
        raise _undated()
    return moment


def _undated() -> Unusable:
    return Unusable("no_date", "A record does not say when it was captured.")


def unpacked(page: Page, most_bytes: int) -> bytes:
    """Return a response's body with its transfer and content codings taken off.

    Many writers of WARC files take them off themselves and leave the headers as they were.
    Raises Unusable.
    """
    wire = page.wire or b""
    if "chunked" in page.header("transfer-encoding") and _CHUNKED.match(wire):
        try:
            wire = ChunkedDataReader(BytesIO(wire), raise_exceptions=True).read()
        except Exception:  # noqa: BLE001 - warcio has its own exception, and asserts
            raise Unusable("cut_short", "A page's chunks end before it is whole.") from None
    codings = tuple(one.strip() for one in page.header("content-encoding").split(","))
    try:
        return decoded(wire, codings, most_bytes)
    except CompressionError as error:
        if error.detail == "bad_encoding" and _MARKUP.match(wire):
            return wire
        raise Unusable(error.detail, str(error)) from None
