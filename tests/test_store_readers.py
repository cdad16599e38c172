"""Readers who dispute the headline, told from readers who merely comment."""

from __future__ import annotations

import pytest

from store.model import Comment
from store.readers import dispute_in

DISPUTES = [
    "Please change the headline, nobody said that.",
    "The title is misleading; read the third paragraph.",
    "Fix your headline!",
    "What a clickbait title this is.",
    "Die Überschrift ist falsch.",
    "Le titre est trompeur, corrigez.",
]
OTHERS = [
    "I have lived beside the bridge for forty years.",
    "Great headline.",
    "They changed the timetable again.",
    "The team won the title last year.",
    "That is wrong: the ferry left at nine.",
    "Er hat den Titel gewonnen.",
]


@pytest.mark.parametrize("text", DISPUTES)
def test_a_dispute_is_told_as_what_a_reader_says(text: str) -> None:
    assert dispute_in(Comment(text, "ann")) == "A reader (ann) disputes the headline."
    assert dispute_in(Comment(text)) == "A reader disputes the headline."


@pytest.mark.parametrize("text", OTHERS)
def test_other_comments_dispute_nothing(text: str) -> None:
    assert dispute_in(Comment(text)) is None
