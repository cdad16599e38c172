"""Answers that are no edit: decorated, cut, replaced and refused pages of a story.

The faults of reliability research 2.2 and 2.3: each makes one answer in the place of a good one.
"""

from __future__ import annotations

import gzip
import tomllib
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
import zstandard

from fault_tables import page_of
from origin import Answer
from sequence_pages import FURNITURE, TEMPLATES, Dress, Page, Story, base, stories

HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
_WALLS = Path(__file__).with_name("sequence_walls.toml")


@dataclass(frozen=True, slots=True)
class Setting:
    """A story and the template it is shown in."""

    story: Story
    template: str

    def html(self, page: Page, turn: int = 0, moving: Sequence[str] = ()) -> str:
        return TEMPLATES[self.template](page, Dress(turn, frozenset(moving), modified=0))

    def answer(self, page: Page, turn: int = 0, moving: Sequence[str] = FURNITURE) -> Answer:
        return Answer(self.html(page, turn, moving).encode(), headers=dict(HTML))


# --------------------------------------------------------------------------
# Faults: one answer that is no edit, between good pages


Fault = Callable[[Setting, Page, int], Answer]


def _moving(*names: str) -> Fault:
    return lambda at, page, turn: at.answer(page, turn * 3 + 1, names)


def _text_of(change: Callable[[str], str]) -> Fault:
    return lambda at, page, turn: Answer(change(at.html(page)).encode(), headers=dict(HTML))


def _curled(html: str) -> str:
    """Typographic signs in place of plain ones, in the text between tags."""
    plain = {"’": "'", "“": '"', "”": '"', "„": '"', "–": "-", "«": '"', "»": '"'}
    head, body = html.split("<body", 1)
    return head + "<body" + "".join(plain.get(sign, sign) for sign in body)


def _spaced(html: str) -> str:
    return html.replace("><", ">\n\t <").replace(", ", ",&nbsp;").replace(". ", ".\n   ")


def _latin(at: Setting, page: Page, turn: int) -> Answer:
    html = at.html(page).replace('charset="utf-8"', 'charset="windows-1252"')
    return Answer(
        html.encode("cp1252", "xmlcharrefreplace"),
        headers={"Content-Type": "text/html; charset=windows-1252"},
    )


def _mislabelled(at: Setting, page: Page, turn: int) -> Answer:
    return Answer(at.html(page).encode(), headers={"Content-Type": "text/html; charset=iso-8859-1"})


def _packed(coding: str, pack: Callable[[bytes], bytes]) -> Fault:
    return lambda at, page, turn: Answer(
        pack(at.html(page).encode()), headers={**HTML, "Content-Encoding": coding}
    )


def _encoded(charset: str, label: str) -> Fault:
    return lambda at, page, turn: Answer(
        at.html(page).encode(charset), headers={"Content-Type": label}
    )


def _cut_gzip(at: Setting, page: Page, turn: int) -> Answer:
    body = gzip.compress(at.html(page).encode())
    return Answer(body[: len(body) // 2], headers={**HTML, "Content-Encoding": "gzip"})


def _redesigned(at: Setting, page: Page, turn: int) -> Answer:
    names = list(TEMPLATES)
    other = names[(names.index(at.template) + 1) % len(names)]
    return Setting(at.story, other).answer(page, turn)


def _stamped(at: Setting, page: Page, turn: int) -> Answer:
    html = TEMPLATES[at.template](page, Dress(turn, frozenset({"ago"}), modified=turn + 1))
    return Answer(html.encode(), headers=dict(HTML))


def _half(at: Setting, page: Page, turn: int) -> Answer:
    """The page cut in the middle of its body, as an origin that died sends it."""
    html = at.html(page)
    middle = page.paragraphs[len(page.paragraphs) // 2]
    return Answer(html[: html.index(middle[:30]) + 40].encode(), headers=dict(HTML))


def _other_article(at: Setting, page: Page, turn: int) -> Answer:
    others = [one for one in stories().values() if one.language == at.story.language != "x"]
    rest = [one for one in others if one is not at.story] or [
        one for one in stories().values() if one is not at.story
    ]
    return Setting(rest[0], at.template).answer(base(rest[0]), turn)


def _to(path: str) -> Fault:
    return lambda at, page, turn: Answer(b"", 302, {"Location": path, **HTML})


def _instead(row: dict[str, Any]) -> Fault:
    """A page of sequence_walls.toml, inside the site's own shell or bare."""

    def fault(at: Setting, page: Page, turn: int) -> Answer:
        words = "".join(f"<p>{part}</p>" for part in row["words"])
        shell = f"<header><a href='/'>{at.story.outlet}</a></header>"
        foot = "<footer><p>Contact · Imprint · Privacy</p></footer>"
        inner = f"<main><h1>{row['title']}</h1>{words}</main>"
        if not row.get("bare"):
            inner = shell + inner + foot
        html = (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            f"<title>{row['title']}</title></head><body>{inner}"
            f"<script>var r={turn};</script></body></html>"
        )
        return Answer(html.encode(), row.get("status", 200), dict(HTML))

    return fault


def _page(name: str) -> Fault:
    """A page of fault_pages.toml, as that system serves it."""
    return lambda at, page, turn: Answer(page_of(name), headers=dict(HTML))


def _stub(at: Setting, page: Page, turn: int) -> Answer:
    """The beginning of the article and a paywall in the same template."""
    stub = replace(page, paragraphs=page.paragraphs[:1])
    wall = (
        '<div class="paywall"><h3>Subscribe to continue reading</h3><p>This article is for '
        "subscribers only. Already a subscriber? Log in.</p></div>"
    )
    html = at.html(stub, turn, FURNITURE)
    first = f"{page.paragraphs[0][-20:]}".replace("&", "&amp;")
    cut = html.index(first) + len(first) + len("</p>")
    return Answer((html[:cut] + wall + html[cut:]).encode(), headers=dict(HTML))


def _shell(at: Setting, page: Page, turn: int) -> Answer:
    html = (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{at.story.outlet}</title>'
        f'<script src="/app.{turn}.js" defer></script></head><body><div id="root"></div>'
        "<noscript>You need to enable JavaScript to run this app.</noscript></body></html>"
    )
    return Answer(html.encode(), headers=dict(HTML))


def _overlaid(at: Setting, page: Page, turn: int) -> Answer:
    """A consent banner over the whole article: nothing is missing."""
    banner = (
        '<div class="cookie-banner" role="dialog"><p>We and our 731 partners use cookies to '
        "give you the best experience.</p><button>Accept all</button>"
        "<button>Reject all</button></div>"
    )
    html = at.html(page, turn, FURNITURE)
    at_body = html.index(">", html.index("<body")) + 1
    return Answer((html[:at_body] + banner + html[at_body:]).encode(), headers=dict(HTML))


QUIET: dict[str, Fault] = {
    **{f"furniture {name}": _moving(name) for name in FURNITURE},
    "furniture all": _moving(*FURNITURE),
    "white space": _text_of(_spaced),
    "nfd": _text_of(lambda html: unicodedata.normalize("NFD", html)),
    "straight quotes": _text_of(_curled),
    "charset flip": _latin,
    "charset label": _mislabelled,
    "gzip": _packed("gzip", gzip.compress),
    "deflate": _packed("deflate", zlib.compress),
    "redesign": _redesigned,
    "modified stamp": _stamped,
    "consent banner": _overlaid,
    "bom": _encoded("utf-8-sig", "text/html"),
    "utf-16": _encoded("utf-16", "text/html; charset=utf-16"),
    "br": _packed("br", brotli.compress),
    "zstd": _packed("zstd", zstandard.compress),
}
"""Faults after which the page still says what it said."""


@lru_cache(maxsize=1)
def walls() -> dict[str, tuple[Fault, frozenset[str]]]:
    """Faults in an article's place, with the outcomes under which they may be filed."""
    rows = tomllib.loads(_WALLS.read_text("utf-8"))["wall"]
    made = {row["name"]: (_instead(row), frozenset(row["outcomes"])) for row in rows}
    return made | {name: (fault, frozenset(words.split())) for name, fault, words in _OTHERS}


_OTHERS: tuple[tuple[str, Fault, str], ...] = (
    ("paywall stub", _stub, "blocked"),
    ("js shell", _shell, "unreadable blocked"),
    ("captcha maker", _page("captcha-perimeterx"), "blocked"),
    ("block maker", _page("block-imperva"), "blocked"),
    ("consent pl", _page("consent-pl"), "blocked"),
    ("soft 404 ja", _page("soft-404-ja"), "gone"),
    ("error page", _page("error-wordpress"), "unreadable"),
    ("redirect home", _to("/"), "gone unreadable"),
    ("redirect login", _to("/login?next=x"), "blocked"),
    ("redirect loop", _to("/loop"), "failed"),
    ("empty", lambda at, page, turn: Answer(b"", headers=dict(HTML)), "unreadable"),
    ("json", lambda at, page, turn: Answer(b'{"error": "busy"}', headers=dict(JSON)), "unreadable"),
    ("cut gzip", _cut_gzip, "failed"),
    ("half page", _half, "held failed unreadable"),
    ("other article", _other_article, "held"),
)
