"""Comparisons and changes as HTML: real ``ins`` and ``del``, hidden words for those who listen,
moved text dotted with where it came from. Pure; every word of an outlet goes through ``markup``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from dashboard.lineage import Strand
from dashboard.markup import Html, element, escape, join, unseen, words
from dashboard.passages import Paragraph, Piece, State, movement
from dashboard.wording import counted
from store.model import BlockKind, FactChange, Span

_TAGS = {"added": ("ins", "inserted: "), "removed": ("del", "removed: ")}
_BLOCKS = {
    BlockKind.HEADING: "h4",
    BlockKind.QUOTE: "blockquote",
    BlockKind.LIST_ITEM: "p",
    BlockKind.PREFORMATTED: "pre",
}
_FOLD_FROM = 2  # a single unchanged paragraph is context; two are a fold
_AROUND = 60  # characters of unchanged text kept on either side of a change in an excerpt

Pins = Mapping[int, Sequence[Html]]  # margin notes by paragraph


class _Run(Protocol):
    @property
    def op(self) -> str: ...

    @property
    def text(self) -> str: ...


# --------------------------------------------------------------------------
# Runs of words


def runs(spans: Iterable[_Run], facts: Sequence[FactChange] = ()) -> Html:
    """A redline inside one line of text; values of ``facts`` stand out in what changed."""
    return join(_run(span.op, span.text, _values(span.op, facts)) for span in spans)


def inserted(text: str) -> Html:
    """One inserted run."""
    return _run("added", text)


def removed(text: str) -> Html:
    """One removed run."""
    return _run("removed", text)


def _run(op: str, text: str, values: Sequence[str] = ()) -> Html:
    core = text.strip()
    if op not in _TAGS or not core:
        return escape(text)
    name, said = _TAGS[op]
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    spoken = unseen(said), element("bdi", _standing_out(core, values)), unseen(" end of change ")
    return join([escape(lead), element(name, *spoken), escape(trail)])


def _values(op: str, facts: Sequence[FactChange]) -> list[str]:
    if op not in _TAGS:
        return []
    found = [fact.new if op == "added" else fact.old for fact in facts]
    return [value for value in found if value]


def _standing_out(text: str, values: Sequence[str]) -> Html:
    """The text with the numbers and names that changed set in bold."""
    if not values:
        return escape(text)
    pattern = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    parts = re.split(f"({pattern})", text)
    return join(element("b", part) if part in values else part for part in parts)


def excerpt(spans: Sequence[_Run], facts: Sequence[FactChange] = ()) -> Html:
    """The changed runs with a little of what stands around them."""
    shown: list[Span] = []
    for index, span in enumerate(spans):
        first, last = index == 0, index == len(spans) - 1
        text = span.text if span.op != "same" else _clipped(span.text, first=first, last=last)
        shown.append(Span(span.op, text))
    return runs(shown, facts)


def _clipped(text: str, *, first: bool, last: bool) -> str:
    """The ends of an unchanged run, cut between words; outer ends keep only their inner side."""
    head = "" if first else text[:_AROUND].rpartition(" ")[0] or text[:_AROUND]
    tail = "" if last else text[-_AROUND:].partition(" ")[2] or text[-_AROUND:]
    whole = len(text) <= _AROUND or (not first and not last and len(text) <= 2 * _AROUND)
    if whole:
        return text
    return f"{head} … {tail}" if head and tail else f"{head} …" if head else f"… {tail}"


def marked(sentence: str, spans: Sequence[_Run], facts: Sequence[FactChange] = ()) -> Html | None:
    """Our sentence with what changed marked inside its quotations, or between its figures.

    None where the sentence names neither the old nor the new words.
    """
    sides = [_side_of(spans, "removed"), _side_of(spans, "added")]
    parts: list[str] = [sentence]
    for side in sides:
        if any(run.op != "same" for run in side):
            parts = _quoted(parts, side, facts)
    if len(parts) > 1:
        return join(part if isinstance(part, Html) else quoting(part) for part in parts)
    return _figures(sentence, facts)


def quoting(sentence: str) -> Html:
    """Our sentence with what it quotes set apart, so that neither turns the other's direction."""
    parts = re.split("(“[^“”]*”)", sentence)
    return join(element("bdi", part) if part.startswith("“") else part for part in parts)


def _side_of(spans: Sequence[_Run], op: str) -> list[Span]:
    return [Span(span.op, span.text) for span in spans if span.op in {"same", op}]


def _quoted(parts: list[str], side: Sequence[Span], facts: Sequence[FactChange]) -> list[str]:
    """The parts with the first quotation of this side's text replaced by its redline."""
    text = "".join(span.text for span in side).strip()
    for place, part in enumerate(parts):
        found = None if isinstance(part, Html) else _quotation(part, text)
        if found:
            start, end = found[0] - 1, found[1] + (part[found[1] : found[1] + 1] == "”")
            inside = runs(_cut(side, found[1] - found[0]), facts)
            quote = element("bdi", part[start : found[0]], inside, part[found[1] : end])
            shown = [part[:start], quote, part[end:]]
            return [*parts[:place], *shown, *parts[place + 1 :]]
    return parts


def _quotation(sentence: str, text: str) -> tuple[int, int] | None:
    """Where the sentence quotes the text, whole or cut short with an ellipsis."""
    whole = sentence.find(f"“{text}”")
    if text and whole >= 0:
        return whole + 1, whole + 1 + len(text)
    for quote in re.finditer(r"“(?P<start>[^“”]{12,}?)\s?…”", sentence):
        if text.startswith(quote["start"]):
            return quote.start("start"), quote.end("start")
    return None


def _cut(side: Sequence[Span], length: int) -> list[Span]:
    """The first ``length`` characters of a side, leading blanks not counted."""
    kept: list[Span] = []
    for span in side:
        text = span.text if kept else span.text.lstrip()
        kept.append(Span(span.op, text[:length]))
        length -= len(text)
        if length <= 0:
            break
    return kept


def _figures(sentence: str, facts: Sequence[FactChange]) -> Html | None:
    for fact in facts:
        if not (fact.old and fact.new):
            continue
        old, new = re.escape(fact.old), re.escape(fact.new)
        # The sentence may write "four" where the text begins with "Four".
        pattern = rf"(?<!\w)(?P<old>{old})(?!\w)(?P<mid>.{{0,80}}?)(?<!\w)(?P<new>{new})(?!\w)"
        found = re.search(pattern, sentence, re.IGNORECASE)
        if found:
            before, after = sentence[: found.start()], sentence[found.end() :]
            return join(
                [before, removed(found["old"]), found["mid"], inserted(found["new"]), after]
            )
    return None


# --------------------------------------------------------------------------
# The whole article


def inline(
    arranged: Sequence[Paragraph],
    pins: Pins | None = None,
    facts: Callable[[int], Sequence[FactChange]] = lambda _: (),
    language: str | None = None,
) -> Html:
    """The redline as one column, unchanged stretches folded, pins in the margin."""
    pins = pins or {}
    drawn: list[Html] = []
    lines: list[tuple[int, Sequence[Html]]] = []
    for foldable, group in _stretches(arranged, pins):
        if foldable:
            drawn.append(_fold(arranged, group, language))
            lines.append((1, ()))
            continue
        for index in group:
            drawn.append(_paragraph(arranged[index], facts, language))
            lines.append((1, pins.get(index, ())))
    return element("div", *_grid(drawn, [pin for _, pin in lines]), css="sl-redline")


def _grid(drawn: Sequence[Html], pins: Sequence[Sequence[Html]]) -> list[Html]:
    """Text in the first column; each margin cell reaches down to the next, so text stays close."""
    cells: list[Html] = []
    pinned = [line for line, pin in enumerate(pins) if pin]
    for line, text in enumerate(drawn):
        cells.append(_cell(text, "sl-text", f"grid-row:{line + 1}"))
        if pins[line]:
            reach = next((p for p in pinned if p > line), len(drawn) + 1) - line
            cells.append(_cell(join(pins[line]), "sl-margin", f"grid-row:{line + 1}/span {reach}"))
    return cells


def _cell(content: Html, css: str, style: str) -> Html:
    return element("div", content, css=css, attributes={"style": style})


def _stretches(arranged: Sequence[Paragraph], pins: Pins) -> Iterable[tuple[bool, list[int]]]:
    def quiet(index: int) -> bool:
        return arranged[index].state is State.SAME and not pins.get(index)

    for same, group in groupby(range(len(arranged)), key=quiet):
        indices = list(group)
        yield same and len(indices) >= _FOLD_FROM, indices


def _fold(arranged: Sequence[Paragraph], group: Sequence[int], language: str | None) -> Html:
    said = f"⋯ {counted(len(group), 'paragraph')} unchanged"
    inside = [_paragraph(arranged[index], lambda _: (), language) for index in group]
    return element("details", element("summary", said), *inside, css="sl-fold")


def _paragraph(
    paragraph: Paragraph, facts: Callable[[int], Sequence[FactChange]], language: str | None
) -> Html:
    name = _BLOCKS.get(paragraph.kind, "p")
    note = " sl-note" if paragraph.kind is BlockKind.NOTE else ""
    text = element(
        name,
        *_pieces(paragraph, facts),
        css=f"sl-paragraph sl-is-{paragraph.state}{note}",
        attributes={"dir": "auto", "lang": language},
    )
    return element("div", *_where_from(paragraph), text, css=f"sl-block sl-block-{paragraph.state}")


def _where_from(paragraph: Paragraph) -> list[Html]:
    if paragraph.state is not State.MOVED or paragraph.old_block is None:
        return []
    return [words("sl-from", movement(paragraph.old_block, paragraph.new_block or 0))]


def _pieces(paragraph: Paragraph, facts: Callable[[int], Sequence[FactChange]]) -> list[Html]:
    drawn = []
    for origin, group in groupby(paragraph.pieces, key=lambda piece: piece.moved_from):
        run = join(_piece(piece, facts) for piece in group)
        inside = origin is not None and paragraph.state is not State.MOVED
        drawn.append(_came_from(run, origin, paragraph.new_block) if inside else run)
    return drawn


def _piece(piece: Piece, facts: Callable[[int], Sequence[FactChange]]) -> Html:
    known = facts(piece.change) if piece.change is not None else ()
    return _run(piece.op, piece.text, _values(piece.op, known))


def _came_from(run: Html, origin: int | None, block: int | None) -> Html:
    where = "moved within the paragraph"
    if origin is not None and block is not None and origin != block:
        where = movement(origin, block)
    label = element("small", f"{where}: ", css="sl-from")
    return element("span", label, run, css="sl-moved", attributes={"title": where})


# --------------------------------------------------------------------------
# Side by side


def side_by_side(
    arranged: Sequence[Paragraph],
    heads: tuple[str, str],
    facts: Callable[[int], Sequence[FactChange]] = lambda _: (),
    language: str | None = None,
) -> Html:
    """Two columns, old and new, paragraph beside paragraph; in the direction of the text."""
    rows = [_sides_head(heads)]
    for foldable, group in _stretches(arranged, {}):
        if foldable:
            rows.append(_cell(_fold(arranged, group, language), "sl-both", ""))
            continue
        for index in group:
            rows += [_side(arranged[index], side, facts, language) for side in ("old", "new")]
    way = direction("".join(p.text for a in arranged[:3] for p in a.pieces))
    return element("div", *rows, css="sl-sides", attributes={"dir": way})


def _sides_head(heads: tuple[str, str]) -> Html:
    return join(element("div", head, css="sl-side-head") for head in heads)


def _side(
    paragraph: Paragraph,
    side: str,
    facts: Callable[[int], Sequence[FactChange]],
    language: str | None,
) -> Html:
    hidden = "added" if side == "old" else "removed"
    pieces = tuple(piece for piece in paragraph.pieces if piece.op != hidden)
    said = "" if pieces else "not in this version"
    if not pieces:
        return element("div", words("sl-absent", said), css="sl-side")
    label = [] if side == "old" else _where_from(paragraph)
    text = join(_piece(piece, facts) for piece in pieces)
    css = f"sl-paragraph sl-is-{paragraph.state}"
    shown = element("p", text, css=css, attributes={"dir": "auto", "lang": language})
    return element("div", *label, shown, css=f"sl-side sl-block-{paragraph.state}")


def direction(text: str) -> str:
    """“rtl” or “ltr”, by the first strong character (UAX #9, rule P2)."""
    for character in text:
        way = unicodedata.bidirectional(character)
        if way in {"R", "AL"}:
            return "rtl"
        if way == "L":
            return "ltr"
    return "ltr"


# --------------------------------------------------------------------------
# Blame


def blame(
    column: Sequence[Strand], newest: int, times: Mapping[int, str], language: str | None = None
) -> Html:
    """The text of one version, each sentence tinted and marked by the version that brought it.

    ``newest`` is the number of versions so far; ``times`` says when each was first seen.
    """
    blocks = []
    for _, group in groupby(column[1:], key=lambda strand: strand.block):
        runs = [_blamed(strands, newest, times) for strands in _by_origin(group)]
        attributes: dict[str, str | None] = {"dir": "auto", "lang": language}
        blocks.append(element("p", *runs, css="sl-paragraph", attributes=attributes))
    return element("div", *blocks, css="sl-blame")


def _by_origin(strands: Iterable[Strand]) -> Iterable[list[Strand]]:
    return [list(group) for _, group in groupby(strands, key=lambda strand: strand.origin)]


def _blamed(strands: Sequence[Strand], newest: int, times: Mapping[int, str]) -> Html:
    origin = strands[0].origin
    text = " ".join(strand.text.strip() for strand in strands)
    if newest == 1:
        return escape(text)
    age = 0.0 if origin == 1 else 10 + 28 * (origin - 1) / (newest - 1)
    said = f"since version {origin}, {times.get(origin, '')}".rstrip(", ")
    mark = element(
        "sup",
        unseen("since version "),
        unseen(str(origin)),
        element("span", f"v{origin}", attributes={"aria-hidden": "true"}),
    )
    attributes: dict[str, str | None] = {"style": f"--age:{age:.0f}%", "title": said}
    return join([mark, element("span", text, css="sl-strand", attributes=attributes), " "])
