"""Does a bundle still say what it said? Needs no archive: a file, and a reader of pages.

A bundle comes from anywhere, so it is opened within bounds and nothing of it is unpacked to disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from store.compare import compare
from store.errors import StorylapseError
from store.evidence.pack import MANIFEST, SUMS, WACZ, WARC
from store.message import interval
from store.model import Document

LARGEST = 512 * 2**20
"""Bytes a bundle may unpack to: two pages and what was found make a hundredth of it."""
MOST_FILES = 32


@dataclass(frozen=True, slots=True)
class Page:
    """One response in a bundle's WARC; ``seen_at`` is RFC 3339."""

    address: str
    seen_at: str
    content_type: str | None
    body: bytes


Read = Callable[[Sequence[Page]], Document]
"""Reads an article: its pages in order."""

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)


class NotABundle(StorylapseError):
    """The file is no evidence bundle, or too damaged to ask."""


class Answer(StrEnum):
    """What a question to a bundle came to; nothing follows from UNCLEAR."""

    HOLDS = "holds"
    FAILS = "fails"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Finding:
    """One question put to a bundle: its name, the answer, and that in one sentence."""

    name: str
    answer: Answer
    said: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle's files by name, and its statement of facts."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    facts: Mapping[str, Any]


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a bundle. Raises NotABundle for what is none, is damaged, or unpacks to too much."""
    try:
        with zipfile.ZipFile(path) as file:
            listed = file.infolist()
            if len(listed) > MOST_FILES or sum(one.file_size for one in listed) > LARGEST:
                raise NotABundle(f"{path} holds more than a bundle can; it is not read.")
            files = {one.filename: _read(file, one) for one in listed}
    except FileNotFoundError:
        raise NotABundle(f"There is no file {path}; check its name.") from None
    except _BROKEN as error:
        raise NotABundle(f"{path} is a damaged zip file ({error}). Get it again.") from None
    yield Opened(files, _values(path, files, MANIFEST), _values(path, files, "change.json"))


def _read(file: zipfile.ZipFile, listed: zipfile.ZipInfo) -> bytes:
    with file.open(listed) as stream:
        body = stream.read(listed.file_size + 1)
    if len(body) > listed.file_size:
        raise zipfile.BadZipFile(f"{listed.filename} is longer than it states")
    return body


def _values(path: Path, files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        found = json.loads(files[name])
    except KeyError:
        raise NotABundle(f"{path} is no evidence bundle: {name} is missing.") from None
    except (ValueError, RecursionError):
        raise NotABundle(f"{path}: {name} is damaged. Get the bundle again.") from None
    if not isinstance(found, dict):
        raise NotABundle(f"{path}: {name} does not hold what it should. Get the bundle again.")
    return found


def check(bundle: Opened, read: Read) -> Iterator[Finding]:
    """Ask a bundle everything that can be asked of it; ``read`` reads its pages anew."""
    try:
        yield _digests(bundle)
        yield _sums(bundle)
        records = _records(bundle.files.get(WARC, b""))
        yield _responses(bundle, records)
        yield _player(bundle)
        yield _interval(bundle)
        yield from _texts(bundle, records, read)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        yield Finding(
            "facts", Answer.FAILS, f"change.json does not hold what it should ({error!r})."
        )


def _digests(bundle: Opened) -> Finding:
    stated = {one["path"]: one["sha256"] for one in bundle.manifest["files"]}
    loose = set(bundle.files) - set(stated) - {MANIFEST, SUMS}
    wrong = sorted(
        name
        for name, digest in stated.items()
        if name not in bundle.files or _sha256(bundle.files[name]) != digest
    )
    if wrong or loose:
        parts = [f"changed or missing: {', '.join(wrong)}"] if wrong else []
        parts += [f"not listed: {', '.join(sorted(loose))}"] if loose else []
        return Finding(
            "files", Answer.FAILS, f"The files are not those that were listed ({'; '.join(parts)})."
        )
    return Finding(
        "files", Answer.HOLDS, f"All {len(stated)} files have the SHA-256 that {MANIFEST} lists."
    )


def _sums(bundle: Opened) -> Finding:
    lines = bundle.files.get(SUMS, b"").decode("utf-8", "replace").splitlines()
    stated = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    same = all(
        _sha256(body) == stated.get(name) for name, body in bundle.files.items() if name != SUMS
    )
    said = "lists the same digests" if same else f"and {MANIFEST} do not agree"
    return Finding("sums", _answer(same), f"{SUMS} {said}.")


def _records(warc: bytes) -> list[Page]:
    """Return the responses in a WARC; none where one of them is damaged."""
    try:
        return [
            Page(
                record.rec_headers.get_header("WARC-Target-URI"),
                record.rec_headers.get_header("WARC-Date"),
                record.http_headers.get_header("Content-Type"),
                record.content_stream().read(),
            )
            for record in ArchiveIterator(io.BytesIO(warc), check_digests="raise")
            if record.rec_type == "response"
        ]
    except (ArchiveLoadFailed, OSError, EOFError, zlib.error, AttributeError):
        return []


def _responses(bundle: Opened, records: Sequence[Page]) -> Finding:
    stated = [
        (one["address"], one["seen_at"][:19], one["sha256"])
        for side in ("old", "new")
        for one in bundle.facts["sides"][side]["responses"]
    ]
    kept = [(one.address, one.seen_at[:19], _sha256(one.body)) for one in records]
    if stated != kept:
        return Finding(
            "responses", Answer.FAILS, f"{WARC} does not hold the responses that change.json names."
        )
    return Finding(
        "responses",
        Answer.HOLDS,
        f"{WARC} holds the {len(kept)} responses by their address, time and digest.",
    )


def _player(bundle: Opened) -> Finding:
    """The WACZ must hold the very same WARC."""
    try:
        with zipfile.ZipFile(io.BytesIO(bundle.files[WACZ])) as file:
            same = file.read(f"archive/{WARC}") == bundle.files.get(WARC)
    except (*_BROKEN, KeyError):
        same = False
    said = "holds the same responses" if same else f"does not hold the same responses as {WARC}"
    return Finding("player", _answer(same), f"{WACZ} {said}.")


def _interval(bundle: Opened) -> Finding:
    change = bundle.facts["change"]
    before = datetime.fromisoformat(change["checked_before_at"])
    seen = datetime.fromisoformat(change["seen_first_at"])
    old, new = (
        datetime.fromisoformat(bundle.facts["sides"][side]["responses"][0]["seen_at"])
        for side in ("old", "new")
    )
    if old <= before <= seen == new:
        return Finding(
            "interval", Answer.HOLDS, f"{interval(before, seen)}: the times are in order."
        )
    return Finding(
        "interval",
        Answer.UNCLEAR,
        "The times of the looks are not in order: a clock was set back, or they were altered.",
    )


def _texts(bundle: Opened, records: Sequence[Page], read: Read) -> Iterator[Finding]:
    if not records:
        return
    documents = []
    left = list(records)
    for side in ("old", "new"):
        facts = bundle.facts["sides"][side]
        pages, left = left[: len(facts["responses"])], left[len(facts["responses"]) :]
        document = read(pages)
        documents.append(document)
        yield _text(bundle, side, document, facts["read_by"])
    yield _same_change(bundle, documents)


def _text(bundle: Opened, side: str, document: Document, read_by: str) -> Finding:
    kept = bundle.files[f"{side}.txt"].decode("utf-8", "replace")
    if document.text == kept:
        return Finding(
            f"{side} text", Answer.HOLDS, f"Read anew, the {side} response says {side}.txt."
        )
    if document.extractor != read_by:
        return Finding(
            f"{side} text",
            Answer.UNCLEAR,
            f"Read anew, the {side} response says something else than {side}.txt; another "
            f"reader made that ({read_by}; here {document.extractor}).",
        )
    return Finding(
        f"{side} text",
        Answer.FAILS,
        f"Read anew, the {side} response does not say what {side}.txt says.",
    )


def _same_change(bundle: Opened, documents: list[Document]) -> Finding:
    found = compare(*documents)
    told = sorted(
        (change["kind"], change["old"], change["new"])
        for change in bundle.facts["change"]["changes"]
    )
    here = sorted((change.kind.value, change.old, change.new) for change in found.changes)
    if [one[1:] for one in told] == [one[1:] for one in here]:
        return Finding("change", Answer.HOLDS, f"Compared anew, the same is found: {found.reason}")
    return Finding(
        "change",
        Answer.UNCLEAR,
        f"Compared anew, something else is found than was told: {found.reason}",
    )


def _answer(holds: bool) -> Answer:  # noqa: FBT001  (it is what it asks)
    return Answer.HOLDS if holds else Answer.FAILS


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
