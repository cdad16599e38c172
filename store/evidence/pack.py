"""One zip file that anybody can open: the responses as WARC and WACZ, findings, digests."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from pathlib import Path

import wacz.main
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from store.evidence.gather import Evidence, Response, Side
from store.message import moment, one_line, redline, spans_of
from store.model import Comparison
from store.rows import to_column

WARC, WACZ = "responses.warc.gz", "responses.wacz"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"

# Said of the bytes on the wire; the body is kept as it was decoded. The names are those that
# crawlers give to headers that no longer describe the record.
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_REASONS = {200: "OK", 203: "Non-Authoritative Information", 206: "Partial Content"}


def pack(evidence: Evidence, comparison: Comparison, report: bytes, made_at: datetime) -> bytes:
    """Return the bundle: a zip file whose every file is listed with its SHA-256.

    ``comparison`` is that of the two texts, ``report`` the same as a page for people (HTML).
    """
    warc = _warc(evidence)
    files = {
        "redline.html": report,
        "redline.txt": _plain(comparison).encode(),
        "old.txt": evidence.old.document.text.encode("utf-8", "replace"),
        "new.txt": evidence.new.document.text.encode("utf-8", "replace"),
        "change.json": _json(evidence.facts),
        WARC: warc,
        WACZ: _wacz(warc, evidence),
    }
    files = {"README.txt": _readme(evidence, made_at).encode(), **files}
    files[MANIFEST] = _manifest(files, made_at)
    files[SUMS] = "".join(f"{_sha256(body)}  {name}\n" for name, body in files.items()).encode()
    return _zipped(files, made_at)


# --------------------------------------------------------------------------
# The responses


def _warc(evidence: Evidence) -> bytes:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    about = {
        "software": f"Storylapse {metadata.version('storylapse')}",
        "format": "WARC File Format 1.0",
        "description": "The responses that showed a news article before and after a change. "
        "Bodies are as decoded; headers of the wire are renamed X-Archive-Orig-….",
    }
    writer.write_record(writer.create_warcinfo_record(WARC, about))
    for side in (evidence.old, evidence.new):
        for response in side.responses:
            _write(writer, side, response)
    return stream.getvalue()


def _write(writer: WARCWriter, side: Side, response: Response) -> None:
    line = f"{response.status} {_REASONS.get(response.status, 'Other')}"
    http = StatusAndHeaders(line, _headers(response), protocol="HTTP/1.1")
    said = {
        "version": side.version,
        "seen_by": side.captured_by or "Storylapse",
        "sha256": response.sha256,
        "read_by": side.document.extractor,
    }
    record = writer.create_warc_record(
        response.address,
        "response",
        payload=io.BytesIO(response.body),
        length=len(response.body),
        http_headers=http,
        # As a header of its own record: a player would take a second record for the newest page.
        warc_headers_dict={
            "WARC-Date": _stamp(response.seen_at),
            "WARC-JSON-Metadata": json.dumps(said),
        },
    )
    writer.write_record(record)


def _headers(response: Response) -> list[tuple[str, str]]:
    kept = [
        (f"X-Archive-Orig-{name}" if name.lower() in _OF_THE_WIRE else name, _line(value))
        for name, value in response.headers
    ]
    return [*kept, ("Content-Length", str(len(response.body)))]


def _line(value: str) -> str:
    """A header's value can hold no line break: it would begin another header."""
    return " ".join(value.split())


def _wacz(warc: bytes, evidence: Evidence) -> bytes:
    """Let Webrecorder's own tool make the WACZ; it works on files and talks on stdout."""
    title = evidence.new.document.headline or "A news article before and after a change"
    with tempfile.TemporaryDirectory() as folder:
        source, pages, made = (Path(folder) / name for name in (WARC, "pages.jsonl", WACZ))
        source.write_bytes(warc)
        pages.write_text(_pages(evidence), "utf-8")
        words = ["create", "-o", str(made), "-p", str(pages), "--title", title, str(source)]
        with contextlib.redirect_stdout(io.StringIO()):
            wacz.main.main(words)
        return made.read_bytes()


def _pages(evidence: Evidence) -> str:
    """What a player lists: each response, by its version (WACZ 1.1.1, pages.jsonl)."""
    lines: list[dict[str, str]] = [
        {"format": "json-pages-1.0", "id": "pages", "title": "Before and after the change"}
    ]
    for side in (evidence.old, evidence.new):
        lines += [
            {
                "id": f"v{side.version}-{number}",
                "url": response.address,
                "ts": _stamp(response.seen_at),
                "title": f"Version {side.version}: {side.document.headline or response.address}",
            }
            for number, response in enumerate(side.responses)
        ]
    return "".join(json.dumps(line) + "\n" for line in lines)


# --------------------------------------------------------------------------
# What is said of them


def _plain(comparison: Comparison) -> str:
    lines = [comparison.reason, ""]
    for change in comparison.changes:
        lines += [f"{change.kind.value}: {change.reason}", redline(spans_of(change), None), ""]
    return "\n".join(lines)


def _readme(evidence: Evidence, made_at: datetime) -> str:
    article, change = evidence.facts["article"], evidence.facts["change"]
    before, seen = change["checked_before_at"], change["seen_first_at"]
    program = f"Storylapse {metadata.version('storylapse')}, {moment(made_at)}"
    return f"""Evidence of a change in a news article
======================================

Article:  {one_line(article["headline"] or "(no headline)")}
Outlet:   {one_line(article["outlet"] or "")}
Address:  {article["address"]}
Change:   version {evidence.old.version} to version {evidence.new.version}
When:     after {before} and before {seen} (UTC).
          Nobody knows more exactly: these are the last look that showed the old state and the
          first that showed the new one.
In short: {one_line(change["reason"] or "")}

The sentence "In short" and all reasons are those of the program that made this file
({program}), never statements of the outlet.
What the outlet said itself is called a note.

What is in here
  redline.html       what changed, for people; open it in any browser
  redline.txt        the same as plain text: [-removed-] {{+added+}}
  old.txt, new.txt   the article's text in both versions, as read from the responses
  change.json        all that is known: findings, every look in between, addresses, digests
  {WARC}  both responses, in the format of web archives (ISO 28500)
  {WACZ}     the same for a player: drop it on https://replayweb.page
  {MANIFEST}      every file with its size and SHA-256
  {SUMS}         the same for the command below

How to check it
  On any machine:           sha256sum -c {SUMS}
  With Storylapse installed: storylapse verify FILE.zip
  which also reads the responses anew and compares what it reads with the texts in here.

What it shows, and what it does not
  The responses are the bytes this program received at the times it noted. They are not signed by
  the outlet, and the times are those of the machine it ran on. A second witness, such as a
  capture of the Wayback Machine from the same days, makes the case stronger.
"""


def _manifest(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    return _json(
        {
            "format": "storylapse-evidence-1",
            "made_at": made_at.isoformat().replace("+00:00", "Z"),
            "made_by": f"Storylapse {metadata.version('storylapse')}",
            "files": [
                {"path": name, "bytes": len(body), "sha256": _sha256(body)}
                for name, body in files.items()
            ],
        }
    )


def _zipped(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    stream = io.BytesIO()
    stamp = made_at.timetuple()[:6]
    with zipfile.ZipFile(stream, "w") as file:
        for name, body in files.items():
            info = zipfile.ZipInfo(name, stamp)
            packed = name in {WARC, WACZ}  # a player reads inside a WACZ that is stored as it is
            info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            file.writestr(info, body)
    return stream.getvalue()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _stamp(moment: datetime) -> str:
    at = to_column(moment)
    assert at is not None
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
