"""Names in a text, and whether two of them are one name spelled anew or two names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from store.compare.dates import months, weekdays
from store.compare.lexicon import Lexicon, word_set

_WORD = re.compile(r"[^\W\d_](?:[\w'’.&-]*\w)?")
_PARTICLES = word_set(
    "de del della di da dos du van von der den la le al el bin ibn of the y af av"
)
_STARTS = re.compile(r"(?:^|[.!?:;…]['\"”’»)]*\s+|[\"“„«‘(\[]\s?)$")
# A spelling fix changes at most this many letters, and not most of a short name.
_SPELLING_EDITS = 2
_LETTERS_PER_EDIT = 3
# A name has at most this many words, and a text is read for at most this many names: more of
# either is no prose, and pairing them would cost their square.
_LONGEST_NAME, _MOST_NAMES = 12, 80
# Names that say the same in other words, alone and inside longer names.
_SHORTER = (
    ("united states of america", "us"),
    ("united states", "us"),
    ("united kingdom", "uk"),
    ("great britain", "uk"),
    ("european union", "eu"),
    ("united nations", "un"),
    ("soviet union", "ussr"),
    ("new zealand", "nz"),
)
_ALIASES = {
    alias: group
    for group in (
        ("us", "usa", "america", "american"),
        ("uk", "britain", "british"),
        ("ussr", "soviet"),
        ("jew", "jews", "jewish"),
    )
    for alias in group
}
# States by their code, as the United States Postal Service writes them (Publication 28, app. B).
_STATES = dict(
    pair.split("=")
    for pair in word_set(
        "al=alabama ak=alaska az=arizona ar=arkansas ca=california co=colorado ct=connecticut "
        "de=delaware fl=florida ga=georgia hi=hawaii id=idaho il=illinois in=indiana ia=iowa "
        "ks=kansas ky=kentucky la=louisiana me=maine md=maryland ma=massachusetts mi=michigan "
        "mn=minnesota ms=mississippi mo=missouri mt=montana ne=nebraska nv=nevada oh=ohio "
        "ok=oklahoma or=oregon pa=pennsylvania tn=tennessee tx=texas ut=utah vt=vermont "
        "va=virginia wa=washington wi=wisconsin wy=wyoming"
    )
)
# What a nation's adjective leaves of its name in a compound: "Canadian-born" is of Canada.
_COMPOUND = re.compile(
    r"\b(\w{4,}?)(?:i?an|ese|ish|i)-(?:born|based|backed|built|controlled|flagged|funded|held|led|made|"
    r"occupied|owned|run|speaking|style|trained)\b"
)
# Above this share of capitalised words a line is set in title case and shows no names.
_TITLE_CASE = 0.85
# A word this short before a full stop is an initial or a title, not the end of a sentence.
_INITIAL = 3
# Letters that a name has to share with its inflected form.
_STEM = 4


_GERMAN_PLACE = re.compile(r"(?:^|\s)(?:in|nach|aus|bei|mit|von|gegen)\s$")
_GERMAN_NOUN = re.compile(
    r"(?:ung|heit|keit|schaft|tion|ismus|ität|nis|tum|ling|chen|ern|ren|gen|ten|sen|nen|ben)$"
)
_GERMAN_PHRASES = word_set(
    "Haft Not Gefahr Folge Kraft Frage Betrieb Zukunft Mitte Summe Teile Teil Rente Pension Urlaub "
    "Zusammenarbeit Führung Form Höhe Richtung Bezug Hinblick Freiheit Sicherheit Ruhe Arbeit "
    "Auftrag Ordnung Flammen Brand Bewegung Anspruch Hause Feuer Wasser Gewalt Geld Druck Sicht "
    "Angst Tod Recht Polizei Bord Tagen Minuten Stunden Jahren Prozent Kritik Blick Hilfe Zahl Tat"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as worded, the title before it, its comparing form, and where it stands.

    ``weak`` marks one word at the start of a sentence: its capital may mean nothing.
    """

    text: str
    title: str
    value: str
    start: int
    end: int
    weak: bool


def names_of(text: str, words: Lexicon, start: int, end: int) -> list[Name]:
    """The names between two places of a text, in order; none where all words are capitalised."""
    tokens = list(_WORD.finditer(text, start, end))
    written = [token.group() for token in tokens]
    if _is_title_case(written):
        return []
    names: list[Name] = []
    stop = 0
    for place, word in enumerate(written):
        if place < stop or not word[0].isupper() or not _opens(word, words):
            continue
        stop = _run_end(text, tokens, place)
        name = _name(text, tokens[place:stop], words)
        if name is not None:
            names.append(name)
        if len(names) == _MOST_NAMES:
            break
    return names


def is_spelling(old: str, new: str) -> bool:
    """Whether two names differ as a spelling fix does: accents, case, one or two letters."""
    a, b = _plain(old), _plain(new)
    if _digits(a) != _digits(b):
        return False
    if a == b:
        return True
    edits = DamerauLevenshtein.distance(a, b, score_cutoff=_SPELLING_EDITS)
    return edits <= _SPELLING_EDITS and edits * _LETTERS_PER_EDIT < min(len(a), len(b))


def is_same(old: str, new: str) -> bool:
    """Whether one name is another form of the other: fuller, shorter, inflected, its initials."""
    if old == new:
        return True
    old, new = _COMPOUND.sub(r"\1", old), _COMPOUND.sub(r"\1", new)
    a, b = _short(old).split(), _short(new).split()
    if _ALIASES.get(" ".join(a), a) == _ALIASES.get(" ".join(b), b):
        return True
    if set(a) <= set(b) or set(b) <= set(a) or _is_state(a, b) or _is_state(b, a):
        return True
    if _initials(a) == "".join(b) or _initials(b) == "".join(a):
        return True
    short, long = sorted((a, b), key=lambda words: sum(map(len, words)))
    return bool(short) and all(any(_is_stem(word, other) for other in long) for word in short)


def _is_state(code: list[str], name: list[str]) -> bool:
    """Whether one ends in the code of the state that the other ends in, and else says the same."""
    return code[:-1] == name[:-1] and bool(code) and _STATES.get(code[-1]) == name[-1]


def _short(name: str) -> str:
    """A name in small letters, without full stops, the longest aliases in it cut short."""
    plain = name.casefold().replace(".", "")
    if " " in plain:
        for long, short in _SHORTER:
            plain = plain.replace(long, short)
    return plain


def _is_stem(word: str, other: str) -> bool:
    """Whether one word begins the other ("Brazil", "Brazilian"), plural ending aside."""
    stem = word.removesuffix("s")
    return len(stem) >= _STEM and other.startswith(stem)


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words if word not in _PARTICLES) if len(words) > 1 else ""


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if sign.isalnum())


def _is_title_case(words: list[str]) -> bool:
    long = [word for word in words if len(word) > 3]
    capitals = [word for word in long if word[0].isupper()]
    return len(long) > 3 and len(capitals) > _TITLE_CASE * len(long)


def _opens(word: str, words: Lexicon) -> bool:
    """Whether a word with a capital may begin a name."""
    if word in {"I", "I'm", "I've", "I'd", "I'll"}:
        return False
    lower = _bare(word)
    return lower not in months() and lower not in weekdays() and lower not in words.numbers


def _is_day(word: str) -> bool:
    return _bare(word) in weekdays()


def _bare(word: str) -> str:
    """A word in small letters without the ending of a possessor."""
    lower = word.lower()
    return lower[:-2] if lower.endswith(("'s", "’s")) else lower


def _run_end(text: str, tokens: list[re.Match[str]], place: int) -> int:
    """The end of a run of capitalised words, small particles inside it allowed."""
    end = place + 1
    while end < len(tokens) and end - place < _LONGEST_NAME:
        gap = text[tokens[end - 1].end() : tokens[end].start()]
        initial = len(tokens[end - 1].group()) <= _INITIAL
        if gap != " " and not (gap == ". " and initial):
            break
        if tokens[end - 1].group()[-2:] in {"'s", "’s"} or _is_day(tokens[end].group()):
            break
        if tokens[end].group()[0].isupper():
            end += 1
            continue
        follows = end
        while follows < len(tokens) and tokens[follows].group() in _PARTICLES and follows - end < 2:
            follows += 1
        capital = follows < len(tokens) and tokens[follows].group()[0].isupper()
        capital = capital and not _is_day(tokens[follows].group())
        if follows == end or not capital:
            break
        if text[tokens[follows - 1].end() : tokens[follows].start()] != " ":
            break
        end = follows + 1
    return end


def _name(text: str, run: list[re.Match[str]], words: Lexicon) -> Name | None:
    """A run as a name: sentence starters and titles before it dropped, possessives too."""
    starts = bool(_STARTS.search(text[max(0, run[0].start() - 4) : run[0].start()]))
    at_start = starts or not text[: run[0].start()].strip()
    first = 0
    dropped = words.small | words.titles if at_start else words.titles
    while first < len(run) and run[first].group().lower() in dropped:
        first += 1
    kept = run[first:]
    if not kept or (
        words.language == "de" and len(kept) < 2 and not _is_german_name(text, run, first)
    ):
        return None
    start, end = kept[0].start(), kept[-1].end()
    value = re.sub(r"['’]s?$", "", text[start:end])
    weak = at_start and first == 0 and len(kept) == 1
    title = text[run[0].start() : start] if run[0].group().lower() in words.titles else ""
    return Name(value, title, value.casefold().replace(".", ""), start, start + len(value), weak)


def _is_german_name(text: str, run: list[re.Match[str]], first: int) -> bool:
    """Whether one capitalised word is a name in German, where every noun has a capital.

    A title stands before it, or a preposition of place with no article, and no ending or
    set phrase ("in Haft") makes a noun of it.
    """
    if first:
        return True
    word = run[0].group()
    before = text[max(0, run[0].start() - 12) : run[0].start()]
    placed = _GERMAN_PLACE.search(before)
    return bool(placed) and not _GERMAN_NOUN.search(word) and word not in _GERMAN_PHRASES
