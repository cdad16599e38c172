"""Do two pages hold the same article? Pure and strict: two stories taken for one are worse.

Addresses prove nothing by themselves: redirects lead to related stories, canonical links to front
pages. What the pages say decides.
"""

from __future__ import annotations

from store.model import Document
from store.sentences import forms
from store.text import normalise

_SHARED = 0.8
"""Share of the shorter text's sentences that stand in the longer one: an AMP or print form drops
captions and boxes, and an edit between two requests touches one sentence or two."""
_LIKE_SIZE = 0.5
"""The shorter text's least share of the longer one: a teaser is no article."""
_LEAST_LETTERS = 200
"""Less text than this agrees by chance: a notice, a stub, a picture with one line."""


def is_same_article(one: Document, other: Document) -> bool:
    """Say whether both documents hold one article: the same headline over mostly the same text.

    Bulletins made from one template (weather, lottery numbers) share most sentences, so another
    headline is another article.
    """
    if normalise(one.headline or "").casefold() != normalise(other.headline or "").casefold():
        return False
    first, second = _sentences(one), _sentences(other)
    shorter, longer = sorted((first, second), key=_size)
    if _size(shorter) < max(_LEAST_LETTERS, _LIKE_SIZE * _size(longer)):
        return False
    return _size(shorter & longer) >= _SHARED * _size(shorter)


def _sentences(document: Document) -> frozenset[str]:
    return frozenset(
        key for block in document.blocks for _, key in forms(block.text, document.language)
    )


def _size(texts: frozenset[str]) -> int:
    return sum(map(len, texts))
