"""Lines that stand in the article's body and are not the article: cues as data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from crawler.extract.passages import Passage
from store.model import BlockKind
from store.text import weight

# "Read also:" is furniture, "Read also the report, he said" is not: a mark or the end follows.
_END = r"\s*(?:[:：>»→›–—|…-]|\.{2,}|$)"
# A heading longer than this is the article's, whatever it begins with.
_LONGEST_HEADING = 80
# A paragraph that is hardly more than one link, and no sentence, points elsewhere.
_ONE_LINK = 0.7
# After one of these, links belong to it: the list under "Related stories".
_OPENERS = frozenset({"read_next", "newsletter", "share", "tags", "link"})
_BIO_PASSAGES = 4  # a notice about the author is no longer
_LABEL = re.compile(r"[^:：.!?]{2,40}[:：](?!//)\s*")
_SHORTEST_TITLE = 16  # letters of what a pointer names
_LINK_SLACK = 1.1  # a link is the rest of a line where it is hardly shorter than it
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
# Believed regions whose passages are never the article.
FURNITURE = frozenset(
    (
        "related",
        "share",
        "newsletter",
        "appeal",
        "navigation",
        "login",
        "consent",
        "hidden",
        "form",
        "data",
        "advert",
        "sidebar",
        "footer",
        "about",
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of furniture line: its compiled pattern and the longest text it is tried on."""

    name: str
    pattern: re.Pattern[str]
    longest: int


@lru_cache(maxsize=1)
def lines() -> tuple[Line, ...]:
    """The kinds of furniture lines, from furniture.toml."""
    text = resources.files("crawler.extract").joinpath("furniture.toml").read_text(encoding="utf-8")
    return tuple(map(_line, tomllib.loads(text)["line"]))


def _line(row: dict[str, object]) -> Line:
    patterns = "|".join(f"(?:{one})" for one in row["patterns"]).replace("END", _END)  # type: ignore[attr-defined]
    ending = r"\W*$" if row.get("whole") else ""
    compiled = re.compile(rf"\W*(?:{patterns}){ending}", re.IGNORECASE)
    return Line(str(row["name"]), compiled, int(str(row["longest"])))


@lru_cache(maxsize=4096)
def line_name(text: str) -> str | None:
    """The name of the furniture cue a text meets, or None."""
    return next(
        (line.name for line in lines() if len(text) <= line.longest and line.pattern.match(text)),
        None,
    )


def furniture(
    passages: Sequence[Passage], inside: Sequence[bool], names: Sequence[Sequence[str]]
) -> list[bool]:
    """For each chosen passage, whether it is furniture.

    By its believed regions (``names``), its words, as a bare link, as one of the links
    under a line like "Read also", or as part of the lines about the author at the end.
    """
    found = [False] * len(passages)
    opener: str | None = None
    chosen = [index for index, is_in in enumerate(inside) if is_in]
    for index in chosen:
        passage = passages[index]
        name = _name(passage, names[index])
        if name is None and opener in _OPENERS and passage.link_share >= _ONE_LINK:
            name = opener
        if name is None and _is_stray_link(passages, inside, index):
            name = "link"
        opener = name
        found[index] = name is not None
    for index in _about_the_author(passages, chosen):
        found[index] = True
    return found


def _name(passage: Passage, regions: Sequence[str]) -> str | None:
    """What kind of furniture a passage is in itself, or None."""
    region = next((name for name in regions if name in FURNITURE), None)
    if region is not None:
        return region
    if passage.kind is BlockKind.HEADING and len(passage.text) > _LONGEST_HEADING:
        return None
    found = line_name(passage.text)
    return found or ("link" if _is_bare_link(passage) or _is_pointer(passage) else None)


def _about_the_author(passages: Sequence[Passage], chosen: Sequence[int]) -> Sequence[int]:
    """The last few passages, when one of them opens a notice about the author."""
    tail = chosen[-_BIO_PASSAGES:] if len(chosen) > 2 * _BIO_PASSAGES else ()
    for at, index in enumerate(tail):
        if line_name(passages[index].text) == "about_author":
            return tail[at:]
    return ()


def _is_pointer(passage: Passage) -> bool:
    """Whether a paragraph is a label and one link to its end: "Read also: …" in any language."""
    label = _LABEL.match(passage.text)
    if passage.kind is not BlockKind.PARAGRAPH or label is None or len(passage.targets) != 1:
        return False
    title = passage.text[label.end() :]
    if weight(title) < _SHORTEST_TITLE:
        return False  # "Source: Reuters", a part's name in a list
    linked = passage.link_share * len(passage.text)
    says = _SENTENCE_END.search(title) or title.startswith("http")
    return not says and len(title) <= linked * _LINK_SLACK


def _is_bare_link(passage: Passage) -> bool:
    return passage.kind is BlockKind.PARAGRAPH and _is_link(passage)


def _is_link(passage: Passage) -> bool:
    return (
        passage.link_share >= _ONE_LINK
        and not _SENTENCE_END.search(passage.text)
        and not passage.text.startswith("http")
    )


def _is_stray_link(passages: Sequence[Passage], inside: Sequence[bool], index: int) -> bool:
    """Whether a passage is the one chosen link of a list of links.

    A teaser that stands in the text as well ("Read next") is found again in a list beside it.
    """
    passage, around = passages[index], range(max(0, index - 1), min(len(passages), index + 2))
    if passage.kind is not BlockKind.LIST_ITEM or not _is_link(passage):
        return False
    sisters = [
        at
        for at in around
        if at != index and passages[at].element.getparent() is passage.element.getparent()
    ]
    return bool(sisters) and not any(inside[at] for at in sisters)
