"""Text: cleaning, normalising, documents from plain text."""

from hypothesis import given
from hypothesis import strategies as st

from store.model import BlockKind, NoteKind
from store.text import clean, document_from_text, normalise


def test_normal_form_ignores_typography_only():
    fancy = "“It’s\u00a0late”\u200b – she\u00ad said…"
    assert normalise(fancy) == normalise('"It\'s late" - she said...')
    assert normalise("12 dead") != normalise("13 dead")
    assert normalise("Dead") != normalise("dead")


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


def test_hostile_signs_are_cleaned_away():
    assert clean("a\x00b\ud800c\u202ed\x9be\r\nf") == "abcde\nf"


@given(st.text())
def test_clean_text_can_be_stored(text):
    clean(text).encode("utf-8")


def test_paragraphs_become_blocks_and_notes_are_found():
    text = (
        "The ferry is full.\nIt left.\n\n \nUpdate: The harbour office said it came back at noon."
    )
    document = document_from_text(text, "https://a.example/1")
    assert [block.text for block in document.blocks] == [
        "The ferry is full. It left.",
        "Update: The harbour office said it came back at noon.",
    ]
    assert document.blocks[1].kind is BlockKind.NOTE
    assert document.notes[0].kind is NoteKind.UPDATE
    assert document.address == "https://a.example/1"
