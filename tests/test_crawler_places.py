"""Where a page says its article stands: what is asked, and what is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.linkheader import Relation, relations
from crawler.places import Places, claimed_place, may_stand, stands_there
from store.identity import is_same_article
from store.model import Claims, Document, Due, Fetch, Outcome, Snapshot, Why
from store.text import document_from_text

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)
HERE, THERE = "https://n.example/print/crane", "https://n.example/crane"
TEXT = (
    "The harbour board voted on Tuesday to rebuild the old crane beside the market hall. "
    "Work begins in April and is to last until the end of the following year. "
    "The crane was built in 1911 and has not lifted anything since the war. "
    "A fund that residents set up has paid for half of it, the treasurer said."
)
OTHER = (
    "A choir of schoolchildren from the upper valley won the national prize for singing. "
    "Its forty members travelled through the night and slept on the benches of a ferry. "
    "The judges praised the clarity of the lower voices and the courage of the programme."
)


def document(text: str = TEXT, headline: str = "Crane", canonical: str | None = None) -> Document:
    return replace(
        document_from_text(text, HERE), headline=headline, claims=Claims(canonical=canonical)
    )


def seen(read: Document | None, number: int = 1, **fields: object) -> Snapshot:
    fetch = Fetch(number, NOW, NOW, Why.DUE, Outcome.READ, "read", "It was read.")
    return Snapshot(replace(fetch, **fields), b"", read)


def due(number: int = 1) -> Due:
    return Due(number, HERE, Why.DUE, etag='"e"', body_digest="d")


@pytest.mark.parametrize(
    ("here", "there", "may"),
    [
        (HERE, THERE, True),
        ("https://m.n.example/a-b", "https://www.n.example/a-b", True),
        ("https://amp.n.example/a-b", "https://n.example/a-b", True),
        ("http://n.example/a-b", "https://n.example/a-b", True),
        ("https://n.example/a-b", "http://n.example/a-b", False),
        ("https://n.example/a-b", "https://n.example/", False),
        ("https://n.example/news/a-b", "https://n.example/news", False),
        ("https://n.example/a-b", "https://n.example/en/", False),
        ("https://n.example/a-b", "https://wire.example/a-b", False),
        ("https://n.example/a-b", "https://n.example:8443/a-b", False),
        ("https://example/a-b", "https://m.example.evil/a-b", False),
        ("https://n.example/a-b", "https://n.example/?p=123", True),
    ],
)
def test_an_article_is_asked_for_within_its_site_only(here: str, there: str, *, may: bool) -> None:
    assert may_stand(here, there) is may


def test_a_header_claims_before_the_head_and_itself_is_no_claim() -> None:
    link = (("Link", f'<{THERE}>; rel="canonical"'),)
    assert claimed_place(seen(document(canonical="/x"), headers=link), HERE) == THERE
    assert claimed_place(seen(document(canonical=f"{HERE}?utm_source=x#y")), HERE) is None
    for odd in (None, "", "javascript:1", "http://[::1", "https://u:p@n.example/", "//"):
        assert claimed_place(seen(document(canonical=odd)), HERE) is None


def test_a_claim_is_tried_once_and_believed_where_the_texts_agree() -> None:
    places, first = Places(), seen(document(canonical=THERE))
    further = places.further(due(), first)
    assert further is not None
    assert (further.address, further.etag, further.body_digest) == (THERE, None, None)
    assert places.further(due(), first) is None, "it is under way"
    settled = places.settled(seen(document(), why=Why.CONFIRM))
    assert (settled.fetch.moved_to, settled.fetch.why) == (THERE, Why.DUE)


@pytest.mark.parametrize(
    "second",
    [
        seen(document(OTHER)),
        seen(document(headline="Choir")),
        seen(document(canonical="https://n.example/third")),
        seen(document(), final_address="https://n.example/elsewhere"),
        seen(None, outcome=Outcome.FAILED),
        seen(document(), outcome=Outcome.BLOCKED),
    ],
)
def test_a_claim_that_proves_wrong_changes_nothing_and_is_not_tried_again(second: Snapshot) -> None:
    places, first = Places(), seen(document(canonical=THERE))
    assert places.further(due(), first) is not None
    assert places.settled(second) is first
    assert places.further(due(), first) is None
    assert not stands_there(first, second, THERE)


def test_a_host_is_tried_as_often_as_it_proved_right() -> None:
    places, tried = Places(), 0
    for number in range(20):
        further = places.further(due(number), seen(document(canonical=THERE), number))
        tried += further is not None
        places.settled(seen(document(OTHER), number))
    assert tried == 10


def test_what_is_no_article_claims_nothing() -> None:
    walled = seen(document(canonical=THERE), outcome=Outcome.BLOCKED)
    assert Places().further(due(), walled) is None


def test_the_same_text_under_another_headline_is_another_article() -> None:
    assert is_same_article(document(), document())
    assert is_same_article(document(), document(TEXT + " One sentence more was added to it."))
    assert not is_same_article(document(), document(headline="Crane, day two"))
    assert not is_same_article(document(), document(OTHER))
    assert not is_same_article(document("Closed today."), document("Closed today."))
    assert not is_same_article(document(TEXT[:150]), document(TEXT))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('<https://h.example/>; rel="hub"', [Relation("hub", "https://h.example/")]),
        ("</self>; rel=self, <h>; REL=hub", [
            Relation("self", "https://n.example/self"),
            Relation("hub", "https://n.example/a/h"),
        ]),
        ('<a,b;c>; title="x, <y>; rel=no"; rel="one Two"', [
            Relation("one", "https://n.example/a/a,b;c"),
            Relation("two", "https://n.example/a/a,b;c"),
        ]),
        ("<a>", []),
        ("rel=hub", []),
        ("<" * 9000, []),
        ("<http://[>; rel=hub", []),
    ],
)  # fmt: skip
def test_link_headers_are_read_as_they_are_written(value: str, found: list[Relation]) -> None:
    assert relations([value], "https://n.example/a/b") == found
