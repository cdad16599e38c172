"""The archive as a web archive: asked by a standard Memento client, by pywb, and by hand."""

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from memento_client import MementoClient

from dashboard import memento
from histories import ADDRESS, START, document, served, snapshot
from replay_server import free_port, page, replaying_archive
from store.archive import open_archive
from store.mementos import Memento, negotiated
from store.model import Outcome
from store.telling import Telling

TEXTS = (
    "The port of Harbour counted its ferries on Sunday and found 12 of them in good order.",
    "The port of Harbour counted its ferries on Sunday and found 15 of them in good order.",
)
PAGES = tuple(page("Port counts its ferries", text) for text in TEXTS)
NEWEST = "20261122110000"
QUERY = "https://harbour.example/story?id=7&part=2"


def kept(folder, address: str = ADDRESS):
    """An archive that read one page twice, changed in between, and once found it unchanged."""
    archive = open_archive(folder / "test.duckdb", create=True)
    archive.watch_article(address, acted_at=START)
    for hours, number in enumerate((0, 0, 1)):
        seen = snapshot(START + timedelta(hours=hours), document(TEXTS[number]), address)
        fetch = replace(
            seen.fetch,
            body_digest=hashlib.sha256(PAGES[number]).hexdigest(),
            headers=(("Content-Type", "text/html; charset=utf-8"),),
        )
        archive.record([replace(seen, fetch=fetch, body=PAGES[number])], Telling())
    return archive


@contextmanager
def asked(archive):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with served(memento.routes(archive, base), port) as client:
        yield client, base


def http(at: datetime) -> str:
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_a_timegate_leads_to_what_stood_last_by_the_moment_asked_for(tmp_path):
    with asked(kept(tmp_path)) as (client, base):
        for minutes, stamp in (
            (30, "20261122090000"),
            (90, "20261122090000"),
            (150, "20261122110000"),
        ):
            when = http(START + timedelta(minutes=minutes))
            led = client.get(f"/memento/timegate/{ADDRESS}", headers={"Accept-Datetime": when})
            assert led.status_code == 302
            assert led.headers["location"] == f"{base}/memento/{stamp}/{ADDRESS}"
            assert led.headers["vary"] == "accept-datetime"
            assert 'rel="original"' in led.headers["link"]
        early = {"Accept-Datetime": http(START - timedelta(days=9))}
        led = client.get(f"/memento/timegate/{ADDRESS}", headers=early)
        assert "20261122090000" in led.headers["location"]
        newest = client.get(f"/memento/timegate/{ADDRESS}")
        assert "20261122110000" in newest.headers["location"]


def test_a_memento_is_the_page_byte_for_byte_and_may_do_nothing(tmp_path):
    with asked(kept(tmp_path)) as (client, _):
        got = client.get(f"/memento/20261122090000/{ADDRESS}")
        assert got.content == PAGES[0]
        assert got.headers["memento-datetime"] == http(START)
        assert got.headers["content-type"] == "text/html; charset=utf-8"
        assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert got.headers["x-content-type-options"] == "nosniff"
        assert 'rel="first memento"' in got.headers["link"]
        assert 'rel="last next memento"' in got.headers["link"]


def test_a_moment_between_two_mementos_leads_to_the_earlier(tmp_path):
    with asked(kept(tmp_path)) as (client, base):
        led = client.get(f"/memento/20261122103000/{ADDRESS}")
        assert led.headers["location"] == f"{base}/memento/20261122090000/{ADDRESS}"


def test_both_timemaps_list_every_state(tmp_path):
    with asked(kept(tmp_path)) as (client, base):
        links = client.get(f"/memento/timemap/link/{ADDRESS}")
        assert links.headers["content-type"].startswith("application/link-format")
        told = client.get(f"/memento/timemap/json/{ADDRESS}").json()
        uris = [one["uri"] for one in told["mementos"]["list"]]
        assert uris == [
            f"{base}/memento/20261122090000/{ADDRESS}",
            f"{base}/memento/20261122110000/{ADDRESS}",
        ]
        assert all(f"<{uri}>" in links.text for uri in uris)
        assert told["mementos"]["first"]["datetime"] == "2026-11-22T09:00:00Z"


def test_a_standard_memento_client_finds_its_way_from_a_memento(tmp_path):
    with asked(kept(tmp_path)) as (_, base):
        client = MementoClient(f"{base}/memento/timegate/", check_native_timegate=False)
        newest = f"{base}/memento/20261122110000/{ADDRESS}"
        told = client.get_memento_info(newest, datetime(2026, 11, 22, 9, 10))  # noqa: DTZ001  (it takes no zone)
        assert told["original_uri"] == ADDRESS
        assert told["timegate_uri"] == f"{base}/memento/timegate/{ADDRESS}"
        closest = told["mementos"]["closest"]
        assert closest["uri"] == [f"{base}/memento/20261122090000/{ADDRESS}"]
        assert closest["http_status_code"] == 200


def test_pywb_reads_us_as_an_archive(tmp_path):
    (tmp_path / "pywb").mkdir()
    with (
        asked(kept(tmp_path)) as (_, base),
        replaying_archive(tmp_path / "pywb", base) as replay,
    ):
        listed = httpx.get(f"{replay}/cdx", params={"url": ADDRESS, "output": "json"}, timeout=30)
        stamps = [line.split('"timestamp": "')[1][:14] for line in listed.text.splitlines()]
        assert stamps == ["20261122090000", "20261122110000"]
        got = httpx.get(f"{replay}/20261122090000id_/{ADDRESS}", timeout=30, follow_redirects=True)
        assert TEXTS[0] in got.text


def test_an_address_with_a_query_is_taken_whole(tmp_path):
    with asked(kept(tmp_path, QUERY)) as (client, base):
        led = client.get(f"/memento/timegate/{QUERY}")
        assert led.headers["location"] == f"{base}/memento/20261122110000/{QUERY}"
        folded = client.get(f"/memento/timegate/{QUERY.replace('//', '/')}")
        assert folded.headers["location"] == led.headers["location"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"/memento/timegate/{ADDRESS}/other", 404, "is not in"),
        ("/memento/timegate/ftp://harbour.example/", 400, "ftp"),
        (f"/memento/2026/{ADDRESS}", 400, "YYYYMMDDhhmmss"),
        (f"/memento/20269999000000/{ADDRESS}", 400, "no moment of the calendar"),
    ],
)
def test_what_cannot_be_answered_is_explained(tmp_path, path, status, says):
    with asked(kept(tmp_path)) as (client, _):
        got = client.get(path)
        assert got.status_code == status
        assert says in got.text


def test_a_date_that_is_none_is_explained(tmp_path):
    with asked(kept(tmp_path)) as (client, _):
        for wrong in ("yesterday", "2026-11-22", "Sun, 99 Nov 2026 09:00:00 GMT"):
            got = client.get(f"/memento/timegate/{ADDRESS}", headers={"Accept-Datetime": wrong})
            assert got.status_code == 400
            assert "HTTP date" in got.text


def test_an_article_without_a_kept_answer_has_no_memento(tmp_path):
    archive = open_archive(tmp_path / "test.duckdb", create=True)
    archive.watch_article(ADDRESS, acted_at=START)
    archive.record([snapshot(START, Outcome.FAILED)], Telling())
    with asked(archive) as (client, _):
        got = client.get(f"/memento/timemap/link/{ADDRESS}")
        assert got.status_code == 404
        assert "Nothing of" in got.text


def test_a_page_that_is_no_html_is_shown_as_plain_text(tmp_path):
    archive = kept(tmp_path)
    with archive._sessions.writing() as connection:
        connection.execute(
            'UPDATE fetches SET headers = \'[["content-type", "text/html\\r\\nX: y"]]\''
        )
    with asked(archive) as (client, _):
        got = client.get(f"/memento/20261122090000/{ADDRESS}")
        assert got.headers["content-type"] == "text/plain"
        assert "x" not in got.headers


def test_before_the_first_memento_the_first_stands_for_what_is_known():
    at = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    kept_ = [Memento(at, "a"), Memento(at + timedelta(hours=1), "b")]
    assert negotiated(kept_, None).digest == "b"
    assert negotiated(kept_, at).digest == "a"
    assert negotiated(kept_, at - timedelta(days=1)).digest == "a"
