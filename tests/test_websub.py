"""WebSub: a hub's word wakes discovery, is checked, and is never believed. Real hub, real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import Hub
from origin import Answer, Origin
from product import Product
from running import Running
from store.archive import open_archive
from store.subscriptions import State, Subscription
from store.websub import LONGEST_LEASE, SHORTEST_LEASE, is_signed, mode_due, verified

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FOUND = Subscription(1, "https://hub.example/", "https://n.example/feed", token="t", secret="s")
ASKED = replace(FOUND, state=State.ASKED, asked_at=NOW, tries=1)
HELD = replace(FOUND, state=State.HELD, asked_at=NOW, until_at=NOW + 10 * DAY)
INTENT = {"hub.mode": "subscribe", "hub.topic": FOUND.topic, "hub.challenge": "x"}


def due(one: Subscription, later: timedelta = timedelta(0), *, watching: bool = True) -> str | None:
    return mode_due(one, NOW + later, watching=watching)


# -- deciding ---------------------------------------------------------------------------------


def test_a_hub_is_asked_once_and_again_after_ever_longer_silence() -> None:
    assert due(FOUND) == "subscribe"
    assert due(ASKED) is None
    assert due(ASKED, timedelta(minutes=11)) == "subscribe"
    assert due(replace(ASKED, tries=4), timedelta(minutes=79)) is None
    assert due(replace(ASKED, tries=99), DAY) == "subscribe"


def test_a_lease_is_renewed_before_it_ends() -> None:
    assert due(HELD, 9 * DAY) is None
    assert due(HELD, 9 * DAY + timedelta(hours=13)) == "subscribe"
    short = replace(HELD, until_at=NOW + timedelta(hours=1))
    assert due(short, timedelta(minutes=20)) is None
    assert due(short, timedelta(minutes=31)) == "subscribe"


def test_a_source_no_longer_watched_is_given_up_and_not_for_ever() -> None:
    assert due(HELD, DAY, watching=False) == "unsubscribe"
    leaving = replace(HELD, state=State.LEAVING, asked_at=NOW, tries=1)
    assert due(leaving, timedelta(hours=1), watching=False) == "unsubscribe"
    assert due(replace(leaving, tries=3), 9 * DAY, watching=False) is None
    assert due(replace(HELD, state=State.LEFT), DAY, watching=False) is None
    assert due(replace(HELD, state=State.LEFT), DAY) == "subscribe", "watched again"
    assert due(FOUND, watching=False) is None


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (ASKED, INTENT | {"hub.topic": "https://n.example/other"}),
        (ASKED, INTENT | {"hub.mode": "unsubscribe"}),
        (ASKED, {"hub.mode": "subscribe", "hub.topic": FOUND.topic}),
        (FOUND, INTENT),
        (replace(HELD, state=State.LEFT), INTENT),
        (replace(HELD, state=State.REFUSED), INTENT),
        (HELD, INTENT | {"hub.mode": "unsubscribe"}),
        (HELD, {}),
    ],
)
def test_nothing_is_confirmed_that_was_not_asked_for(
    known: Subscription, said: dict[str, str]
) -> None:
    after, answer = verified(known, said, NOW)
    assert (after, answer.status) == (known, 404)
    assert "x" not in answer.text


@given(st.text(max_size=30))
def test_a_lease_is_bounded_whatever_the_hub_says(seconds: str) -> None:
    after, answer = verified(ASKED, INTENT | {"hub.lease_seconds": seconds}, NOW)
    assert after.until_at is not None
    assert SHORTEST_LEASE <= after.until_at - NOW <= LONGEST_LEASE
    assert (after.state, answer.status, answer.text) == (State.HELD, 200, "x")


@pytest.mark.parametrize(
    ("secret", "header", "right"),
    [
        ("s", "sha256=b7dcb5eba4d4dc79dcbaae1a5b1b3d3a", False),
        ("s", "", False),
        ("s", "sha1=anything", False),
        ("s", "md5=anything", False),
        ("s", "sha256=", False),
        ("s", "sha256=☂", False),
        (None, "sha256=", False),
    ],
)
def test_a_wrong_signature_is_none(secret: str | None, header: str, right: bool) -> None:
    assert is_signed(secret, header, b"body") is right


# -- a real hub -------------------------------------------------------------------------------


def feed(origin: Origin, hub: Hub, *paths: str) -> Answer:
    items = "".join(
        f"<item><title>{path}</title><link>{origin.address(path)}</link></item>" for path in paths
    )
    links = "".join(
        f"<atom:link rel='{rel}' href='{place}'/>"
        for rel, place in (("hub", hub.address), ("self", origin.address("/feed.xml")))
    )
    body = (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>H</title>"
        f"{links}{items}</channel></rss>"
    )
    return Answer(body.encode(), headers={"Content-Type": "application/rss+xml"})


class Newsroom:
    """A feed that names a hub, and an ``up`` that the hub can reach."""

    def __init__(self, folder: Path, origin: Origin, hub: Hub) -> None:
        self.origin, self.hub = origin, hub
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.up = Running(folder, "--port", str(self.port), "--no-newsroom")
        self.up.product = Product(
            self.up.product.archive,
            (origin.host, hub.host),
            {"STORYLAPSE__CRAWL__WEBSUB_ADDRESS": f"http://127.0.0.1:{self.port}"},
        )
        self.topic = origin.address("/feed.xml")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return open_archive(self.up.product.archive).query(sql)

    def polls(self) -> int:
        return self.origin.hits.count("/feed.xml")

    def woken(self) -> int:
        return len(self.rows("FROM polls WHERE because = 'Its hub says that it changed.'"))


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Origin() as origin, Hub() as hub:
        made = Newsroom(tmp_path_factory.mktemp("websub"), origin, hub)
        origin.pages["/feed.xml"] = feed(origin, hub, "/a")
        made.up.product.run("watch", made.topic)
        with made.up:
            yield made


def test_the_hub_a_feed_names_is_subscribed_to_and_makes_sure_of_us(newsroom: Newsroom) -> None:
    newsroom.up.until(60, lambda: newsroom.hub.subscribers)
    (asked,) = newsroom.hub.asked
    assert asked["hub.mode"] == "subscribe"
    assert len(asked["hub.secret"]) > 30
    assert len(asked["hub.callback"].rpartition("/")[2]) > 30
    assert newsroom.hub.echoes == [(200, True)]
    (row,) = newsroom.rows("FROM subscriptions")
    assert row["state"] == "held"
    assert row["until_at"] - row["asked_at"] > 9 * DAY


def test_its_word_wakes_discovery_and_what_it_sends_is_not_believed(newsroom: Newsroom) -> None:
    newsroom.up.until(60, lambda: newsroom.hub.subscribers)
    newsroom.origin.pages["/feed.xml"] = feed(newsroom.origin, newsroom.hub, "/a", "/new")
    forged = feed(newsroom.origin, newsroom.hub, "/forged").body
    assert newsroom.hub.publish(newsroom.topic, forged) == 202
    newsroom.up.until(60, newsroom.woken)
    addresses = {row["address"] for row in newsroom.rows("FROM article_list")}
    assert newsroom.origin.address("/new") in addresses
    assert newsroom.origin.address("/forged") not in addresses


def test_a_wrong_signature_is_taken_and_ignored(newsroom: Newsroom) -> None:
    newsroom.up.until(60, lambda: newsroom.hub.subscribers)
    before = newsroom.rows("FROM subscriptions")[0]["pushed_at"]
    assert newsroom.hub.publish(newsroom.topic, b"x", secret="guessed") == 202
    assert newsroom.hub.publish(newsroom.topic, b"x", method="sha1") == 202
    assert newsroom.rows("FROM subscriptions")[0]["pushed_at"] == before
    assert "not signed as agreed" in newsroom.up.log()


def test_the_door_is_shut_to_everybody_else(newsroom: Newsroom) -> None:
    newsroom.up.until(60, lambda: newsroom.hub.subscribers)
    callback = newsroom.hub.subscribers[newsroom.topic].callback
    other = callback.rpartition("/")[0] + "/guessed"
    said = {"hub.mode": "subscribe", "hub.topic": newsroom.topic, "hub.challenge": "<script>"}
    assert httpx.get(other, params=said).status_code == 404
    assert httpx.post(other, content=b"x").status_code == 404
    answer = httpx.get(callback, params=said | {"hub.topic": "https://n.example/"})
    assert answer.status_code == 404
    assert httpx.get(callback, params=said | {"hub.challenge": "x" * 4000}).status_code == 404
    echoed = httpx.get(callback, params=said)
    assert echoed.headers["content-type"].startswith("text/plain")
    assert httpx.post(callback, content=b"x" * (3 * 2**20)).status_code == 413
    assert httpx.put(callback, content=b"x").status_code == 405


def test_it_is_left_when_the_source_is_removed(newsroom: Newsroom) -> None:
    newsroom.up.until(60, lambda: newsroom.hub.subscribers)
    callback = newsroom.hub.subscribers[newsroom.topic].callback
    newsroom.up.product.run("unwatch", newsroom.topic)
    newsroom.up.until(60, lambda: not newsroom.hub.subscribers)
    newsroom.up.until(20, lambda: newsroom.rows("FROM subscriptions")[0]["state"] == "left")
    assert httpx.post(callback, content=b"x").status_code == 410


def test_a_hub_that_refuses_or_is_not_there_leaves_polling_as_it_was(tmp_path: Path) -> None:
    with Origin() as origin, Hub() as hub:
        hub.refuses = True
        room = Newsroom(tmp_path, origin, hub)
        origin.pages["/feed.xml"] = feed(origin, hub, "/a")
        room.up.product.run("watch", room.topic)
        with room.up:
            room.up.until(60, lambda: room.rows("FROM subscriptions WHERE state = 'refused'"))
            polls = room.polls()
            room.up.until(60, lambda: room.polls() > polls + 1)
