"""The lead: what stands between the headline and the first paragraph and belongs to the text.

Extractors lose it, since it is a heading on one site, a description box on the next,
and often named "teaser" or "summary". Where the page itself sets it apart, by a heading or
by a name, it is the standfirst.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.furniture import line_name
from crawler.extract.metadata import Metadata, json_text
from crawler.extract.passages import Passage, hints, key_of
from store.model import BlockKind
from store.text import weight

# Names of the line under the headline and of nothing else: English, German, French, Spanish,
# Portuguese, Italian, Dutch, Scandinavian, Finnish, Polish, Czech, Turkish, Vietnamese, Russian …
_SURE = (
    r"stand-?first|dek|deck|sub-?head(?:line|ing)?|sub-?hed|sub-?title|lede|strapline|nut-?graf|"
    r"alternativeheadline|vorspann|unterzeile|untertitel|teaser-?text|chap[oô]|chapeau|sous-?titre|"
    r"entradilla|bajada|copete|subt[ií]tulo|linha-?fina|linha-?de-?apoio|olho|sottotitolo|catenaccio|"
    r"ingress|manchet|underrubrik|preamble|alaotsikko|zajawka|perex|podnadpis|spot|ozet|sapo|anons|lid"
)
# Names that are used for other things as well.
_OFTEN = r"summary|lead|intro|description|excerpt|abstract|synopsis|inleiding|introduction"
_NAMED = re.compile(rf"(?:^|[_-])(?:{_SURE}|{_OFTEN})(?:$|[_-])")
_SET_APART = re.compile(
    rf"(?:^|[\s_-])(?:{_SURE}|{_OFTEN})(?:[-_]*(?:text|body|content))?(?:$|[\s_-])"
)
_CHAPTER = re.compile(r"sub-?hea?d")
# Attributes in which pages name their parts.
_NAMING = ("class", "id", "itemprop", "data-gu-name", "data-testid", "data-component", "slot")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")
_LEVELS = 3  # the element itself and two around it
_MOST_LETTERS = 1_200  # of a standfirst; more is a text
_KINDS = (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.QUOTE, BlockKind.LIST_ITEM)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_FIRST_PARAGRAPH = 80  # letters; a shorter chosen passage may be a kicker or a stamp
_FURTHEST = 15  # passages between headline and first paragraph: more is another part of the page
_SHORTEST, _SHORTEST_UNNAMED, _SHORTEST_NAMED, _SHORTEST_STATED = 40, 60, 16, 8
_MOST_LINKED = 0.3
_STAMP_SHARE = 0.12  # more digits than this are a stamp in words
_SAME = 60  # letters a description must share with the page's line; many are cut


def lead(
    passages: Sequence[Passage], inside: Sequence[bool], title: str | None, data: Metadata
) -> frozenset[int]:
    """Indices of the passages of the lead, in the main text or not; each text once."""
    span = _between(passages, inside, key_of(title or ""))
    stated = (data.meta.get("description"), data.meta.get("og:description"))
    described = [
        key_of(text) for text in (*stated, json_text(data.article.get("description"))) if text
    ]
    chosen = {passages[i].key for i, is_in in enumerate(inside) if is_in and i not in span}
    found = {
        passages[index].key: index
        for index in reversed(span)
        if passages[index].key not in chosen and _is_lead(passages[index], described)
    }
    return frozenset(found.values())


def _between(passages: Sequence[Passage], inside: Sequence[bool], title: str) -> range:
    """The indices between the headline and the first paragraph of the main text."""
    first = next((i for i, is_in in enumerate(inside) if is_in), len(passages))
    titles = [i for i, passage in enumerate(passages) if title and passage.key == title]
    if not titles:
        return range(0)
    start = max((i for i in titles if i < first), default=titles[0]) + 1
    chosen = (i for i in range(start, len(passages)) if inside[i] and _is_paragraph(passages[i]))
    end = next(chosen, start)
    return range(start, end) if end - start < _FURTHEST else range(0)


def _is_paragraph(passage: Passage) -> bool:
    """Whether a passage is one of the text proper, at which the lead ends."""
    if passage.kind is BlockKind.HEADING or weight(passage.text) <= _FIRST_PARAGRAPH:
        return False
    return _SET_APART.search(_names(passage.element)) is None


def _is_lead(  # noqa: PLR0911 (one reason a line)
    passage: Passage, described: Sequence[str]
) -> bool:
    """Whether a passage is said or named to be the lead, or is a sentence in no named region."""
    if passage.kind not in _KINDS or passage.link_share > _MOST_LINKED:
        return False
    if passage.key in described and len(passage.key) >= _SHORTEST_STATED:
        return line_name(passage.text) is None
    names = _names(passage.element)
    if _SET_APART.search(names) and not passage.targets and not _is_chapter(passage, names):
        return weight(passage.text) >= _SHORTEST_NAMED and line_name(passage.text) is None
    if weight(passage.text) < _SHORTEST or line_name(passage.text) is not None:
        return False
    if sum(map(str.isdigit, passage.text)) > _STAMP_SHARE * len(passage.text):
        return False
    if any(key.startswith(passage.key[:_SAME]) for key in described):
        return True
    if any(map(_NAMED.search, hints(passage))):
        return True
    is_sentence = _SENTENCE_END.search(passage.text) is not None
    return is_sentence and weight(passage.text) >= _SHORTEST_UNNAMED and not passage.regions


def _is_chapter(passage: Passage, names: str) -> bool:
    """Whether a heading may be that of a chapter: themes name those "subheading" too."""
    return passage.kind is BlockKind.HEADING and _CHAPTER.search(names) is not None


def standfirst(
    passages: Sequence[Passage], inside: Sequence[bool], leading: frozenset[int]
) -> frozenset[int]:
    """Indices of the passages of the lead that the page itself sets apart from the text.

    A heading is, and a passage in an element that is named so and holds nothing of the text.
    """
    text = [passages[i].element for i, is_in in enumerate(inside) if is_in and i not in leading]
    holding = {up for element in text for up in (element, *element.iterancestors())}
    found = frozenset(i for i in leading if _is_set_apart(passages[i], holding))
    return found if sum(len(passages[i].text) for i in found) <= _MOST_LETTERS else frozenset()


def _is_set_apart(passage: Passage, holding: set[HtmlElement]) -> bool:
    if passage.kind is BlockKind.LIST_ITEM:
        return False
    if passage.kind is BlockKind.HEADING:
        return True
    around = zip((passage.element, *passage.element.iterancestors()), range(_LEVELS), strict=False)
    return any(_SET_APART.search(_names(up)) for up, _ in around if up not in holding)


def _names(element: HtmlElement) -> str:
    """How a page names an element, in small letters, camelCase cut."""
    return _CAMEL.sub("-", " ".join(element.get(name, "") for name in _NAMING)[:400]).lower()
