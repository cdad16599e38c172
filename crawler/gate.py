"""Is the page an article at all? What stands in an article's place is named, never recorded.

Pure functions over the document, the page's own text and the response's facts.
Interstitials differ from articles in two ways that hold across outlets: they are
short, and they talk about the reader's visit instead of the world. So a cue never
refuses a page with plenty of prose, and on a short one it has to be most of what is
said, or the page's title, or the mark of a system that serves nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from importlib import resources

from crawler.speech import Speech, addresses_visitor, addressing_share, speech_of, visiting_tail
from store.model import BlockKind, Document, NoteKind, Quality
from store.text import weight

# A page with this many letters of its own prose is an article whatever words occur in it:
# the longest interstitial met (a consent page that lists its purposes) had 1,100.
PLENTY = 1_200
# Under this many letters nothing can be told to be an article; the shortest news items of
# the extraction set have 150, wire flashes of two short sentences about 50.
LEAST = 40
_LIST_LIKE = (
    400  # results, recipes and tables hold no sentence and are articles from this length on
)
# A consent text may fill most of a page that still shows its article; with this share it does not.
_MOSTLY = 0.5
_LONGEST_TITLE = 100
_AFTER_BODY = 700  # letters behind the body in which a paywall announces itself
_FIRST_WORDS = 3  # sentences in which an offer says what it is
_BEGINNING = 20  # letters by which a text's beginning is found on its page
_LARGEST_VISIBLE = 400_000  # characters of a page looked at for naming what is in the way
# A page long enough for an article speaks of the visit in nearly every sentence, and often to the
# visitor: consent pages that list their purposes do (0.7 and more), columns and guides do not.
_NEARLY_ALL, _SOME = 0.6, 0.25
_HARDLY_ANY = 600  # letters of an article whose text was left out for a word to the visitor
# A few sentences, all to the visitor, without date and author, are no article whatever they say.
_LONGEST_NOTICE, _NOTHING_ELSE = 300, 0.8
_MOST_OFFERS = 6  # passages of an offer behind the beginning of an article
_OFFERS = frozenset({"paywall", "login"})
_LONGEST_LEAD = 250  # letters of an article that are left where something else took its place
_LISTED = 0.6  # share of bare links among the blocks of a listing
_MANY_LINKS = 8
_LONGEST_EVIDENCE = 60  # letters of a page repeated in a reason
# What a publisher's own data say of an article for subscribers (schema.org). Of 21 real pages that
# say so, the three of under 600 letters were stubs, and the 18 of over 1,300 were whole.
_NOT_FREE = re.compile(
    r"isAccessibleForFree[\"']?\s*(?::|content=)\s*[\"']?(?:https?://schema\.org/)?(true|false)",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"<input\b[^<>]{0,400}type=[\"']?password", re.IGNORECASE)
_UNMARKED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{25}")
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Cue:
    """The words of one kind of interstitial (gate.toml)."""

    detail: str
    reason: str
    words: re.Pattern[str]
    title: re.Pattern[str]
    makers: tuple[tuple[str, re.Pattern[str]], ...]


@lru_cache(maxsize=1)
def cues() -> tuple[Cue, ...]:
    """All kinds of interstitials, in the order of gate.toml."""
    text = resources.files("crawler").joinpath("gate.toml").read_text(encoding="utf-8")
    return tuple(
        Cue(
            detail=row["detail"],
            reason=row["reason"],
            words=_any_of(row["words"]),
            # A title says it when it begins or ends with it: "Login - The Post", "Error | 404".
            title=re.compile(
                rf"\W*(?:{_either(row['title'])})(?:\W*$|\s*[|:–—·!-].*$)|.*[|:–—·-]\s*(?:{_either(row['title'])})\W*$",
                re.IGNORECASE,
            ),
            makers=tuple(
                (name, re.compile(mark, re.IGNORECASE))
                for name, mark in row.get("makers", {}).items()
            ),
        )
        for row in tomllib.loads(text)["cue"]
    )


def _either(patterns: list[str]) -> str:
    return "|".join(f"(?:{one})" for one in patterns)


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(_either(patterns), re.IGNORECASE)


def judge_page(document: Document, html_text: str, status: int = 200) -> Quality:
    """Whether a page is an article, and what it is instead.

    ``html_text`` is the decoded page. Details: the cues of gate.toml (captcha, block_page,
    cookie_wall, paywall, login, soft_404, maintenance, js_shell, age_gate, adblock_wall, queue),
    error_page, listing, notice, too_short, not_article. Where redirects led is judged before
    (``answers.of_redirect``).
    """
    prose = _prose(document)
    if prose < PLENTY:
        refused = _judge_short(document, html_text, status, prose)
    else:
        refused = None if _has_stamp(document) else _spoken(document, prose)
        refused = refused or _in_data_alone(document, html_text)
    return refused or Quality(
        is_article=True, detail="article", reason="The page reads as an article."
    )


def _judge_short(document: Document, html_text: str, status: int, prose: int) -> Quality | None:
    """Why a page with little prose is no article, or None."""
    found = _in_the_way(document, html_text, prose)
    if found is not None:
        return _named(*found)
    if status >= 400:
        return _refused("error_page", f"The server answered {status} with a short page.")
    if not document.blocks:
        return _bare(html_text)
    spoken = None if _is_listing(document) else _spoken(document, prose)
    if spoken is not None:
        return spoken
    if _is_listing(document) or (prose < LEAST and _is_made_of_links(html_text)):
        return _refused("listing", "The page lists other stories and has none of its own.")
    refused = _behind(document) or _in_data_alone(document, html_text)
    return refused or _too_short(document, html_text, prose)


def _in_data_alone(document: Document, html_text: str) -> Quality | None:
    """Why a text that stands whole in the page's data is not shown, or None: it is to be paid for.

    Such a text is read as one block.
    """
    if len(document.blocks) > 1:
        return None
    seen = _visible(html_text)
    if "".join(document.text.split())[-60:] in "".join(seen.split()):
        return None
    behind = _shown_behind(document, seen)
    heard = Speech(speech_of([behind], document.language).sentences[:_FIRST_WORDS])
    found = _words_of(_cue("paywall"), behind)
    if not found and heard.kind not in _OFFERS:
        return None
    return _named(_cue(heard.kind if heard.kind in _OFFERS else "paywall"), found)


def _too_short(document: Document, html_text: str, prose: int) -> Quality | None:
    if prose >= LEAST or len(document.text) >= _LIST_LIKE:
        return None
    if _PASSWORD.search(html_text):
        return _named(_cue("login"), "a field for a password")
    return _refused("too_short", "The page holds too little text to be an article.")


def _spoken(document: Document, prose: int) -> Quality | None:
    """What the page is when it speaks to its visitor rather than of the world, or None."""
    texts = _own_texts(document)
    if prose >= PLENTY and addressing_share(texts, document.language) < _SOME:
        return None
    heard = speech_of([document.headline or "", *texts], document.language)
    kind = heard.kind
    if kind is not None and _speaks_of(_running(document), kind, document, prose):
        said = (text for text in texts if speech_of([text], document.language).topical_share(kind))
        return _named(_cue(kind), next(said, ""))
    if heard.letters > _LONGEST_NOTICE or document.claims.published or document.byline:
        return None
    if heard.spoken_share < _NOTHING_ELSE or len(heard.sentences) <= 2:
        return None
    return _refused("notice", "The page speaks to its visitor and holds nothing of an article.")


def _running(document: Document) -> Speech:
    """What is said in whole sentences, under the page's own headline; all that is said otherwise.

    An article's headline, with its author and date, says nothing about what took the text's place.
    """
    title = [] if _has_stamp(document) else [document.headline or ""]
    texts = _own_texts(document)
    return speech_of([*title, *(list(filter(_has_sentence, texts)) or texts)], document.language)


def _own_texts(document: Document) -> list[str]:
    """What the page says in its blocks, each said once; notes of the editors apart."""
    noted = {note.block for note in document.notes if note.kind is not NoteKind.RETRACTION}
    texts = (block.text for at, block in enumerate(document.blocks) if at not in noted)
    return list(dict.fromkeys(texts))


def _speaks_of(heard: Speech, kind: str, document: Document, prose: int) -> bool:
    """Whether a page is about the visit, the more of it the more article it could be."""
    if _has_stamp(document):
        return prose < _HARDLY_ANY and heard.spoken_share >= _MOSTLY
    if prose >= PLENTY:
        return heard.topical_share(kind) >= _NEARLY_ALL and heard.spoken_share >= _SOME
    least = _MOSTLY if prose < _HARDLY_ANY else _NEARLY_ALL
    return heard.spoken_share > 0 and heard.about_share(kind) >= least


def _behind(document: Document) -> Quality | None:
    """What stands behind the beginning of an article and speaks to the visitor, or None.

    An offer stands behind its first paragraphs; of anything else, hardly more than its lead.
    """
    texts = _own_texts(document)
    tail = visiting_tail(texts, document.language, _MOST_OFFERS)
    heard = speech_of(tail, document.language)
    before = sum(map(len, texts[: len(texts) - len(tail)]))
    if not heard.spoken_share or heard.kind is None:
        return None
    if heard.kind not in _OFFERS and before > _LONGEST_LEAD:
        return None
    return _named(_cue(heard.kind), tail[0])


def _cue(detail: str) -> Cue:
    return next(cue for cue in cues() if cue.detail == detail)


def _refused(detail: str, reason: str) -> Quality:
    return Quality(is_article=False, detail=detail, reason=reason)


def _named(cue: Cue, evidence: str) -> Quality:
    """The refusal of a cue, with what gave it away, still one sentence."""
    evidence = "".join(sign if sign.isprintable() else " " for sign in evidence)
    shown = " ".join(re.sub(r"[.。!?\"“”]", " ", evidence).split())[:_LONGEST_EVIDENCE].strip()
    behind = f" (“{shown}”)" if shown else ""
    return _refused(cue.detail, f"{cue.reason.removesuffix('.')}{behind}.")


def _prose(document: Document) -> int:
    """Letters of running text: blocks that hold a sentence, headings and link lists apart."""
    return sum(
        weight(block.text)
        for block in document.blocks
        if block.kind is not BlockKind.HEADING and _has_sentence(block.text)
    )


def _has_sentence(text: str) -> bool:
    """Whether a text holds a sentence; Thai and its like put no mark at a sentence's end."""
    return bool(_SENTENCE_END.search(text) or _UNMARKED.search(text))


# --------------------------------------------------------------------------
# Interstitials


def _in_the_way(document: Document, html_text: str, prose: int) -> tuple[Cue, str] | None:
    """The interstitial that explains a page with little prose and what shows it, or None."""
    seen = _visible(html_text)
    named = _named_by_title(document, html_text, seen) or _made_by(document, html_text)
    if named is not None:
        return named
    said = [(_said(document, cue), cue) for cue in cues() if cue.detail != "paywall"]
    most, cue = max(said, key=lambda pair: pair[0])
    spoken = addresses_visitor(document.text, document.language) or _is_all_it_says(document, cue)
    if most >= _MOSTLY * max(1, len(document.text)) and spoken and not _has_stamp(document):
        return cue, _words_of(cue, document.text)
    return _paywall(document, seen) or _not_free(html_text, prose) if prose else None


def _made_by(document: Document, html_text: str) -> tuple[Cue, str] | None:
    """The cue whose maker left its mark on a page that is nobody's article, and the maker."""
    return None if _has_stamp(document) else made_by(html_text)


def made_by(html_text: str) -> tuple[Cue, str] | None:
    """The cue whose maker left its mark on a page, and the maker, or None."""
    start = html_text[:_LARGEST_VISIBLE]
    made = ((cue, name) for cue in cues() for name, mark in cue.makers if mark.search(start))
    return next(made, None)


def _named_by_title(document: Document, html_text: str, seen: str) -> tuple[Cue, str] | None:
    """The cue that the headline or title names, when the page's words agree or are few."""
    titles = [title for title in (document.headline, _title(html_text)) if title]
    text = document.text or seen
    for cue in cues():
        told = [
            title for title in titles if len(title) < _LONGEST_TITLE and cue.title.fullmatch(title)
        ]
        if not told:
            continue
        speaks = addresses_visitor(text, document.language) and not _has_stamp(document)
        if cue.words.search(text) or speaks or len(document.text) < LEAST:
            return cue, told[0]
    return None


def _words_of(cue: Cue, text: str) -> str:
    """The first words of a text that the cue knows."""
    match = cue.words.search(text)
    return match[0] if match else ""


def _is_all_it_says(document: Document, cue: Cue) -> bool:
    """Whether the cue's own words are most of the text: "This article is no longer available." """
    spoken = sum(len(match[0]) for match in cue.words.finditer(document.text))
    return spoken >= _MOSTLY * len(document.text)


def _said(document: Document, cue: Cue) -> int:
    """Letters of the blocks that say the cue's words."""
    return sum(len(block.text) for block in document.blocks if cue.words.search(block.text))


def _has_stamp(document: Document) -> bool:
    """Whether the page carries an article's own data: a short news item about cookies does."""
    return bool(document.claims.published and document.headline and document.byline)


def _paywall(document: Document, seen: str) -> tuple[Cue, str] | None:
    """The paywall cue, when it stands in the body or right behind it."""
    cue = _cue("paywall")
    words = _words_of(cue, document.text) or _words_of(cue, _shown_behind(document, seen))
    return (cue, words) if words else None


def _shown_behind(document: Document, seen: str) -> str:
    """What the page shows behind the text, or behind its beginning where it shows no more.

    The text of such a page was read from its data.
    """
    text = " ".join(document.blocks[-1].text.split())
    end = text[-60:]
    at = seen.rfind(end)
    if at >= 0:
        return seen[at + len(end) : at + len(end) + _AFTER_BODY]
    at = seen.find(text[:_BEGINNING])
    if at < 0:
        return ""
    shown = seen[at : at + len(text)]
    parted = (n for n, (one, other) in enumerate(zip(text, shown, strict=False)) if one != other)
    at += next(parted, len(shown))
    return seen[at : at + _AFTER_BODY]


def _not_free(html_text: str, prose: int) -> tuple[Cue, str] | None:
    """The paywall cue, where the page's own data say that it is not free and little is shown."""
    said = {word.lower() for word in _NOT_FREE.findall(html_text)} if prose < _HARDLY_ANY else set()
    return (_cue("paywall"), "isAccessibleForFree: false") if said == {"false"} else None


def _title(html_text: str) -> str:
    match = re.search(r"<title[^>]{0,200}>([^<]{0,300})", html_text[:200_000], re.IGNORECASE)
    return " ".join(match[1].split()) if match else ""


def _visible(html_text: str) -> str:
    """A page's words without scripts and tags, roughly: for naming, not for reading."""
    return " ".join(unescape(" ".join(_texts(html_text[:_LARGEST_VISIBLE]))).split())


def _texts(html_text: str) -> Iterator[str]:
    """The text between tags, scripts and styles skipped, in one linear pass."""
    at = 0
    for tag in re.finditer(
        r"<(/?)(script|style|svg|head)?\b[^<>]{0,4000}>", html_text, re.IGNORECASE
    ):
        if tag.start() < at:
            continue
        yield html_text[at : tag.start()]
        at = tag.end()
        if tag[2] and not tag[1]:
            close = html_text.find(f"</{tag[2]}", at)
            at = close if close >= 0 else len(html_text)


def _bare(html_text: str) -> Quality:
    """Why a page has no blocks: something in the way, scripts that would build it, or nothing."""
    seen = _visible(html_text)
    if len(seen) < PLENTY:
        hits = [(len(cue.words.findall(seen)), cue) for cue in cues()]
        most, cue = max(hits, key=lambda hit: hit[0])
        if most:
            return _named(cue, _words_of(cue, seen))
        heard = speech_of(_texts(html_text[:_LARGEST_VISIBLE]), None)
        if heard.spoken_share and heard.kind is not None:
            return _named(_cue(heard.kind), "")
        if "<script" in html_text.lower():
            shell = _cue("js_shell")
            return _refused(shell.detail, shell.reason)
    return _refused("not_article", "No article text was found on the page.")


def _is_listing(document: Document) -> bool:
    """Whether most blocks are links to other pages: a front, a section, search results."""
    links = [b for b in document.blocks if b.links and not _SENTENCE_END.search(b.text)]
    linked = sum(len(block.text) for block in links)
    many = len(document.blocks) >= _MANY_LINKS and len(links) > _LISTED * len(document.blocks)
    return many and linked > _prose(document)


def _is_made_of_links(html_text: str) -> bool:
    """Whether most words of a page are links, where the extractor saw one block of text."""
    anchors = re.findall(r"<a\b[^<>]{0,4000}>([^<]{0,500})", html_text[:_LARGEST_VISIBLE])
    linked = sum(len(anchor.strip()) for anchor in anchors)
    return len(anchors) >= _MANY_LINKS and linked > _LISTED * len(_visible(html_text))
