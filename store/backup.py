"""Copies of the archive: made while everything runs, checked before they are called a backup."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from store import disk
from store.archive import Archive, open_archive
from store.errors import ArchiveError
from store.export.scratch import copied
from store.session import Sessions


def back_up(archive: Archive, place: Path) -> Path:
    """Write a copy of the archive, as it stands now, to ``place``; return it.

    Nobody can write while the file is copied (0.1 s for 130 MB); reading goes on. The copy is
    opened before it gets its name. Raises ArchiveError where ``place`` is taken.
    """
    if place.exists():
        raise ArchiveError(f"{place} is there already. Name another file, or remove it first.")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{place.name}.", dir=place.parent) as folder:
        copy = copied(archive, Path(folder))
        copy.fold_in()
        disk.sync(copy.path)
        copy.path.replace(place)
    return place


def restore(place: Path, backup: Path, now: datetime) -> Path | None:
    """Put a backup in the archive's place; return where the archive before it was moved, if any.

    Raises what ``open_archive`` raises for a backup that is none, ArchiveBusy while ``up`` runs.
    """
    sessions = Sessions(place)
    with tempfile.TemporaryDirectory(prefix=f"{place.name}.", dir=sessions.path.parent) as folder:
        copy = Path(folder) / "restored.duckdb"
        if not backup.is_file():
            raise ArchiveError(f"There is no file {backup}; check its name.")
        shutil.copyfile(backup, copy)
        wal = backup.with_name(f"{backup.name}.wal")
        if wal.exists():  # a copy that was made by hand
            shutil.copyfile(wal, copy.with_name(f"{copy.name}.wal"))
        open_archive(copy).fold_in()
        disk.sync(copy)
        with sessions.alone("up"):
            return sessions.replaced_by(copy, f"{now:%Y%m%dT%H%M%SZ}")
