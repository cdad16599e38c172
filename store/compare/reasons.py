"""One plain sentence per change, note and verdict, made once, next to the decision."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.compare.words import WordDiff, diff_words
from store.model import Change, ChangeKind, FactChange, Note, NoteKind, Place, Verdict

# Values and quotations longer than this are cut in a reason.
_LONGEST = 120
# Changed runs up to this long stand whole in a reason.
_RUN = 90

NOTE_WORDS = {
    NoteKind.UPDATE: "an update",
    NoteKind.CORRECTION: "a correction",
    NoteKind.CLARIFICATION: "a clarification",
    NoteKind.EDITORS_NOTE: "an editor's note",
    NoteKind.RETRACTION: "a retraction",
}
_PLACES = {
    Place.TOP: "at the top",
    Place.INLINE: "inside the text",
    Place.END: "at the foot",
    Place.METADATA: "in the page's metadata only",
}
_FACTS = {
    "number": "One figure",
    "casualty_count": "The number of casualties",
    "percent": "The share",
    "money": "The sum",
    "quantity": "The measure",
    "score": "The score",
    "date": "The date",
    "time": "The time",
    "age": "The age",
    "title": "The title",
    "name": "The name",
    "quote": "The quotation",
    "attribution": "The source named",
    "speaker": "The speaker of a quotation",
    "status": "The state",
    "allegation": "The wording of an allegation",
    "link": "The link",
    "dateline": "The dateline",
}
# A fact that came or went, with nothing in its place.
_ALONE = {
    "casualty_count": "A number of casualties",
    "age": "An age",
    "quote": "A quotation",
    "attribution": "A source",
    "speaker": "A speaker",
    "allegation": "The wording of an allegation",
    "money": "A sum",
}
# A quotation that ends a clause and its sentence too.
_ENDED = re.compile("[.!?。！？]”$")
# A value that is one word with a capital: where it is a number word, it opened its sentence.
_ONE_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


def shorten(text: str) -> str:
    """A text of at most some hundred letters on one line, cut at a word."""
    text = " ".join(text.split())
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:-") + " …"


def quoted(text: str) -> str:
    """A text in curly quotes, shortened."""
    return f"“{shorten(text.strip())}”"


def note_phrase(note: Note) -> str:
    """A note and where it stands: "the correction at the foot"."""
    name = NOTE_WORDS[note.kind].split(" ", 1)[1]
    return f"the {name} {_PLACES[note.place]}"


def added_note(note: Note) -> str:
    """Why an added note is a change."""
    source = f" citing {note.source}" if note.source else ""
    return plain(
        f"The outlet added {NOTE_WORDS[note.kind]} {_PLACES[note.place]}{source}: "
        f"{quoted(note.text)}"
    )


def removed_note(note: Note) -> str:
    """Why a removed note is a change."""
    article = NOTE_WORDS[note.kind].split(" ", 1)[1]
    return f"The {article} that said {quoted(note.text)} is gone."


def edited_note(old: Note, new: Note) -> str:
    """Why a reworded note is a change."""
    name = NOTE_WORDS[old.kind].split(" ", 1)[1]
    return plain(f"The {name} now says {quoted(new.text)} where it said {quoted(old.text)}")


def fact_clause(fact: FactChange, words: WordDiff, counted: str = "") -> str:
    """What became of one fact among these words, without a full stop.

    ``counted`` is what a number counts.
    """
    old, new = fact.old, fact.new
    if fact.type == "negation":
        return f"{quoted(old or '')} became {quoted(new or '')}: the meaning is reversed"
    if fact.type == "hedge":
        return _hedge_clause(old, new, words)
    if fact.type == "name_spelling":
        return f"The spelling of a name went from {old} to {new}"
    if fact.type == "link" and old and new:
        where = f" in {quoted(words.new)}" if words.new else ""
        return f"A link{where} led to {shorten(old)} and now leads to {shorten(new)}"
    if not old or not new:
        subject = _ALONE.get(fact.type, f"A {fact.type}")
        return f"{subject} was {'added' if new else 'dropped'}: {_value(fact, new or old or '')}"
    subject = f"The number of {counted}" if counted else _FACTS.get(fact.type, f"The {fact.type}")
    long = max(len(old), len(new)) > _LONGEST
    short = f"{_value(fact, old)} to {_value(fact, new)}"
    return f"{subject} went from {_both(diff_words(old, new), ' to ') if long else short}"


def _value(fact: FactChange, value: str) -> str:
    """A value as worded; a number word that opened its sentence is written small."""
    if fact.type in {"quote", "allegation", "status", "attribution"}:
        return quoted(value)
    if fact.type in {"number", "casualty_count"} and _ONE_WORD.fullmatch(value):
        return value.lower()
    return shorten(value)


def _hedge_clause(old: str | None, new: str | None, words: WordDiff) -> str:
    if old and new:
        return f"{quoted(old)} became {quoted(new)}: how certain the text is changed"
    if new:
        where = _beside(words.new, [(b.new_start, b.new_end) for b in words.blocks], new)
        return f"{quoted(new)} was added{where}: the text is less certain now"
    where = _beside(words.old, [(b.old_start, b.old_end) for b in words.blocks], old or "")
    return f"{quoted(old or '')} was dropped{where}: the text is more certain now"


def _beside(text: str, runs: Sequence[tuple[int, int]], value: str) -> str:
    """Where a value stands among the runs that differ: " in “…”", or nothing."""
    for start, end in runs:
        if value.lower() in text[start:end].lower():
            return f" in “{_around(text, start, end)}”"
    return ""


def plain(clause: str) -> str:
    """A clause of which the notes have nothing to say, as a sentence."""
    return clause if _ENDED.search(clause) else f"{clause}."


def declared(clause: str, note: Note) -> str:
    """A clause that a note admits, as a sentence."""
    return f"{clause}; {note_phrase(note)} says so."


def vague(clause: str, note: Note) -> str:
    """A clause beside a note that does not say what it admits, as a sentence."""
    return f"{clause}; {note_phrase(note)} does not say what it is about."


def undeclared(clause: str, notes: Sequence[Note]) -> str:
    """A clause that no note admits, as a sentence; ``notes`` are those that came with it."""
    if not notes:
        return f"{clause}; changed without a note."
    if len(notes) > 1:
        return f"{clause}; none of the notes mentions it."
    return f"{clause}; {note_phrase(notes[0])} does not mention it."


def covered(clause: str, note: Note) -> str:
    """A clause of something added, beside a note that only says the article was updated."""
    return f"{clause}; {note_phrase(note)} says that the article was updated."


def still_wrong(fact: FactChange, where: str, text: str, note: Note, *, changed: bool) -> str:
    """What a note admits was wrong and what stands there all the same."""
    said = f"“{fact.old}” became “{fact.new}” and {note_phrase(note)} says so"
    if not changed:
        name = note_phrase(note)
        said = f"{name[:1].upper()}{name[1:]} says “{fact.new}” and not “{fact.old}”"
    return plain(f"{said}, but “{fact.old}” still stands {where}: {quoted(text)}")


_TEXT = {
    ChangeKind.ADDED: "New text: {after}",
    ChangeKind.REMOVED: "This text is gone: {before}",
    ChangeKind.MOVED: "This text moved {way}: {after}",
    ChangeKind.MOVED_EDITED: "This text moved {way} and was edited: {after}",
    ChangeKind.SPLIT: "One sentence became {news}: {after}",
    ChangeKind.MERGED: "{olds} sentences became one: {after}",
    ChangeKind.REWRITTEN: "{before} was rewritten as {after}",
}
_COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def text_clause(kind: ChangeKind, words: WordDiff, way: str | None, olds: int, news: int) -> str:
    """What became of a piece of text in which no typed fact changed.

    ``olds`` and ``news`` are how many sentences it had and has.
    """
    if kind is ChangeKind.ABSORBED:
        way = "went into another" if olds > news else "became a sentence of its own"
        return f"Part of one sentence {way}: {_both(words, ' became ')}"
    pattern = _TEXT.get(kind)
    if pattern is None:
        return _edit_clause(words)
    return pattern.format(
        before=quoted(words.old),
        after=quoted(words.new),
        way=way or "",
        olds=_count(olds),
        news=_count(news).lower(),
    )


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def _edit_clause(words: WordDiff) -> str:
    """An edit so that the words that differ can be seen, however long the sentence is."""
    if max(len(words.old), len(words.new)) <= _LONGEST or not words.blocks:
        return f"{quoted(words.old)} became {quoted(words.new)}"
    first, last = words.blocks[0], words.blocks[-1]
    gone = words.old[first.old_start : last.old_end].strip()
    come = words.new[first.new_start : last.new_end].strip()
    if len(words.blocks) == 1 and not (gone and come):
        where = f"“{_around(words.new, first.new_start, first.new_end)}”"
        if come:
            return f"{quoted(come)} was added: {where}"
        return f"{quoted(gone)} was taken out: {where}"
    return _both(words, " became ")


def _both(words: WordDiff, between: str) -> str:
    """Both texts about what differs first, and all that differs where it is short."""
    if not words.blocks:
        return f"{quoted(words.old)}{between}{quoted(words.new)}"
    first, last = words.blocks[0], words.blocks[-1]
    short = max(last.old_end - first.old_start, last.new_end - first.new_start) <= _RUN
    old_end, new_end = (last.old_end, last.new_end) if short else (first.old_start, first.new_start)
    before = _around(words.old, first.old_start, old_end)
    return f"“{before}”{between}“{_around(words.new, first.new_start, new_end)}”"


def _around(text: str, start: int, end: int) -> str:
    """A text about a run of it, cut at words, with marks where it was cut."""
    spare = max(_LONGEST - (end - start), _LONGEST // 3)
    left, right = max(0, start - spare // 3), min(len(text), end + 2 * spare // 3)
    head = text[left:start].split(" ", 1)[-1] if left else text[:start]
    tail = text[end:right].rsplit(" ", 1)[0] if right < len(text) else text[end:]
    run = shorten(text[start:end]) if end - start > _LONGEST else text[start:end]
    return f"{'… ' if left else ''}{(head + run + tail).strip()}{' …' if right < len(text) else ''}"


def frame_clause(part: str, old: str | None, new: str | None, sub_kind: str | None) -> str:
    """What became of the headline, standfirst or byline."""
    if not old:
        return f"The {part} was added: {quoted(new or '')}"
    if not new:
        return f"The {part} {quoted(old)} is gone"
    how = " (only its spelling or typography differs)" if sub_kind == "cosmetic" else ""
    return f"The {part} was {quoted(old)} and is now {quoted(new)}{how}"


def verdict_reason(verdict: Verdict, changes: Sequence[Change]) -> str:
    """The whole comparison in one sentence: its most significant change, and how many more."""
    if verdict is Verdict.UNCHANGED:
        return "Nothing changed."
    top = max(changes, key=lambda change: change.significance)
    rest = len(changes) - 1
    if not rest:
        return top.reason
    more = "one more change" if rest == 1 else f"{rest} more changes"
    return f"{top.reason.removesuffix('.')}; and {more}."
