"""Files on the disk: kept under a second name, written for good, and the room that is left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

RESERVE_BYTES = 200 * 2**20
"""Below it the crawl pauses: what is under way, and folding the log in, must still find room."""


def keep(file: Path, place: Path) -> None:
    """Give a file a second name; where the file system knows no links, make it a copy there.

    Raises OSError.
    """
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)
        sync(place)


def sync(file: Path) -> None:
    """Return once the disk has what was written to a file. Raises OSError."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def free_bytes(folder: Path) -> int:
    """Return how much can still be written under ``folder``. Raises OSError."""
    return shutil.disk_usage(folder).free


def trouble(file: Path) -> str | None:
    """Say in one sentence why no new work should be begun on a file that grows, or return None."""
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)):
        return f"{file} cannot be written to: the disk is read-only, or the rights are missing."
    free = free_bytes(file.parent)
    if free < RESERVE_BYTES:
        return (
            f"Only {free / 2**20:.0f} MiB are free under {file.parent}, and "
            f"{RESERVE_BYTES / 2**20:.0f} MiB are kept free."
        )
    return None
