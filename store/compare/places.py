"""Where in an article a note says the error was: "in the headline", "in the third paragraph"."""

from __future__ import annotations

import re

# The parts of the frame by the words notes use for them, over the languages of the cue files.
_PARTS = {
    "headline": re.compile(
        r"\b(?:headline|überschrift|titel(?:zeile)?|schlagzeile|titre|titular|titolo|título|"
        r"manchete|kop|overskrift\w*|tittel\w*|rubrik\w*|otsikko\w*|nagłów\w+|tytuł\w*|başlı[kğ]\w*|"
        r"заголов\w+)\b|見出し|标题|標題|제목",
        re.IGNORECASE,
    ),
    "standfirst": re.compile(
        r"\b(?:standfirst|sub-?headline|summary|vorspann|teaser|chapô|entradilla|sommario|ingress\w*)\b",
        re.IGNORECASE,
    ),
    "byline": re.compile(
        r"\b(?:byline|autorenzeile|signature|firma|auteursregel)\b", re.IGNORECASE
    ),
}
_ORDINALS = {
    word: place
    for place, words in enumerate(
        (
            "first 1st opening ersten premier primer primero primo primeiro eerste første första",
            "second 2nd zweiten deuxième second segundo secondo tweede andre andra",
            "third 3rd dritten troisième tercer tercero terzo terceiro derde tredje",
            "fourth 4th vierten quatrième cuarto quarto vierde fjerde fjärde",
            "fifth 5th fünften cinquième quinto vijfde femte",
            "sixth 6th sechsten sixième sexto sesto zesde sjette sjätte",
            "seventh 7th siebten septième séptimo settimo sétimo zevende sjuende",
            "eighth 8th achten huitième octavo ottavo oitavo achtste åttende",
        ),
        start=1,
    )
    for word in words.split()
}
_LAST = frozenset(
    {"last", "final", "closing", "letzten", "dernier", "último", "ultimo", "laatste", "siste"}
)
_PARAGRAPH = (
    r"(?:paragraphs?|pars?|grafs?|absatz|absatzes|paragraphe|párrafo|paragrafo|parágrafo|alinea|"
    r"avsnitt|stycket?)"
)
_BEFORE = re.compile(rf"(?P<word>\w+)\s+{_PARAGRAPH}\b", re.IGNORECASE)
_AFTER = re.compile(rf"\b{_PARAGRAPH}\s+(?P<number>\d{{1,2}})\b", re.IGNORECASE)


def named_parts(text: str) -> set[str]:
    """The parts of the frame that a note names: headline, standfirst, byline."""
    return {part for part, words in _PARTS.items() if words.search(text)}


def named_paragraphs(text: str, count: int) -> set[int]:
    """The paragraphs that a note names, counted from 1; ``count`` is how many there are."""
    numbered = {int(match["number"]) for match in _AFTER.finditer(text)}
    words = [match["word"].lower() for match in _BEFORE.finditer(text)]
    named = {_ORDINALS[word] for word in words if word in _ORDINALS}
    last = {count} if count and _LAST & {*words} else set()
    return numbered | named | last
