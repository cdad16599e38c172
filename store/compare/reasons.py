"""One plain sentence per change, note and verdict, made once, next to the decision."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.model import Change, ChangeKind, FactChange, Note, NoteKind, Place, Verdict

# Values and quotations longer than this are cut in a reason.
_LONGEST = 120

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
}
# A value that is one word with a capital: where it is a number word, it opened its sentence.
_ONE_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


def shorten(text: str) -> str:
    """A text of at most some hundred letters, cut at a word."""
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
    return (
        f"The outlet added {NOTE_WORDS[note.kind]} {_PLACES[note.place]}{source}: "
        f"{quoted(note.text)}."
    )


def removed_note(note: Note) -> str:
    """Why a removed note is a change."""
    article = NOTE_WORDS[note.kind].split(" ", 1)[1]
    return f"The {article} that said {quoted(note.text)} is gone."


def edited_note(old: Note, new: Note) -> str:
    """Why a reworded note is a change."""
    name = NOTE_WORDS[old.kind].split(" ", 1)[1]
    return f"The {name} now says {quoted(new.text)} where it said {quoted(old.text)}."


def fact_clause(fact: FactChange, counted: str = "") -> str:
    """What became of one fact, without a full stop; ``counted`` is what a number counts."""
    old, new = fact.old, fact.new
    if fact.type == "negation":
        return f"{quoted(old or '')} became {quoted(new or '')}: the meaning is reversed"
    if fact.type == "hedge":
        return _hedge_clause(old, new)
    if fact.type == "name_spelling":
        return f"The spelling of a name went from {old} to {new}"
    subject = f"The number of {counted}" if counted else _FACTS.get(fact.type, f"The {fact.type}")
    if old and new:
        return f"{subject} went from {_value(fact, old)} to {_value(fact, new)}"
    verb, value = ("came in", new) if new else ("went out", old)
    return f"{subject} {verb}: {_value(fact, value or '')}"


def _value(fact: FactChange, value: str) -> str:
    """A value as worded; a number word that opened its sentence is written small."""
    if fact.type in {"quote", "allegation", "status"}:
        return quoted(value)
    if fact.type in {"number", "casualty_count"} and _ONE_WORD.fullmatch(value):
        return value.lower()
    return shorten(value)


def _hedge_clause(old: str | None, new: str | None) -> str:
    if old and new:
        return f"{quoted(old)} became {quoted(new)}: how certain the text is changed"
    if new:
        return f"{quoted(new)} was added: the text is less certain now"
    return f"{quoted(old or '')} was dropped: the text is more certain now"


def declared(clause: str, note: Note | None, *, silent: bool) -> str:
    """A clause with what the notes say about it, as a sentence."""
    if note is not None:
        return f"{clause}; {note_phrase(note)} says so."
    if silent:
        return f"{clause}; changed without a note."
    return f"{clause}."


_TEXT = {
    ChangeKind.ADDED: "New text: {after}",
    ChangeKind.REMOVED: "This text is gone: {before}",
    ChangeKind.MOVED: "This text moved {way}: {after}",
    ChangeKind.MOVED_EDITED: "This text moved {way} and was edited: {after}",
    ChangeKind.SPLIT: "One passage was split: {after}",
    ChangeKind.MERGED: "Sentences were merged: {after}",
    ChangeKind.REWRITTEN: "{before} was rewritten as {after}",
}


def text_clause(kind: ChangeKind, old: str | None, new: str | None, way: str | None) -> str:
    """What became of a piece of text in which no typed fact changed."""
    pattern = _TEXT.get(kind, "{before} became {after}")
    return pattern.format(before=quoted(old or ""), after=quoted(new or ""), way=way or "")


def frame_clause(part: str, old: str | None, new: str | None, sub_kind: str | None) -> str:
    """What became of the headline, standfirst or byline."""
    if not old:
        return f"The {part} was added: {quoted(new or '')}"
    if not new:
        return f"The {part} {quoted(old)} is gone"
    how = " in its typography only" if sub_kind == "cosmetic" else ""
    return f"The {part} changed{how} from {quoted(old)} to {quoted(new)}"


def verdict_reason(verdict: Verdict, changes: Sequence[Change]) -> str:
    """The whole comparison in one sentence: its most significant change, and how many more."""
    if verdict is Verdict.UNCHANGED:
        return "Nothing changed."
    if verdict is Verdict.COSMETIC:
        return "Only typography differs: quotation marks, dashes or spacing."
    top = max(changes, key=lambda change: change.significance)
    rest = len(changes) - 1
    if not rest:
        return top.reason
    more = "one more change" if rest == 1 else f"{rest} more changes"
    return f"{top.reason.rstrip('.')}; and {more}."
