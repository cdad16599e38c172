"""Links: an address behind the same words that leads elsewhere is a change."""

import pytest

from store.compare import compare
from store.model import Block, BlockKind, Document, Verdict

TEXT = "The city published the report on the bridge on Monday. The mayor wants to read it first."
OTHER = "The bridge has been closed since the storm in March, and nobody knows for how long."
OLD = "https://city.example/report-2025.pdf"


def document(*links, text=TEXT):
    blocks = (
        Block(BlockKind.PARAGRAPH, OTHER),
        Block(BlockKind.PARAGRAPH, text, links),
    )
    return Document("https://herald.example/story", "The bridge", blocks, language="en")


def facts(old, new):
    changes = compare(old, new).changes
    return [(fact.type, fact.old, fact.new) for change in changes for fact in change.facts]


def test_a_link_that_leads_elsewhere_is_told_once_with_both_addresses():
    new = "https://city.example/report-2026.pdf"
    comparison = compare(document(OLD), document(new))
    assert [change.kind.value for change in comparison.changes] == ["edited"]
    assert facts(document(OLD), document(new)) == [("link", OLD, new)]


def test_a_link_is_told_with_the_edit_of_its_paragraph():
    new, text = "https://city.example/plans", TEXT.replace("mayor", "governor")
    comparison = compare(document(OLD), document(new, text=text))
    assert len(comparison.changes) == 1
    assert ("link", OLD, new) in facts(document(OLD), document(new, text=text))


@pytest.mark.parametrize(
    "links",
    [
        ("https://city.example/report-2025.pdf?utm=feed",),
        ("https://www.city.example/archive/report-2025.pdf#top",),
        (OLD, "https://city.example/plans"),
        (),
        ("http://[broken", "x"),
    ],
)
def test_a_link_that_moved_came_or_went_is_no_change(links):
    comparison = compare(document(OLD), document(*links))
    assert comparison.verdict is Verdict.UNCHANGED
    assert comparison.changes == ()
