"""Articles spread over several pages: pure decisions, then real pages through the whole product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.archives.reading import read_page as archived
from crawler.extract import read_page
from crawler.extract.pages import address_of_page, page_number
from crawler.following import MOST_PAGES, joined
from origin import Answer, Origin
from product import Product
from store.archive import open_archive
from store.model import Capture, Document, Outcome

ADDRESS = "https://post.example/2026/harbour-wall"
PARTS = (
    (
        "The harbour board presented its report on the sea wall to a full hall on Monday evening.",
        "Divers had looked at four hundred metres of it between March and the end of the summer.",
        "What they found in the older part surprised even the engineers, the report says.",
        "Half of the stones below the water line have moved by more than the width of a hand.",
    ),
    (
        "The cost of a repair is put at nine million crowns, to be spent over three years.",
        "The board asked the county for a third of it in June and has had no reply since then.",
        "Fishermen told the meeting that boats have been damaged at the steps twice this year.",
        "A second estimate by another firm came to eleven million, with the same method of work.",
    ),
    (
        "Work could begin in the spring, after the winter storms, the harbour master said.",
        "Until then the outer steps stay closed, and boats over ten metres moor at the east pier.",
        "The council is to vote on the money at its last meeting before the holidays.",
        "Nobody in the hall spoke against the plan, and most asked why it had taken so long.",
    ),
)
HEADLINE = "Sea wall has moved, divers find"


def page(number: int, text: tuple[str, ...], offers: str = "", headline: str = HEADLINE) -> str:
    paragraphs = "".join(f"<p>{one}</p>" for one in text)
    title = headline if number == 1 else f"{headline} - Page {number}"
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{headline}</h1>"
        f"{paragraphs}</article>{offers}</body></html>"
    )


def listed(base: str, last: int, current: int) -> str:
    """A list of numbered pages, the current one without a link."""
    addresses = {n: base if n == 1 else f"{base}?page={n}" for n in range(1, last + 1)}
    links = {n: f"<a href='{address}'>{n}</a>" for n, address in addresses.items()}
    items = "".join(f"<li>{n if n == current else links[n]}</li>" for n in links)
    return f"<ul class='pagination'>{items}</ul>"


# ----------------------------------------------------------------------------------------------
# Which address is which page


@pytest.mark.parametrize(
    ("article", "address", "number"),
    [
        (ADDRESS, f"{ADDRESS}?page=2", 2),
        (ADDRESS, f"{ADDRESS}/?page=2", 2),
        (ADDRESS, f"{ADDRESS}?seite=3", 3),
        (ADDRESS, f"{ADDRESS}/2", 2),
        (f"{ADDRESS}/", f"{ADDRESS}/12/", 12),
        (ADDRESS, f"{ADDRESS}/page/2/", 2),
        (ADDRESS, f"{ADDRESS}/seite-2", 2),
        (ADDRESS, f"{ADDRESS},page-2", 2),
        (f"{ADDRESS}.html", f"{ADDRESS}-2.html", 2),
        (f"{ADDRESS}.html", f"{ADDRESS}_page2.html", 2),
        (f"{ADDRESS}.html", f"{ADDRESS}/2.html", 2),
        (f"{ADDRESS}?id=7", f"{ADDRESS}?page=2&id=7", 2),
        (ADDRESS, f"{ADDRESS}/", 1),
        (ADDRESS, "https://other.example/2026/harbour-wall/2", None),
        (ADDRESS, f"{ADDRESS}/comment-page-2", None),
        (ADDRESS, f"{ADDRESS}?cpage=2", None),
        (ADDRESS, f"{ADDRESS}-2", None),  # how WordPress calls another story of the same name
        (ADDRESS, "https://post.example/2026/harbour-mud", None),
        ("https://post.example/story/1", "https://post.example/story/2", None),
        ("https://post.example/story/1", "https://post.example/story/12", None),
        (ADDRESS, "https://post.example/2026/", None),
        ("https://post.example/", "https://post.example/2", None),
        (f"{ADDRESS}?id=7", f"{ADDRESS}?page=2", None),
        (ADDRESS, f"{ADDRESS}?page=0", None),
        (ADDRESS, f"{ADDRESS}?page=2000", None),
    ],
)
def test_a_page_is_known_by_its_address_alone(
    article: str, address: str, number: int | None
) -> None:
    assert page_number(article, address) == number


@pytest.mark.parametrize(
    "offers",
    [
        "<link rel='next' href='?page=2'>",
        "<a rel='next' href='?page=2'>go on</a>",
        "<a href='/2026/harbour-wall?page=2'>2</a>",
        "<a href='?page=2'>Next page ›</a>",
        "<a href='?page=2'>Nächste Seite</a>",
        "<a href='?page=2' aria-label='next'><svg></svg></a>",
        "<a href='?page=2'>»</a>",
    ],
)
def test_a_page_offers_the_one_after_it(offers: str) -> None:
    document = read_page(page(1, PARTS[0], offers), ADDRESS)
    assert address_of_page(ADDRESS, 2, document.page_links) == f"{ADDRESS}?page=2"


@pytest.mark.parametrize(
    "offers",
    [
        "<link rel='next' href='/2026/another-story'>",
        "<a rel='next' href='/2026/'>next</a>",
        "<a href='?page=2#comments'>2</a>",
        "<a href='https://evil.example/2026/harbour-wall?page=2'>2</a>",
        "<a href='/2026/harbour-wall/comment-page-2'>2</a>",
        "<a href='?page=2'>What the divers found in the old part of the wall</a>",
        "<a rel='next' href='http://[broken?page=2'>2</a>",
        "<div id='comments'><nav class='comments-pagination'><a href='?page=2'>2</a></nav></div>",
    ],
)
def test_what_is_no_page_of_the_article_is_not_asked_for(offers: str) -> None:
    document = read_page(page(1, PARTS[0], offers), ADDRESS)
    assert address_of_page(ADDRESS, 2, document.page_links) is None


def test_joining_keeps_the_order_and_says_what_repeats_once() -> None:
    note = "Correction: An earlier version of this article gave the wrong length of the wall."
    pages = [read_page(page(n, (*text, note)), ADDRESS) for n, text in enumerate(PARTS, 1)]
    whole = joined(pages)
    told = [block.text for block in whole.blocks]
    assert [one for one in told if one != note] == [one for part in PARTS for one in part]
    assert told.count(note) == 1
    assert len(whole.notes) == 1
    assert whole.blocks[whole.notes[0].block or 0].text == note
    assert whole.headline == HEADLINE


def test_one_page_joined_is_that_page() -> None:
    alone = read_page(page(1, PARTS[0]), ADDRESS)
    assert joined([alone]) == alone


class Here:
    """Reads pages in this process."""

    def read(self, body: bytes, url: str, content_type: str) -> Document:
        return read_page(body, url, content_type)


def test_a_capture_of_the_first_page_alone_is_incomplete_and_no_version() -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    capture = Capture(
        1, ADDRESS, moment, moment, "archive.example", "", ADDRESS, Outcome.READ, "", ""
    )
    alone, several = (
        archived(Here(), capture, ADDRESS, page(1, PARTS[0], offers).encode(), "text/html")
        for offers in ("", "<a href='?page=2'>2</a>")
    )
    assert alone.capture.outcome is Outcome.READ
    assert (several.capture.detail, several.document) == ("incomplete", None)


# ----------------------------------------------------------------------------------------------
# Through real HTTP and the whole product


TROUBLES = {
    "not-found": Answer(b"gone", 404),
    "broken": Answer(b"trouble", 500),
    "empty": Answer(b""),
    "home": Answer(b"", 302, {"Location": "/", "Content-Type": "text/html"}),
    "back": Answer(b"", 302, {"Location": "/back", "Content-Type": "text/html"}),
    "log-in": Answer(
        b"<html><title>Log in</title><body><p>Please log in to read on.</p></body></html>"
    ),
}
EDITED = (*PARTS[:2], tuple(one.replace("ten metres", "eight metres") for one in PARTS[2]))
WHOLE = tuple(one for part in PARTS for one in part)


def spread(
    origin: Origin, base: str, parts: tuple[tuple[str, ...], ...] = PARTS, tag: str = ""
) -> None:
    for n, text in enumerate(parts, 1):
        path = base if n == 1 else f"{base}?page={n}"
        body = page(n, text, listed(base, len(parts), n)).encode()
        stamped = {"ETag": tag} if tag else {}
        origin.pages[path] = Answer(body, headers={"Content-Type": "text/html", **stamped})


def published(origin: Origin) -> None:
    """Every story of this module, as it is at the first look."""
    robots = b"User-agent: *\nDisallow: /closed?page=\n"
    origin.pages["/robots.txt"] = Answer(robots, headers={"Content-Type": "text/plain"})
    origin.pages["/"] = "<html><body><h1>News</h1></body></html>"
    for name in ("edited", "same", "merged", "joined", "cut", "closed", *TROUBLES):
        spread(origin, f"/{name}")
    spread(origin, "/tagged", tag='"one"')
    origin.pages["/repeats"] = page(1, PARTS[0], listed("/repeats", 5, 1))
    origin.pages["/repeats?page=2"] = page(1, PARTS[0], listed("/repeats", 5, 2))
    origin.pages["/other"] = page(1, PARTS[0], "<a rel=next href='/other/2'>next</a>")
    origin.pages["/other/2"] = page(1, PARTS[1], headline="Bakery wins the county prize again")
    for n in range(1, MOST_PAGES + 10):
        text = tuple(f"{one[:-1]}, as page {n} of the report adds." for one in PARTS[n % 3])
        path = "/endless" if n == 1 else f"/endless?page={n}"
        origin.pages[path] = page(1, text, f"<link rel=next href='/endless?page={n + 1}'>")


STORIES = (
    "edited", "same", "merged", "joined", "cut", "closed", *TROUBLES,
    "tagged", "repeats", "other", "endless",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What four looks at every story came to: the first, two with the troubles, one without."""

    product: Product
    origin: Origin
    asked: list[str]

    def rows(self, question: str) -> list[dict[str, Any]]:
        return open_archive(self.product.archive).query(question)

    def checks(self, name: str) -> list[dict[str, Any]]:
        address = self.origin.address(f"/{name}")
        return self.rows(
            "SELECT c.* FROM check_list c JOIN articles a USING (article_id) "
            f"WHERE a.address = '{address}' ORDER BY c.started_at"
        )

    def outcomes(self, name: str) -> list[str]:
        return [check["outcome"] for check in self.checks(name)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with Origin() as origin:
        product = Product(tmp_path_factory.mktemp("told") / "archive.duckdb", (origin.host,))
        published(origin)
        product.run("watch", *(origin.address(f"/{name}") for name in STORIES))
        product.run("fetch", "--all", ok=(0, 3))
        asked = list(origin.hits)
        spread(origin, "/edited", EDITED)
        origin.pages["/merged"] = page(1, WHOLE)
        origin.pages["/cut"] = page(1, PARTS[0])
        del origin.pages["/joined?page=2"]
        origin.pages["/joined"] = page(1, WHOLE)
        for name, trouble in TROUBLES.items():
            origin.pages[f"/{name}?page=3"] = trouble
        for _ in range(2):
            product.run("fetch", "--all", ok=(0, 3))
        for name in TROUBLES:
            spread(origin, f"/{name}")
        product.run("fetch", "--all", ok=(0, 3))
        yield Told(product, origin, asked)


def test_all_pages_are_one_document_each_with_its_evidence(told: Told) -> None:
    first = told.checks("same")[0]
    assert (first["outcome"], first["pages"]) == ("read", 3)
    shown = told.product.run("show", f"{told.origin.address('/same')}@1").stdout
    text = " ".join(shown.split())
    places = [text.index(one) for one in WHOLE]
    assert places == sorted(places)
    pages = told.rows(f"FROM page_list WHERE check_id = '{first['check_id']}' ORDER BY number")
    assert [(row["number"], row["outcome"], row["status"]) for row in pages] == [
        (2, "read", 200),
        (3, "read", 200),
    ]
    archive = open_archive(told.product.archive)
    for row in pages:
        kept = archive.body(row["body_digest"])
        assert kept == told.origin.answer(row["address"].removeprefix(told.origin.address(""))).body


def test_pages_that_stay_the_same_are_unchanged(told: Told) -> None:
    assert told.outcomes("same") == ["read", "unchanged", "unchanged", "unchanged"]


def test_an_edit_on_page_three_is_seen_though_page_one_is_the_same(told: Told) -> None:
    assert told.outcomes("edited") == ["read", "read", "unchanged", "unchanged"]
    changes = told.product.lines("changes")
    assert {change["address"] for change in changes} == {told.origin.address("/edited")}
    assert "eight metres" in json.dumps(changes)


def test_validators_of_page_one_do_not_vouch_for_page_three(told: Told) -> None:
    address = told.origin.address("/tagged")
    question = "SELECT etag, last_modified, body_digest, pages FROM schedule_list WHERE address = "
    (row,) = told.rows(f"{question}'{address}'")
    assert tuple(row.values()) == (None, None, None, 3)


@pytest.mark.parametrize("name", TROUBLES)
def test_a_missing_page_is_incomplete_and_never_an_edit(told: Told, name: str) -> None:
    checks = told.checks(name)
    assert told.outcomes(name) == ["read", "failed", "failed", "unchanged"]
    assert {check["detail"] for check in checks[1:3]} == {"incomplete"}
    assert checks[1]["reason"].startswith("Page 3 of the article is missing: ")
    assert checks[1]["reason"].endswith(".")


def test_a_missing_page_raises_no_alert(told: Told) -> None:
    assert told.product.lines("alerts") == []


def test_a_second_page_that_repeats_the_first_ends_the_article(told: Told) -> None:
    assert told.checks("repeats")[0]["pages"] == 1
    assert "/repeats?page=3" not in told.asked
    assert set(told.outcomes("repeats")[1:]) == {"unchanged"}


def test_another_story_behind_next_is_not_joined(told: Told) -> None:
    assert told.outcomes("other")[0] == "read"
    shown = told.product.run("show", told.origin.address("/other")).stdout
    assert PARTS[1][0] not in " ".join(shown.split())


def test_pages_without_end_are_read_up_to_a_bound(told: Told) -> None:
    assert sum(path.startswith("/endless") for path in told.asked) == MOST_PAGES
    assert told.outcomes("endless") == ["read", "unchanged", "unchanged", "unchanged"]


def test_a_page_that_robots_txt_closes_is_not_asked_for(told: Told) -> None:
    assert not any(path.startswith("/closed?page=") for path in told.origin.hits)
    first = told.checks("closed")[0]
    assert (first["outcome"], first["detail"]) == ("failed", "incomplete")
    assert "robots.txt" in first["reason"]


@pytest.mark.parametrize("name", ["merged", "joined"])
def test_an_article_that_moves_to_one_page_keeps_its_text(told: Told, name: str) -> None:
    assert told.outcomes(name) == ["read", "unchanged", "unchanged", "unchanged"]
    assert [check["pages"] for check in told.checks(name)[:2]] == [3, 1]


def test_a_list_of_pages_that_vanishes_is_no_edit_while_the_pages_stand(told: Told) -> None:
    assert told.outcomes("cut") == ["read", "unchanged", "unchanged", "unchanged"]
    assert [check["pages"] for check in told.checks("cut")] == [3, 3, 3, 3]
