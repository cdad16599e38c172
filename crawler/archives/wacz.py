"""WACZ: a zip file with WARCs and a list of their digests. Nothing is unpacked to disk."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from crawler.archives.trouble import ArchiveTrouble

MOST_FILES = 10_000
LARGEST_LIST = 16 * 2**20
LARGEST_PACKED = 2**30
"""Bytes a WARC may unpack to where the zip itself packs it; the standard stores it as it is."""
_CHUNK = 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a WACZ. Raises ArchiveTrouble where it is damaged or hostile, also while it is read."""
    try:
        with zipfile.ZipFile(path) as file:
            if len(file.infolist()) > MOST_FILES:
                raise ArchiveTrouble(f"{path} holds more than {MOST_FILES} files; it is not read.")
            yield file
    except _BROKEN as error:
        raise ArchiveTrouble(f"{path} is a damaged WACZ ({error}). Get it again.") from None


def warcs(file: zipfile.ZipFile) -> Iterator[tuple[str, IO[bytes] | str]]:
    """Yield each WARC of a WACZ by its name: open, or why it is not read.

    One is read only where it stands inside the archive folder and matches the digest that the
    WACZ lists for it. Raises ArchiveTrouble for a zip file that is no WACZ.
    """
    digests = _digests(file)
    for info in file.infolist():
        if not info.filename.lower().endswith((".warc", ".warc.gz")):
            continue
        refusal = _refusal(file, info, digests)
        if refusal is not None:
            yield info.filename, refusal
            continue
        with file.open(info) as stream:
            yield info.filename, stream


def _refusal(file: zipfile.ZipFile, info: zipfile.ZipInfo, digests: dict[str, str]) -> str | None:
    parts = PurePosixPath(info.filename).parts
    if parts[:1] != ("archive",) or ".." in parts or "\\" in info.filename:
        return "its name leads out of the archive"
    if info.compress_type != zipfile.ZIP_STORED and info.file_size > LARGEST_PACKED:
        return "it unpacks to more than any honest one"
    stated = digests.get(info.filename)
    if stated is None:
        return "the WACZ lists no digest for it"
    return None if _sha256(file, info) == stated else "it does not match the digest listed for it"


def _sha256(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    digest = hashlib.sha256()
    with file.open(info) as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def _digests(file: zipfile.ZipFile) -> dict[str, str]:
    """Return the digest that datapackage.json lists for each file (WACZ 1.1.1, section 5)."""
    try:
        with file.open("datapackage.json") as listed:
            text = listed.read(LARGEST_LIST + 1)
        resources = json.loads(text[:LARGEST_LIST])["resources"]
        return {str(one["path"]): str(one.get("hash", "")) for one in resources}
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        raise ArchiveTrouble(
            f"{file.filename} is a zip file but no WACZ: it has no list of its files "
            "(datapackage.json) that can be read."
        ) from None
