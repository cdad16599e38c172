"""WARC and WACZ files, honest ones and hostile ones, into an archive."""

import gzip
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from crawler.archives.importing import Choice, ImportTally, import_file
from crawler.archives.trouble import ArchiveTrouble
from crawler.parsers import ParserPool
from crawler.rereading import Desk
from product import Product
from replay_server import Recorder, page
from shell import CORRECTION, STORY
from store.address import article_id
from store.archive import Archive, open_archive

ARTICLE = "https://news.example/bridge"
OTHER = "https://paper.example/tunnel"
FIRST, *REST = STORY.split("\n\n")
OLD = page("Bridge closed", FIRST, *REST)
NEW = page("Bridge closed", FIRST, REST[0].replace("12", "11"), *REST[1:], CORRECTION)
HTML = ("Content-Type", "text/html; charset=utf-8")
MOST = 2**20


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(1) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, pool: ParserPool) -> Desk:
    archive = open_archive(tmp_path / "archive.duckdb", create=True)
    return Desk(archive, pool, lambda: datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def warc(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "made.warc.gz")


def taken(desk: Desk, path: Path, choice: Choice = Choice()) -> ImportTally:  # noqa: B008
    return import_file(desk, path, choice, MOST, lambda _: None)


def versions(archive: Archive, address: str = ARTICLE) -> list[dict]:
    return archive.query(
        "FROM version_list WHERE article_id = ? ORDER BY version", [article_id(address)]
    )


def test_articles_come_out_of_a_warc_in_order_of_capture(desk: Desk, warc: Recorder):
    warc.response(ARTICLE, "2026-03-02T11:00:00Z", NEW)
    digest = warc.response(ARTICLE, "2026-03-01T08:00:00Z", OLD)
    warc.revisit(ARTICLE, "2026-03-01T09:00:00Z", digest, "2026-03-01T08:00:00Z")
    warc.response(OTHER, "2026-03-01T08:00:00Z", page("Tunnel", FIRST, *REST))
    warc.response(
        ARTICLE, "2026-03-01T08:00:01Z", b"body {}", headers=(("Content-Type", "text/css"),)
    )
    warc.response(ARTICLE, "2026-03-01T08:00:02Z", OLD, status="500 Oops")
    tally = taken(desk, warc.close())
    assert (tally.read, dict(tally.left_out)) == (4, {"not_html": 1, "status": 1})
    old, new = versions(desk.archive)
    assert (old["captured_by"], old["capture_digest"]) == ("made.warc.gz", digest)
    assert re.fullmatch(r"<urn:uuid:[0-9a-f-]{36}>", old["capture_record"])
    assert old["capture_address"] == f"made.warc.gz#{old['capture_record']}"
    assert new["checked_before_at"] == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert len(versions(desk.archive, OTHER)) == 1
    assert desk.archive.query("SELECT * FROM alert_list") == []


def test_importing_again_brings_nothing_twice(desk: Desk, warc: Recorder):
    digest = warc.response(ARTICLE, "2026-03-01T08:00:00Z", OLD)
    warc.revisit(ARTICLE, "2026-03-01T09:00:00Z", digest, "2026-03-01T08:00:00Z")
    path = warc.close()
    assert taken(desk, path).read == 2
    assert dict(taken(desk, path).left_out) == {"kept_before": 2}
    assert len(desk.archive.query("FROM capture_list")) == 2


def test_a_revisit_finds_its_original_in_an_earlier_import(desk: Desk, tmp_path: Path):
    first, second = Recorder(tmp_path / "1.warc.gz"), Recorder(tmp_path / "2.warc.gz")
    digest = first.response(ARTICLE, "2026-03-01T08:00:00Z", OLD)
    second.revisit(ARTICLE, "2026-03-01T09:00:00Z", digest, "2026-03-01T08:00:00Z")
    path = second.close()
    assert dict(taken(desk, path).left_out) == {"no_original": 1}
    taken(desk, first.close())
    assert taken(desk, path).read == 1


def test_only_what_was_asked_for_is_taken(desk: Desk, warc: Recorder):
    warc.response(ARTICLE, "2026-03-01T08:00:00Z", OLD)
    warc.response(OTHER, "2026-03-01T08:00:00Z", OLD)
    path = warc.close()
    by_host = taken(desk, path, Choice(hosts=frozenset({"paper.example"})))
    assert (by_host.read, dict(by_host.left_out)) == (1, {"elsewhere": 1})
    by_address = taken(desk, path, Choice(articles=frozenset({article_id(ARTICLE)})))
    assert (by_address.read, dict(by_address.left_out)) == (1, {"elsewhere": 1})


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_forgotten_article_comes_in_only_where_it_is_named(
    desk: Desk, warc: Recorder, scheme: str
):
    number = desk.archive.watch_article(ARTICLE, acted_at=desk.now())
    desk.archive.forget(number, acted_at=desk.now())
    warc.response(ARTICLE.replace("https", scheme), "2026-03-01T08:00:00Z", OLD)
    path = warc.close()
    assert dict(taken(desk, path).left_out) == {"forgotten": 1}
    assert versions(desk.archive) == []
    assert taken(desk, path, Choice(articles=frozenset({number}))).read == 1
    assert len(versions(desk.archive)) == 1


def test_a_page_captured_over_http_belongs_to_the_article_we_know(desk: Desk, warc: Recorder):
    desk.archive.watch_article(ARTICLE, acted_at=desk.now())
    warc.response(ARTICLE.replace("https", "http"), "2026-03-01T08:00:00Z", OLD)
    assert taken(desk, warc.close()).read == 1
    (version,) = versions(desk.archive)
    assert desk.archive.query("FROM capture_list")[0]["captured_address"].startswith("http://")
    assert version["captured_by"] == "made.warc.gz"


def test_a_front_page_is_left_out_and_a_wall_before_a_known_article_is_kept(
    desk: Desk, warc: Recorder
):
    wall = page("Before you continue", "We use cookies. Please accept all cookies to continue.")
    warc.response(ARTICLE, "2026-03-01T07:00:00Z", wall)
    path = warc.close()
    assert dict(taken(desk, path).left_out) == {"no_article": 1}
    desk.archive.watch_article(ARTICLE, acted_at=desk.now())
    assert taken(desk, path).no_article == 1
    (row,) = desk.archive.query("FROM capture_list")
    assert (row["outcome"], versions(desk.archive)) == ("blocked", [])


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(OLD), OLD)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(OLD, mtime=0), (("Content-Encoding", "gzip"),)),
        (zlib.compress(OLD), (("Content-Encoding", "deflate"),)),
        (brotli.compress(OLD), (("Content-Encoding", "br"),)),
        (CHUNKED, (("Transfer-Encoding", "chunked"),)),
        (OLD, (("Transfer-Encoding", "chunked"),)),
        (OLD, (("Content-Encoding", "gzip"),)),
        (page("Bridge closed", FIRST, *REST, charset="latin-1"), ()),
    ],
    ids=["gzip", "deflate", "br", "chunked", "taken off", "unpacked before", "latin-1"],
)
def test_every_coding_of_a_page_gives_the_same_text(desk: Desk, warc: Recorder, body, headers):
    warc.response(ARTICLE, "2026-03-01T08:00:00Z", body, headers=(HTML, *headers))
    assert taken(desk, warc.close()).read == 1
    document = desk.archive.document(article_id(ARTICLE), 1)
    assert [block.text for block in document.blocks] == [FIRST, *REST]


def test_latin_1_pages_keep_their_letters(desk: Desk, warc: Recorder):
    text = [one.replace("bridge", "brücke") for one in (FIRST, *REST)]
    body = page("Brücke gesperrt", *text, charset="latin-1")
    warc.response(ARTICLE, "2026-03-01T08:00:00Z", body, headers=(("Content-Type", "text/html"),))
    taken(desk, warc.close())
    assert desk.archive.document(article_id(ARTICLE), 1).headline == "Brücke gesperrt"


# --------------------------------------------------------------------------
# Hostile files


def record(*headers: bytes, block: bytes) -> bytes:
    """One WARC record as bytes, whatever its headers say."""
    lines = [
        b"WARC/1.0",
        b"WARC-Type: response",
        b"WARC-Target-URI: " + ARTICLE.encode(),
        b"WARC-Date: 2026-03-01T08:00:00Z",
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>" % zlib.crc32(block),
        b"Content-Type: application/http; msgtype=response",
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"


def response(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Type: text/html", *headers, b"", body])


def good(body: bytes = OLD) -> bytes:
    block = response(body)
    return record(b"Content-Length: %d" % len(block), block=block)


BOMB = gzip.compress(bytes(64 * 2**20))
BAD_RECORDS = {
    "too short a length": record(b"Content-Length: 40", block=response(OLD)),
    "too long a length": record(b"Content-Length: 99999", block=response(OLD)),
    "a huge length": record(b"Content-Length: 9" + b"9" * 30, block=response(OLD)),
    "a negative length": record(b"Content-Length: -5", block=response(OLD)),
    "a length that is none": record(b"Content-Length: many", block=response(OLD)),
    "no length": record(block=response(OLD)),
    "no HTTP": record(b"Content-Length: 12", block=b"hello world!"),
    "a digest that lies": record(
        b"WARC-Payload-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"Content-Length: %d" % len(response(OLD)),
        block=response(OLD),
    ),
    "a digest that is none": record(
        b"WARC-Payload-Digest: shake_128:***",
        b"Content-Length: %d" % len(response(OLD)),
        block=response(OLD),
    ),
    "a bomb in the page": record(
        b"Content-Length: %d" % len(response(BOMB, b"Content-Encoding: gzip")),
        block=response(BOMB, b"Content-Encoding: gzip"),
    ),
    "chunks that end early": record(
        b"Content-Length: %d" % len(response(CHUNKED[:500], b"Transfer-Encoding: chunked")),
        block=response(CHUNKED[:500], b"Transfer-Encoding: chunked"),
    ),
    "a date that is none": good().replace(b"2026-03-01T08:00:00Z", b"yesterday"),
    "a date to come": good().replace(b"2026-03-01", b"2036-03-01"),
    "no address": good().replace(b"WARC-Target-URI", b"X-Nothing"),
    "an address of another kind": good().replace(ARTICLE.encode(), b"ftp://news.example/a"),
    "a page too large": record(
        b"Content-Length: %d" % len(response(OLD + b" " * MOST)),
        block=response(OLD + b" " * MOST),
    ),
    "no type": good().replace(b"WARC-Type: response", b"X: y"),
    "rubbish": b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_bad_record_costs_itself_alone(desk: Desk, tmp_path: Path, name: str):
    path = tmp_path / "bad.warc.gz"
    members = [good(NEW), BAD_RECORDS[name], good()]
    path.write_bytes(b"".join(map(gzip.compress, members)))
    tally = taken(desk, path)
    if name == "rubbish":
        assert tally.troubles
        assert tally.read == 1
        return
    assert (tally.read, tally.troubles) == (2, [])
    left_out = tally.left_out.total()
    assert left_out == (0 if name == "no type" else 1)


@pytest.mark.parametrize("name", sorted(BAD_RECORDS))
def test_in_an_unpacked_file_what_stands_before_a_bad_record_is_kept(
    desk: Desk, tmp_path: Path, name: str
):
    path = tmp_path / "bad.warc"
    path.write_bytes(good(NEW) + BAD_RECORDS[name] + good())
    tally = taken(desk, path)
    assert tally.read >= 1
    assert tally.read == 2 or tally.troubles or tally.left_out


def test_a_file_cut_anywhere_gives_what_stood_before_the_cut(desk: Desk, tmp_path: Path):
    whole = gzip.compress(good(NEW)) + gzip.compress(good())
    first = len(gzip.compress(good(NEW)))
    path = tmp_path / "cut.warc.gz"
    for cut in (first + 5, first + 100, first + 400, len(whole) - 9, len(whole) - 1):
        path.write_bytes(whole[:cut])
        tally = taken(desk, path)
        assert tally.read + tally.left_out["kept_before"] >= 1
        assert tally.troubles or tally.left_out["cut_short"] or cut >= len(whole) - 9


def test_a_damaged_packed_record_ends_the_reading_with_a_sentence(desk: Desk, tmp_path: Path):
    damaged = bytearray(gzip.compress(good()))
    damaged[len(damaged) // 2] ^= 0xFF
    path = tmp_path / "damaged.warc.gz"
    path.write_bytes(gzip.compress(good(NEW)) + bytes(damaged))
    tally = taken(desk, path)
    assert tally.read == 1
    assert tally.troubles or tally.left_out


def test_a_record_that_unpacks_without_end_is_given_up(desk: Desk, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("crawler.archives.warc.LARGEST_RECORD", 2**24)
    block = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2**25)
    path = tmp_path / "bomb.warc.gz"
    bomb = gzip.compress(record(b"Content-Length: %d" % len(block), block=block))
    path.write_bytes(gzip.compress(good(NEW)) + bomb)
    tally = taken(desk, path)
    assert (tally.read, tally.troubles) == (
        1, ["A record unpacks to more than any honest one; the rest was not read."]
    )  # fmt: skip


def test_headers_without_end_are_given_up(desk: Desk, tmp_path: Path):
    path = tmp_path / "endless.warc.gz"
    endless = b"WARC/1.0\r\nX: " + b"y" * (12 * 2**20)
    path.write_bytes(gzip.compress(good(NEW)) + gzip.compress(endless))
    tally = taken(desk, path)
    assert tally.read == 1
    assert tally.troubles or tally.left_out


@pytest.mark.parametrize("content", [b"", b"hello", gzip.compress(b"hello", mtime=0), b"%PDF-1.7"])
def test_what_is_no_warc_is_said_so(desk: Desk, tmp_path: Path, content: bytes):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(ArchiveTrouble, match="no WARC"):
        taken(desk, path)


# --------------------------------------------------------------------------
# WACZ


def wacz(path: Path, files: dict[str, bytes], listed: dict[str, bytes] | None = None) -> Path:
    resources = [
        {"path": name, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}
        for name, data in (files if listed is None else listed).items()
    ]
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
        made.writestr("datapackage.json", json.dumps({"resources": resources}))
    return path


def test_articles_come_out_of_a_wacz_once_for_warc_and_wacz(desk: Desk, tmp_path: Path):
    inner = gzip.compress(good()) + gzip.compress(good(NEW))
    (tmp_path / "a.warc.gz").write_bytes(inner)
    assert taken(desk, wacz(tmp_path / "a.wacz", {"archive/data.warc.gz": inner})).read == 2
    assert dict(taken(desk, tmp_path / "a.warc.gz").left_out) == {"kept_before": 2}
    (row, *_) = desk.archive.query("FROM capture_list")
    assert row["address"].startswith("a.wacz#archive/data.warc.gz#<urn:uuid:")


@pytest.mark.parametrize(
    "name", ["../evil.warc", "/etc/evil.warc", "archive/../../evil.warc", "archive\\..\\evil.warc"]
)
def test_names_that_lead_out_of_a_wacz_are_refused(desk: Desk, tmp_path: Path, name: str):
    path = wacz(tmp_path / "a.wacz", {name: good(), "archive/b.warc": good(NEW)})
    tally = taken(desk, path)
    assert (tally.read, len(tally.troubles)) == (1, 1)
    assert "its name leads out of the archive" in tally.troubles[0]
    assert not [file for file in tmp_path.rglob("*") if "evil" in file.name]
    assert not Path("/etc/evil.warc").exists()


def test_a_warc_that_does_not_match_its_digest_is_not_read(desk: Desk, tmp_path: Path):
    path = wacz(
        tmp_path / "a.wacz",
        {"archive/a.warc": good(), "archive/b.warc": good(NEW), "archive/c.warc": good(NEW)},
        listed={"archive/a.warc": good(NEW), "archive/b.warc": good(NEW)},
    )
    tally = taken(desk, path)
    assert tally.read == 1
    assert tally.troubles == [
        "archive/a.warc was not read: it does not match the digest listed for it.",
        "archive/c.warc was not read: the WACZ lists no digest for it.",
    ]


def test_a_zip_file_that_is_no_wacz_and_a_cut_one_are_said_so(desk: Desk, tmp_path: Path):
    plain = tmp_path / "plain.wacz"
    with zipfile.ZipFile(plain, "w") as made:
        made.writestr("archive/a.warc", good())
    with pytest.raises(ArchiveTrouble, match="no WACZ"):
        taken(desk, plain)
    cut = wacz(tmp_path / "cut.wacz", {"archive/a.warc": good()})
    cut.write_bytes(cut.read_bytes()[:-40])
    with pytest.raises(ArchiveTrouble, match="damaged WACZ"):
        taken(desk, cut)


def test_a_warc_packed_into_nothing_by_the_zip_is_refused(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crawler.archives.wacz.LARGEST_PACKED", 2**20)
    path = tmp_path / "bomb.wacz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("archive/a.warc", bytes(2**21))
        made.writestr("datapackage.json", '{"resources": []}')
    with pytest.raises(ArchiveTrouble, match="unpacks to more"):
        taken(desk, path)


# --------------------------------------------------------------------------
# The command


def test_the_command_imports_shows_and_explains(tmp_path: Path, warc: Recorder):
    warc.response(ARTICLE, "2026-03-01T08:00:00Z", OLD)
    warc.response(ARTICLE, "2026-03-02T08:00:00Z", NEW)
    warc.response(ARTICLE, "2026-03-02T08:00:01Z", b"{}", headers=(("Content-Type", "text/json"),))
    product = Product(tmp_path / "archive.duckdb")
    done = product.run("import", str(warc.close()))
    assert "2 captures read; left out: 1 no web pages." in done.stderr
    told = product.run("log", ARTICLE)
    assert (
        "Between the capture of 2026-03-01 08:00 UTC by made.warc.gz and the capture" in told.stdout
    )
    assert "Captured by made.warc.gz on 2026-03-02 08:00 UTC; read by us on" in told.stdout
    assert "all of it was captured by others" in told.stderr
    shown = product.run("show", ARTICLE)
    assert "Captured by made.warc.gz on 2026-03-02 08:00 UTC; read by us on" in shown.stderr
    record = next(one for one in product.lines("changes") if one["kind"] == "correction")
    assert (record["captured_by"], record["checked_before_by"]) == ("made.warc.gz",) * 2
    exported = product.run("export", "--format", "csv").stdout
    assert "made.warc.gz" in exported


def test_the_command_says_what_is_missing(tmp_path: Path):
    product = Product(tmp_path / "archive.duckdb")
    assert "There is no file" in product.run("import", "none.warc", ok=(2,)).stderr
    (tmp_path / "x.warc").write_bytes(b"hello")
    done = product.run("import", "x.warc", ok=(1,))
    assert "x.warc: The file is no WARC" in done.stderr
    assert "Traceback" not in done.stderr
