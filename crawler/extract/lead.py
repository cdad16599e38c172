"""The lead: what stands between the headline and the first paragraph and belongs to the text.

Extractors lose it, since it is a heading on one site, a description box on the next,
and often named "teaser" or "summary".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.furniture import line_name
from crawler.extract.metadata import Metadata, json_text
from crawler.extract.passages import Passage, hints, key_of
from store.model import BlockKind

# Names of the line under the headline, in English, German, French, Spanish, Italian, Danish, Czech.
_NAMED = re.compile(
    r"(?:^|[_-])(?:stand-?first|dek|deck|sub-?head(?:line|ing)?|sub-?title|summary|lead|lede|intro|"
    r"vorspann|teaser-?text|chapo|chapeau|entradilla|bajada|sottotitolo|ingress|manchet|strapline|"
    r"description|excerpt|perex)(?:$|[_-])",
)
_KINDS = (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.QUOTE, BlockKind.LIST_ITEM)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_FIRST_PARAGRAPH = 80  # letters; a shorter chosen passage may be a kicker or a stamp
_FURTHEST = 15  # passages between headline and first paragraph: more is another part of the page
_SHORTEST, _SHORTEST_UNNAMED = 40, 60
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
    if passage.kind is BlockKind.HEADING or len(passage.text) <= _FIRST_PARAGRAPH:
        return False
    own = passage.element.get("class") or ""
    return not any(map(_NAMED.search, own.lower().split()))


def _is_lead(passage: Passage, described: Sequence[str]) -> bool:
    """Whether a passage is said or named to be the lead, or is a sentence in no named region."""
    if passage.kind not in _KINDS or passage.link_share > _MOST_LINKED:
        return False
    if len(passage.text) < _SHORTEST or line_name(passage.text) is not None:
        return False
    if sum(map(str.isdigit, passage.text)) > _STAMP_SHARE * len(passage.text):
        return False
    if any(key.startswith(passage.key[:_SAME]) for key in described):
        return True
    if any(map(_NAMED.search, hints(passage))):
        return True
    is_sentence = _SENTENCE_END.search(passage.text) is not None
    return is_sentence and len(passage.text) >= _SHORTEST_UNNAMED and not passage.regions
