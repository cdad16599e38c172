"""Texts of the archive as they leave, in SQL: cut spans, digests, redlines.

DuckDB makes them while it reads, so that a million changes cost no Python. A redline made here is
to the letter what ``store.message.redline`` makes of the same spans (a test holds them the same).
"""

from __future__ import annotations

from store.message import CONTEXT, LONGEST_RUN

SPAN = 280
"""Characters of old or new text that leave without being asked for: the length of a short
quotation, as the message formats of news alerts have it."""

# What Python's ``\s`` takes for white space; RE2's own class is ASCII.
_WHITE = (
    r"[\s\x{0b}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}"
    r"\x{205f}\x{3000}]+"
)
# What ``store.text.clean`` drops; surrogates cannot stand in an archive.
_HOSTILE = (
    r"[\x{00}-\x{08}\x{0b}\x{0c}\x{0e}-\x{1f}\x{7f}-\x{84}\x{86}-\x{9f}\x{061c}\x{200e}\x{200f}"
    r"\x{202a}-\x{202e}\x{2066}-\x{2069}]"
)
_FLAT = (
    f"regexp_replace(nfc_normalize(regexp_replace(s.text, '{_HOSTILE}', '', 'g')),"
    f" '{_WHITE}', ' ', 'g')"
)
_RUN = (
    f"CASE WHEN length(s.text) <= {LONGEST_RUN} THEN s.text"
    f" ELSE left(s.text, {LONGEST_RUN - 1}) || '…' END"
)
_HEAD = f"CASE WHEN s.first AND NOT s.last THEN '' ELSE left(s.text, {CONTEXT}) END"
_TAIL = f"CASE WHEN s.last THEN '' ELSE right(s.text, {CONTEXT}) END"
_SAME = (
    f"CASE WHEN length(s.text) <= length({_HEAD}) + length({_TAIL}) THEN s.text"
    f" ELSE {_HEAD} || '…' || {_TAIL} END"
)


def short(column: str) -> str:
    """Return the SQL of a text cut to SPAN characters."""
    cut = f"left({column}, {SPAN - 1}) || '…'"
    return f"CASE WHEN length({column}) <= {SPAN} THEN {column} ELSE {cut} END"


def digest(column: str) -> str:
    """Return the SQL of a text's SHA-256 in hex; NULL of NULL."""
    return f"sha256({column})"


def cut_spans(column: str) -> str:
    """Return the SQL of a redline's spans, unchanged text cut to what stands near a change."""
    placed = (
        f"list_transform({_spans(column)}, lambda s, i: {{'op': s.op, 'text': {_FLAT}, "
        f"'first': i = 1, 'last': i = json_array_length({column})}})"
    )
    return (
        f"list_transform({placed}, lambda s: {{'op': s.op, "
        f"'text': CASE s.op WHEN 'same' THEN {_SAME} ELSE {_RUN} END}})"
    )


def redline(column: str) -> str:
    """Return the SQL of a redline as text, unchanged text cut to what stands near a change."""
    # Blanks at the edges of a changed run come out of it, so that marks hug the words.
    before = "left(s.text, length(s.text) - length(ltrim(s.text)))"
    after = "right(s.text, length(s.text) - length(rtrim(s.text)))"
    hugging = (
        f"CASE WHEN trim(s.text) = '' THEN {_marked('s.text')} "
        f"ELSE {before} || {_marked('trim(s.text)')} || {after} END"
    )
    return _joined(cut_spans(column), hugging)


def whole_redline(column: str) -> str:
    """Return the SQL of a redline with all its text."""
    return _joined(_spans(column), _marked("s.text"))


def _spans(column: str) -> str:
    return f"""from_json({column}, '[{{"op": "VARCHAR", "text": "VARCHAR"}}]')"""


def _marked(text: str) -> str:
    return f"CASE s.op WHEN 'removed' THEN '[-' || {text} || '-]' ELSE '{{+' || {text} || '+}}' END"


def _joined(spans: str, changed: str) -> str:
    piece = f"CASE s.op WHEN 'same' THEN s.text ELSE {changed} END"
    return f"nullif(array_to_string(list_transform({spans}, lambda s: {piece}), ''), '')"
