"""Feeds, read by a real feed reader."""

import json
import re
from contextlib import ExitStack
from urllib.parse import quote

import feedparser
import pytest
from lxml import etree

from dashboard.feeds import address_of, routes
from feed_rules import faults_of_atom, faults_of_json
from histories import ADDRESS, CORRECTION, LINK_BASE, TEXT, archive_of, corrected, document, served
from store.address import article_id
from store.config import Config
from store.model import Outcome

HEX = f"{article_id(ADDRESS):016x}"
HOSTILE = "<script>alert(1)</script> & ]]> \x1b[31m"
CONFIG = Config(
    stories=[{"name": "Ferries & port", "articles": [ADDRESS, "https://other.example/x"]}],
    searches=[
        {"name": "corrected", "kinds": ["correction"], "articles": [ADDRESS]},
        {"name": "last hour", "since": "1h"},
        {"name": "of a story", "stories": ["Ferries & port"]},
        {"name": "nonsense", "outlets": ["Nobody"]},
    ],
)


@pytest.fixture
def client_of():
    """A function from an archive to a client of its own server."""
    with ExitStack() as stack:
        yield lambda archive: stack.enter_context(served(routes(archive, LINK_BASE, CONFIG)))


@pytest.fixture
def client(client_of, tmp_path):
    return client_of(corrected(tmp_path))


@pytest.fixture(scope="module")
def hostile_client(tmp_path_factory):
    """Feeds of an archive in which every text of the outlet is hostile."""
    texts = [
        document(*TEXT, headline=HOSTILE, outlet=HOSTILE),
        document(*TEXT, f"{HOSTILE} and 14 more.", headline=HOSTILE, outlet=HOSTILE),
        document(*TEXT, f"{HOSTILE} and 15 more.", headline=HOSTILE, outlet=HOSTILE),
        Outcome.GONE,
        Outcome.GONE,
    ]
    archive = archive_of(tmp_path_factory.mktemp("hostile"), *texts)
    with served(routes(archive, LINK_BASE, CONFIG)) as made:
        yield made


def test_a_feed_reader_reads_the_newest_change_first(client):
    feed = feedparser.parse(client.get("/feeds/all.atom").content)
    assert feed.bozo == 0
    assert feed.version == "atom10"
    assert [entry.tags[0].term for entry in feed.entries][:2] == ["removed", "correction"]
    newest, correction = feed.entries[:2]
    assert correction.title == "[correction] The Harbour Gazette: Port counts its ferries"
    assert correction.link == f"{LINK_BASE}/article?article={HEX}&at=2026-11-22T12:00:00Z"
    assert correction.updated == "2026-11-22T12:00:00+00:00"
    assert newest.link == f"{LINK_BASE}/article?article={HEX}"
    assert f'href="{ADDRESS}"' in correction.content[0].value


def test_the_content_is_an_inline_redline_with_reason_and_interval(client):
    feed = feedparser.parse(client.get("/feeds/all.atom").content, sanitize_html=False)
    content = feed.entries[1].content[0].value
    assert CORRECTION in content
    assert "<ins style=" in content
    assert "Between the checks of 2026-11-22 11:00 UTC and 2026-11-22 12:00 UTC" in content
    assert "<del style=" in feed.entries[2].content[0].value


def test_atom_and_json_feed_hold_the_same_entries(client):
    atom = feedparser.parse(client.get("/feeds/all.atom").content)
    answer = client.get("/feeds/all.json")
    made = answer.json()
    assert answer.headers["content-type"].startswith("application/feed+json")
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["feed_url"] == f"{LINK_BASE}/feeds/all.json"
    assert [item["id"] for item in made["items"]] == [entry.id for entry in atom.entries]
    assert made["items"][1]["_storylapse"]["new_version"] == 3
    assert all(item["content_html"] and item["url"] for item in made["items"])


def test_ids_are_tags_that_stay_the_same(client):
    first = [item["id"] for item in client.get("/feeds/all.json").json()["items"]]
    assert first[1] == f"tag:storylapse,2026:article/{HEX}/change/2026-11-22T12:00:00Z"
    assert len(set(first)) == len(first)
    of_article = client.get(f"/feeds/article/{HEX}.json").json()["items"]
    assert [item["id"] for item in of_article] == first


@pytest.mark.parametrize(
    ("path", "entries"),
    [
        (f"/feeds/article/{HEX}.atom", 3),
        (f"/feeds/outlet/{quote('The Harbour Gazette')}.atom", 3),
        ("/feeds/outlet/Nobody.atom", 0),
        ("/feeds/kind/correction.atom", 1),
        ("/feeds/kind/changed_without_note.atom", 1),
        ("/feeds/kind/removed.atom", 1),
        ("/feeds/kind/retraction.atom", 0),
        (f"/feeds/story/{quote('Ferries & port')}.atom", 3),
        ("/feeds/search/corrected.atom", 1),
        (f"/feeds/search/{quote('of a story')}.atom", 3),
    ],
)
def test_a_narrower_feed_holds_only_what_it_names(client, path, entries):
    feed = feedparser.parse(client.get(path).content)
    assert feed.bozo == 0
    assert len(feed.entries) == entries


def test_an_outlet_with_a_slash_and_a_dot_in_its_name_has_a_feed(client_of, tmp_path):
    outlet = "A/B News.com é"
    archive = archive_of(
        tmp_path,
        document(*TEXT, outlet=outlet),
        document(*TEXT[:2], outlet=outlet),
    )
    path = address_of("", "outlet", outlet)
    assert len(feedparser.parse(client_of(archive).get(path).content).entries) == 1


def test_a_reader_that_has_the_feed_is_told_so(client):
    first = client.get("/feeds/all.atom")
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    again = client.get("/feeds/all.atom", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/feeds/all.atom", headers={"If-Modified-Since": modified}).status_code == 304
    early = {"If-Modified-Since": "Sun, 22 Nov 2026 08:00:00 GMT"}
    assert client.get("/feeds/all.atom", headers=early).status_code == 200
    assert client.get("/feeds/all.atom", headers={"If-None-Match": '"other"'}).status_code == 200
    odd = {"If-Modified-Since": "yesterday"}
    assert client.get("/feeds/all.atom", headers=odd).status_code == 200


def test_two_asks_without_news_give_the_same_bytes(client):
    assert client.get("/feeds/all.atom").content == client.get("/feeds/all.atom").content


def test_hostile_text_stays_text(client_of, tmp_path):
    archive = archive_of(
        tmp_path,
        document(*TEXT, headline=HOSTILE, outlet=HOSTILE),
        document(*TEXT, f"{HOSTILE} and another sentence of it.", headline=HOSTILE, outlet=HOSTILE),
    )
    body = client_of(archive).get("/feeds/all.atom").content
    etree.fromstring(body, etree.XMLParser(recover=False))
    (entry,) = feedparser.parse(body, sanitize_html=False).entries
    assert "<script" not in entry.content[0].value
    assert "&lt;script&gt;" in entry.content[0].value
    (item,) = client_of(archive).get("/feeds/all.json").json()["items"]
    assert "<script" not in item["content_html"]


@pytest.mark.parametrize(
    "path",
    [
        "all",
        f"article/{HEX}",
        f"outlet/{quote(HOSTILE, safe='')}",
        "kind/edited",
        f"story/{quote('Ferries & port')}",
        f"search/{quote('of a story')}",
    ],
)
def test_a_validator_accepts_every_feed_with_hostile_text_in_it(hostile_client, path):
    atom = hostile_client.get(f"/feeds/{path}.atom").content
    assert b"&amp;lt;script" in atom
    assert faults_of_atom(atom) == []
    assert faults_of_json(hostile_client.get(f"/feeds/{path}.json").json()) == []


def test_a_validator_accepts_ordinary_and_empty_feeds(client, client_of, tmp_path):
    for feeds in (client, client_of(archive_of(tmp_path / "other"))):
        assert faults_of_atom(feeds.get("/feeds/all.atom").content) == []
        assert faults_of_json(feeds.get("/feeds/all.json").json()) == []


def test_the_validator_knows_a_feed_that_is_no_good(client):
    atom = client.get("/feeds/all.atom").content
    assert faults_of_atom(atom.replace(b"<updated>2026", b"<updated>26"))
    assert faults_of_atom(re.sub(rb"<id>[^<]*</id>", b"<id>tag:x</id>", atom))
    assert faults_of_atom(atom.replace(b'rel="self"', b'rel="other"'))
    made = client.get("/feeds/all.json").json()
    assert faults_of_json(made | {"version": "1"})
    assert faults_of_json(made | {"items": [{"id": 1, "mood": "good"}]})


def test_a_feed_looks_back_only_as_far_as_it_must(client_of, tmp_path, monkeypatch):
    noted = [document(*TEXT), document(*TEXT, note=CORRECTION)]
    edits = [document(*TEXT, f"It counted {n} more.", note=CORRECTION) for n in range(21, 36)]
    feeds = client_of(archive_of(tmp_path, *noted, *edits))
    whole = [item["id"] for item in feeds.get("/feeds/all.json").json()["items"]]
    monkeypatch.setattr("dashboard.feeds.ENTRIES", 1)  # of late are then the newest ten
    assert [item["id"] for item in feeds.get("/feeds/all.json").json()["items"]] == whole[:1]
    old = feeds.get("/feeds/kind/correction.json").json()["items"]
    assert [item["id"] for item in old] == whole[-1:]


def test_what_is_held_back_is_in_no_feed(client_of, tmp_path):
    archive = archive_of(
        tmp_path, document(*TEXT), document(*TEXT, headline="Ferries: the port counts again")
    )
    assert client_of(archive).get("/feeds/all.json").json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/all.rss",
        "/feeds/nothing/x.atom",
        "/feeds/article/0123456789abcdef.atom",
        "/feeds/article/nonsense.atom",
        "/feeds/all/x.atom",
        "/feeds/story/nobody.atom",
        "/feeds/search/nobody.atom",
        "/feeds/search/nonsense.atom",
    ],
)
def test_a_feed_that_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_feeds_are_read_only(client):
    assert client.post("/feeds/all.atom").status_code == 405


def test_a_feed_with_nothing_in_it_is_still_valid(client_of, tmp_path):
    answer = client_of(archive_of(tmp_path)).get("/feeds/all.atom")
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.entries) == (0, [])
    assert json.loads(client_of(archive_of(tmp_path)).get("/feeds/all.json").content)["items"] == []


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ("kind=corrections", {"correction"}),
        ("kind=removed", {"removed"}),
        ("kind=nonsense", {"removed", "correction"}),
        ("outlet=Nobody", set()),
        ("words=ferries&kind=corrections", {"correction"}),
        ("words=submarines", set()),
        ("mark=open", {"removed", "correction"}),
        ("mark=wrong", set()),
    ],
)
def test_a_feed_takes_the_filters_of_the_first_screen(client, asked, kinds):
    feed = feedparser.parse(client.get(f"/feeds/all.atom?{asked}").content)
    assert {entry.tags[0].term for entry in feed.entries} & {"removed", "correction"} == kinds


def test_a_filtered_feed_names_itself_with_its_filters(client):
    made = client.get("/feeds/all.json?words=ferries&kind=corrections&strange=1").json()
    assert made["feed_url"] == f"{LINK_BASE}/feeds/all.json?kind=corrections&words=ferries"
    assert made["title"] == "Changes of news stories (corrections, ferries)"
    assert faults_of_json(made) == []
