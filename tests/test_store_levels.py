"""What only one of two readings shows of an article's frame is no edit of its text."""

from __future__ import annotations

from store.compare import compare
from store.levels import levelled
from store.model import Block, BlockKind, ChangeKind, Document, Note, NoteKind, Place, Verdict

WORDS = (
    "The weir was closed on Monday.",
    "Its keeper blames the ice.",
    "The town will pay for the gates.",
)
NOTE = Note(NoteKind.CORRECTION, "Correction: it was Monday.", Place.END, "en", "en/label", block=4)


def reading(*before: str, byline: str | None, note: bool = False) -> Document:
    blocks = [Block(BlockKind.PARAGRAPH, text) for text in (*before, *WORDS)]
    if note:
        blocks.append(Block(BlockKind.NOTE, NOTE.text))
    notes = (NOTE,) if note else ()
    return Document("https://a.example/1", "Weir closed", tuple(blocks), byline=byline, notes=notes)


def test_a_byline_that_one_reading_takes_for_a_paragraph_is_no_edit() -> None:
    recognised, shown = reading(byline="Ida Holm"), reading("Ida Holm", byline=None)
    for sides in ((recognised, shown), (shown, recognised)):
        assert compare(*levelled(*sides)).verdict is Verdict.UNCHANGED


def test_another_byline_is_told_as_one_though_it_stands_in_the_text_too() -> None:
    old, new = reading("Ida Holm", byline="Ida Holm"), reading("Per Lund", byline="Per Lund")
    assert [change.kind for change in compare(*levelled(old, new)).changes] == [ChangeKind.BYLINE]


def test_notes_stay_in_their_blocks_where_a_byline_before_them_is_taken_out() -> None:
    old = reading("Ida Holm", byline="Ida Holm", note=True)
    levelled_old, _ = levelled(old, reading(byline="Ida Holm"))
    (note,) = levelled_old.notes
    assert note.block is not None
    assert levelled_old.blocks[note.block].text == NOTE.text
