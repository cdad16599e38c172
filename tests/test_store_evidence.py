"""Evidence of a change: gathered, packed, opened by tools of others, altered and found out."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.extract import read_page
from crawler.following import joined
from dashboard import html_report
from histories import ADDRESS, START, archive_of, document, snapshot
from replay_server import page, replaying_wacz
from store.address import article_id
from store.archive import open_archive
from store.compare import compare
from store.evidence import Answer, NoEvidence, check, gather, opened, pack
from store.evidence.check import NotABundle
from store.model import Outcome
from store.selection import Selection
from store.telling import Telling

MADE = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
FERRIES = """\
The port of Harbour counted its ferries on Sunday and found 12 of them in good order, the harbour
master said in the afternoon.
The mayor said the fleet would be shown to the public in the spring of next year, once the last of
the repairs at the northern yard has ended.
Nobody was hurt when the oldest ship left the yard late in the evening, and the pilots brought her
to the quay before midnight."""
PARAGRAPHS = tuple(f"{one}." for one in FERRIES.replace("\n", " ").rstrip(".").split(". "))
PAGES = tuple(
    page("Port counts its ferries", PARAGRAPHS[0].replace("12", number), *PARAGRAPHS[1:])
    for number in ("12", "15")
)
HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "gzip"),
    ("Set-Cookie", "a=1"),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """An archive that looked three times: two pages, and once nothing new."""
    archive = open_archive(tmp_path_factory.mktemp("kept") / "test.duckdb", create=True)
    archive.watch_article(ADDRESS, acted_at=START)
    for hours, number in enumerate((0, 0, 1)):
        body = PAGES[number]
        seen = snapshot(START + timedelta(hours=hours), read_page(body, ADDRESS))
        digest = hashlib.sha256(body).hexdigest()
        fetch = replace(seen.fetch, body_digest=digest, headers=HEADERS)
        archive.record([replace(seen, fetch=fetch, body=body)], Telling())
    return archive


@pytest.fixture(scope="module")
def bundle(kept, tmp_path_factory):
    found = gather(kept, article_id(ADDRESS), 2)
    how = Selection(full_text=True)
    report = html_report.of_change(kept, article_id(ADDRESS), (1, 2), how)
    made = pack(found, compare(found.old.document, found.new.document), report, MADE)
    place = tmp_path_factory.mktemp("bundle") / "evidence.zip"
    place.write_bytes(made)
    return place


def read(pages):
    return joined([read_page(one.body, one.address, one.content_type) for one in pages])


def answers(place) -> dict[str, Answer]:
    with opened(place) as held:
        return {one.name: one.answer for one in check(held, read)}


def altered(bundle, folder, name: str, body: bytes | None, *, relist: bool = False):
    """The bundle with one file changed, or left out; ``relist`` mends the lists after it."""
    with zipfile.ZipFile(bundle) as file:
        files = {one: file.read(one) for one in file.namelist()}
    files.pop(name, None)
    if body is not None:
        files[name] = body
    if relist:
        manifest = json.loads(files["manifest.json"])
        for one in manifest["files"]:
            one["sha256"] = hashlib.sha256(files[one["path"]]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()
        listed = (f"{hashlib.sha256(b).hexdigest()}  {n}\n" for n, b in files.items())
        files["SHA256SUMS"] = "".join(line for line in listed if "SHA256" not in line).encode()
    place = folder / "altered.zip"
    with zipfile.ZipFile(place, "w") as file:
        for one, content in files.items():
            file.writestr(one, content)
    return place


def test_a_bundle_holds_on_a_machine_that_never_saw_the_archive(bundle):
    assert set(answers(bundle).values()) == {Answer.HOLDS}
    assert set(answers(bundle)) == {
        "files", "sums", "responses", "player", "interval", "old text", "new text", "change",
    }  # fmt: skip


def test_the_responses_are_records_that_any_reader_of_warc_opens(bundle):
    with zipfile.ZipFile(bundle) as file:
        stream = io.BytesIO(file.read("responses.warc.gz"))
    kinds, bodies = [], []
    for record in ArchiveIterator(stream, check_digests="raise"):
        kinds.append(record.rec_type)
        if record.rec_type == "response":
            assert record.rec_headers.get_header("WARC-Target-URI") == ADDRESS
            assert record.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
            assert record.http_headers.get_header("Content-Encoding") is None
            bodies.append(record.content_stream().read())
    assert kinds == ["warcinfo", "response", "response"]
    assert tuple(bodies) == PAGES


def test_the_wacz_passes_its_own_tool_and_pywb_replays_it(bundle, tmp_path):
    place = tmp_path / "responses.wacz"
    with zipfile.ZipFile(bundle) as file:
        place.write_bytes(file.read("responses.wacz"))
    tool = [sys.executable, "-m", "wacz", "validate", "-f", str(place)]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(place) as file:
        pages = [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()]
    assert [one["title"][:10] for one in pages[1:]] == ["Version 1:", "Version 2:"]
    (tmp_path / "pywb").mkdir()
    with replaying_wacz(tmp_path / "pywb", place) as replay:
        for stamp, number in (("20261122090000", "12"), ("20261122110000", "15")):
            got = httpx.get(f"{replay}/{stamp}id_/{ADDRESS}", timeout=60, follow_redirects=True)
            assert f"found {number} of them" in got.text


def test_sha256sum_checks_every_file(bundle, tmp_path):
    with zipfile.ZipFile(bundle) as file:
        file.extractall(tmp_path)
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 9


@pytest.mark.parametrize("name", ["old.txt", "redline.html", "README.txt", "responses.wacz"])
def test_a_file_that_was_changed_is_found_out(bundle, tmp_path, name):
    assert answers(altered(bundle, tmp_path, name, b"other"))["files"] is Answer.FAILS


def test_a_file_that_was_left_out_or_added_is_found_out(bundle, tmp_path):
    assert answers(altered(bundle, tmp_path, "new.txt", None))["files"] is Answer.FAILS
    assert answers(altered(bundle, tmp_path, "extra.txt", b"?"))["files"] is Answer.FAILS


def test_a_text_that_was_changed_with_its_digests_is_found_out_by_reading_anew(bundle, tmp_path):
    forged = "\n\n".join((PARAGRAPHS[0].replace("12", "11"), *PARAGRAPHS[1:]))
    told = answers(altered(bundle, tmp_path, "old.txt", forged.encode(), relist=True))
    assert told["files"] is Answer.HOLDS
    assert told["old text"] is Answer.FAILS


def test_a_response_that_was_changed_with_its_digests_is_found_out_by_the_facts(bundle, tmp_path):
    with zipfile.ZipFile(bundle) as file:
        warc = bytearray(file.read("responses.warc.gz"))
    warc[len(warc) // 2] ^= 0xFF
    told = answers(altered(bundle, tmp_path, "responses.warc.gz", bytes(warc), relist=True))
    assert told["responses"] is Answer.FAILS
    assert told["player"] is Answer.FAILS


def test_another_reader_makes_a_text_unclear_and_not_wrong(bundle, tmp_path):
    with zipfile.ZipFile(bundle) as file:
        facts = json.loads(file.read("change.json"))
    facts["sides"]["old"]["read_by"] = "storylapse-0"
    written = json.dumps(facts).encode()
    place = altered(bundle, tmp_path, "change.json", written, relist=True)
    forged = altered(place, tmp_path, "old.txt", b"As another reader saw it.", relist=True)
    assert answers(forged)["old text"] is Answer.UNCLEAR


@pytest.mark.parametrize("facts", [b"{}", b'{"sides": 7, "change": null}'])
def test_facts_that_say_nothing_end_in_a_sentence(bundle, tmp_path, facts):
    told = answers(altered(bundle, tmp_path, "change.json", facts, relist=True))
    assert told["facts"] is Answer.FAILS


@pytest.mark.parametrize("facts", [b"[]", b"no json", b"[" * 100_000])
def test_facts_that_are_none_are_refused(bundle, tmp_path, facts):
    place = altered(bundle, tmp_path, "change.json", facts, relist=True)
    with pytest.raises(NotABundle, match="Get the bundle again"), opened(place):
        pass


def test_what_is_no_bundle_is_refused_with_a_sentence(tmp_path):
    plain = tmp_path / "plain.zip"
    plain.write_bytes(b"PK no zip at all")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("a.txt", "x")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(33):
            file.writestr(f"{number}", b"0")
    said = []
    for place in (plain, other, bomb, tmp_path / "missing.zip"):
        with pytest.raises(NotABundle) as caught, opened(place):
            pass
        said.append(str(caught.value))
    assert "damaged zip file" in said[0]
    assert "manifest.json is missing" in said[1]
    assert "more than a bundle can" in said[2]
    assert "There is no file" in said[3]


def test_the_first_version_is_no_change(kept):
    with pytest.raises(NoEvidence, match="is the first that was seen"):
        gather(kept, article_id(ADDRESS), 1)


def test_a_response_that_is_no_longer_kept_is_named(tmp_path):
    archive = archive_of(tmp_path, document("One."), Outcome.FAILED, document("Two."))
    with pytest.raises(NoEvidence, match="no longer kept"):
        gather(archive, article_id(ADDRESS), 2)


def test_the_readme_says_between_which_looks_and_what_is_not_shown(bundle):
    with zipfile.ZipFile(bundle) as file:
        told = file.read("README.txt").decode()
    assert "after 2026-11-22T10:00:00Z and before 2026-11-22T11:00:00Z" in told
    assert "not signed by" in told
    assert ADDRESS in told
