"""Pure: readers who dispute an article, told from readers who merely comment.

What readers write is never part of the article and never a change of it; it is shown as
what readers say.
"""

from __future__ import annotations

import re

from store.model import Comment

# A word for the part of the article, and near it a word of dispute: both must stand in one
# sentence. English, German, French, Spanish; taught by the seed's thread ("Change inmediatly
# the title of that article") and by cases of our own.
_PART = r"(?:head\s?line|title|überschrift|schlagzeile|titre|titular|titulo|título)"
_DISPUTE = (
    r"(?:chang\w+|fix\w*|correct(?:ion|ed|ing)?\b|wrong|mislead\w*|false|inaccurate|click\s?bait\w*|"
    r"lie|lies|änder\w*|falsch\w*|irreführend\w*|corrige[rz]?|fausse?|trompeu\w+|"
    r"corrig\w+|cambi\w+|engaños\w+)"
)
_NEAR = 60  # characters between the two words
_HEADLINE = re.compile(
    rf"\b(?:{_DISPUTE}\b.{{0,{_NEAR}}}\b{_PART}|{_PART}\b.{{0,{_NEAR}}}\b{_DISPUTE})", re.IGNORECASE
)


def dispute_in(comment: Comment) -> str | None:
    """Return one sentence where the comment disputes the headline, else None."""
    if _HEADLINE.search(comment.text[:20_000]) is None:
        return None
    who = f"A reader ({comment.author})" if comment.author else "A reader"
    return f"{who} disputes the headline."
