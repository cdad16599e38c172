"""The log beside an archive (DuckDB's WAL): what of it can be read, and setting it aside.

A commit is in the log until a checkpoint folds it into the file. Where the log was damaged, by a
disk or a power cut, DuckDB either refuses to open the file at all, or reads as far as the entries
follow one another and silently drops the rest. Here neither happens: the whole log is moved aside,
never deleted, what stands before the damage is kept in force, and a notice says what that cost.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from store import disk

# Version 2 of the log, as DuckDB 2.0 writes it: a header with 16 numbers that name the file, then
# entries of (size, checksum, content). Another version is left to DuckDB alone.
_HEADER = re.compile(
    rb"\x64\x00\x62\x65\x00\x02\x66\x00\x10(?:[\x80-\xff]?[\x00-\x7f]){16}"
    rb"\x67\x00[\x80-\xff]*[\x00-\x7f]\xff\xff",
    re.DOTALL,
)
_ENTRY = struct.Struct("<QQ")
# The entry that ends a transaction: its size, its checksum, its content, always the same.
_COMMIT = bytes.fromhex("0500000000000000e7fe7d722fed3d5e640064ffff")


def beside(archive: Path) -> Path:
    """Return where the log of an archive lies."""
    return archive.with_name(archive.name + ".wal")


def size(archive: Path) -> int:
    """Return the bytes of an archive's log; 0 where there is none."""
    try:
        return beside(archive).stat().st_size
    except FileNotFoundError:
        return 0


def commits(log: bytes) -> int:
    """Return how many transactions a log, or a part of it, ends."""
    return log.count(_COMMIT)


def unread(log: bytes) -> int:
    """Return how many transactions DuckDB would drop without a word; 0 for a log that is whole.

    A torn end is no damage: a process was killed in a transaction that it never committed.
    """
    return commits(log[_followed(log) :])


def longest(log: bytes, replays: Callable[[bytes], bool]) -> bytes:
    """Return the longest part of a log, from its begin to some commit, that can be replayed."""
    reached = _followed(log)
    ends = [0, *(found.end() for found in re.finditer(re.escape(_COMMIT), log[:reached]))]
    good = bisect_left(ends, x=True, key=lambda end: end > 0 and not replays(log[:end]))
    return log[: ends[good - 1]]


def set_aside(archive: Path, good: bytes, place: Path) -> None:
    """Keep the log of an archive as ``place``; ``good``, where it is not empty, takes its place.

    A process that is killed here leaves the old log in force, or the new one. Raises OSError.
    """
    log = beside(archive)
    disk.keep(log, place)
    if good:
        fresh = log.with_name(log.name + ".new")
        fresh.write_bytes(good)
        disk.sync(fresh)
        fresh.replace(log)
    else:
        log.unlink()


def place_for(archive: Path, now: datetime) -> Path:
    """Return where a log goes that is set aside."""
    first = archive.with_name(f"{archive.name}.wal.unreadable-{now:%Y%m%dT%H%M%SZ}")
    found, number = first, 1
    while found.exists():
        number += 1
        found = first.with_name(f"{first.name}-{number}")
    return found


def leave_notice(place: Path, text: str) -> None:
    """Write beside a log that was set aside what happened, for ``notices`` and for people."""
    place.with_name(place.name + ".txt").write_text(text + "\n", "utf-8")


def unreadable(archive: Path) -> list[Path]:
    """Return the logs of this archive that were set aside, oldest first."""
    found = archive.parent.glob(f"{_plain(archive.name)}.wal.unreadable-*")
    return sorted(file for file in found if file.suffix != ".txt")


def notices(archive: Path) -> Iterator[str]:
    """Yield what happened to the logs of this archive that were set aside, oldest first."""
    for notice in sorted(archive.parent.glob(f"{_plain(archive.name)}.wal.unreadable-*.txt")):
        yield notice.read_text("utf-8").strip()


def _followed(log: bytes) -> int:
    """Return where the entries stop following one another: there DuckDB stops reading."""
    header = _HEADER.match(log)
    if header is None:
        return 0
    end = header.end()
    while end + _ENTRY.size <= len(log):
        length, _ = _ENTRY.unpack_from(log, end)
        if end + _ENTRY.size + length > len(log):
            break
        end += _ENTRY.size + length
    return end


def _plain(name: str) -> str:
    """Return a file name for a pattern in which nothing stands for anything else."""
    return re.sub(r"([*?[])", r"[\1]", name)
