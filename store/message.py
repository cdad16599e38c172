"""The words of an alert: one line of title and a plain body, frozen when the alert is made.

Everything from a page passes through ``one_line``, so nothing in a headline can begin a new
line, a mail header or a terminal sequence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from store.labels import in_words
from store.model import Change, Span
from store.text import clean

LONGEST_TITLE = 200
"""Characters. Mail readers show about 70 and no channel of Apprise takes fewer than 250."""
CONTEXT = 60
"""Characters of unchanged text kept on each side of a change."""
LONGEST_RUN = 600
"""Characters of one removed or added run in a message; the deep link shows the rest."""
MOST_CHANGES = 6
"""Changes spelled out in one message; the others are counted."""

_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_BREAKS = re.compile(r"\s+")


def one_line(text: str, longest: int | None = None) -> str:
    """Text from outside on one line, without control characters, cut at ``longest`` characters."""
    line = _flat(text).strip()
    return line if longest is None or len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _flat(text: str) -> str:
    return _BREAKS.sub(" ", clean(text))


def spans_of(change: Change) -> tuple[Span, ...]:
    """Return the change's redline, or its two sides whole where it has none."""
    if change.redline:
        return change.redline
    if change.old is not None and change.old == change.new:  # it only moved
        return (Span("same", change.old),)
    sides = (("removed", change.old), ("added", change.new))
    return tuple(Span(op, text) for op, text in sides if text)


def redline(spans: Sequence[Span], context: int | None = CONTEXT) -> str:
    """Write spans as plain text: ``[-removed-]{+added+}``, unchanged text cut to ``context``.

    ``context`` None keeps everything, line breaks too.
    """
    shown = spans if context is None else clipped(spans, context)
    return "".join(span.text.join(_MARKS[span.op]) for span in shown)


def clipped(spans: Sequence[Span], context: int = CONTEXT) -> tuple[Span, ...]:
    """Cut spans to one line: unchanged text to what stands near a change, long runs too.

    Blanks at the edges of a changed run come out of it, so that marks hug the words.
    """
    last = len(spans) - 1
    return tuple(
        piece
        for place, span in enumerate(spans)
        for piece in _hugging(span.op, _cut(span, context, first=place == 0, last=place == last))
    )


def _hugging(op: str, text: str) -> Iterable[Span]:
    core = text.strip()
    if op == "same" or not core:
        return (Span(op, text),)
    before, _, after = text.partition(core)
    pieces = (Span("same", before), Span(op, core), Span("same", after))
    return (piece for piece in pieces if piece.text)


def _cut(span: Span, context: int, *, first: bool, last: bool) -> str:
    text = _flat(span.text)
    if span.op != "same":
        return text if len(text) <= LONGEST_RUN else text[: LONGEST_RUN - 1] + "…"
    # The end of a first run touches a change, the start of a last one, both of any other.
    head = "" if first and not last else text[:context]
    tail = "" if last else text[len(text) - min(context, len(text)) :]
    return text if len(text) <= len(head) + len(tail) else f"{head}…{tail}"


def moment(at: datetime) -> str:
    """Write a time for people: ``2026-11-22 14:02 UTC``."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def rfc3339(moment: datetime) -> str:
    """Write a time as ``2026-11-22T14:02:05.123456Z``, without the fraction where it is zero."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def interval(
    before: datetime | None,
    after: datetime,
    before_by: str | None = None,
    after_by: str | None = None,
) -> str:
    """Say between which two checks something happened; never a pretended exact moment.

    The names are those of archives whose captures, and no checks of ours, showed it.
    """
    if before_by or after_by:
        return _captured_interval(before, after, before_by, after_by)
    if before is None:
        return f"Seen first at the check of {moment(after)}"
    if after < before:
        return (
            f"After the check of {moment(before)} and by that of {moment(after)}, before which our "
            "clock was set back"
        )
    if moment(before) != moment(after):
        return f"Between the checks of {moment(before)} and {moment(after)}"
    times = (f"{at.astimezone(UTC):%H:%M:%S}" for at in (before, after))
    return f"Between the checks of {before.astimezone(UTC):%Y-%m-%d} {' and '.join(times)} UTC"


def _captured_interval(
    before: datetime | None, after: datetime, before_by: str | None, after_by: str | None
) -> str:
    if before is None:
        return f"Seen first in {looked(after, after_by)}"
    return f"Between {looked(before, before_by)} and {looked(after, after_by)}"


def looked(at: datetime, by: str | None) -> str:
    """Name one look: a check of ours, or the capture of an archive."""
    if by is None:
        return f"our check of {moment(at)}"
    return f"the capture of {moment(at)} by {one_line(by)}"


def provenance(archive: str, captured_at: datetime, read_at: datetime) -> str:
    """Say whose observation a version is, where it is not ours."""
    return (
        f"Captured by {one_line(archive)} on {moment(captured_at)}; read by us on {moment(read_at)}"
    )


def title(label: str, outlet: str, headline: str | None) -> str:
    """Return the title: ``[correction] Outlet: headline``, always one line."""
    named = one_line(headline or "(no headline)")
    return one_line(f"[{in_words(label)}] {one_line(outlet)}: {named}", LONGEST_TITLE)


def described(changes: Sequence[Change]) -> Iterable[str]:
    """Yield one paragraph a change: its reason, and its redline in plain text."""
    for change in changes[:MOST_CHANGES]:
        yield f"{one_line(change.reason)}\n{redline(spans_of(change))}".strip()
    if len(changes) > MOST_CHANGES:
        yield f"And {len(changes) - MOST_CHANGES} more of the same kind."


def fitted(body: str, longest: int) -> str:
    """Cut a body to ``longest`` characters, keeping its last paragraph, where the links stand."""
    if len(body) <= longest:
        return body
    start, _, closing = body.rpartition("\n\n")
    room = longest - len(closing) - 3
    return f"{start[:room]}…\n\n{closing}" if room > 0 else f"{body[: longest - 1]}…"
