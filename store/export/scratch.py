"""A folder for files under way, a copy of the archive to work on, and a file's bytes in pieces.

What takes long works on a copy: one moment of the archive, and nobody waits meanwhile. The copy
lies beside the archive, since a system's folder for temporary files may be small, or memory; it
lies there only where the archive's own folder cannot be written to.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.archive import Archive, open_archive
from store.errors import ExportError

PIECE = 2**20
"""Bytes of one piece of a file."""
_LOCK = "lock"


@contextmanager
def scratch(archive: Archive) -> Iterator[Path]:
    """Yield an empty folder that is thrown away at the end.

    What exports that were killed left behind goes with it.
    """
    sweep(archive.path)
    parent, prefix = _place(archive.path)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name:
        folder = Path(name)
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def copied(archive: Archive, folder: Path) -> Archive:
    """Return a copy of the archive in ``folder``, as it stands now; one that is there is taken.

    Nobody can write while the file is copied: 0.1 s for 130 MB. Raises ExportError where the disk
    has no room for it.
    """
    copy = folder / "archive.duckdb"
    if not copy.exists():
        with archive.reading():
            files = [archive.path, archive.path.with_name(f"{archive.path.name}.wal")]
            there = [file for file in files if file.exists()]
            _make_room(folder, sum(file.stat().st_size for file in there))
            for file in reversed(there):  # its own name comes last: a copy that has it is whole
                part = folder / "copying"
                shutil.copyfile(file, part)
                part.replace(copy.with_name(copy.name + file.name.removeprefix(archive.path.name)))
    return open_archive(copy)


def _make_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ExportError(
            f"This export works on a copy of the archive, {needed / 1e6:,.0f} MB, and {folder} has "
            f"room for {free / 1e6:,.0f} MB. Make room, or ask for less."
        )


def pieces(file: Path) -> Iterator[bytes]:
    """Yield a file's bytes."""
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def _place(archive: Path) -> tuple[Path, str]:
    """Return where the folders of an archive's exports are, and how their names begin."""
    beside = archive.parent
    parent = beside if os.access(beside, os.W_OK) else Path(tempfile.gettempdir())
    return parent, f"{archive.name}.export-"


def sweep(archive: Path) -> bool:
    """Remove the folders of an archive's exports that no process holds; return if any is held."""
    parent, prefix = _place(archive)
    held = False
    for lock in parent.glob(f"{prefix}*/{_LOCK}"):
        with lock.open("rb") as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                held = True
                continue
            shutil.rmtree(lock.parent, ignore_errors=True)
    return held
