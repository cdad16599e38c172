"""A news site for measuring: real HTTP on loopback, many hosts, pages that change on cue.

    python -m benchmarks.refetch_origin --pages 1500 --hosts 24

Every host is an address of its own (127.0.0.2, 127.0.0.3 …), since a polite crawl asks one thing
at a time of a host. ``GET /~stage/NAME`` says how pages are answered from then on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

SHORTEST, LONGEST = 60_000, 150_000
"""Bytes of a page; half of the pages of the field study's refetched pairs lie between."""
_PARAGRAPHS = (14, 32)
_TEXT = """
the council harbour bridge report minister quarter budget trade school river plan vote court
hospital water energy market company union strike winter storm ferry railway line project engineer
spokesperson resident committee decision letter evidence number inquiry said would after before
during between because although while several many new old local national public early late final
first second major minor likely expected agreed rejected
"""
_FURNITURE = """
sport weather podcasts opinion business culture travel science video crossword obituaries
newsletters photography property motoring fashion gardening books theatre gaming
"""
_WORDS, _LABELS = _TEXT.split(), _FURNITURE.split()


class Stage(StrEnum):
    """How pages are answered."""

    VALIDATED = "validated"  # 304 to whoever asks with the right validator
    SAME_BYTES = "same_bytes"  # the whole page, the same bytes each time
    FURNITURE = "furniture"  # the whole page, with other furniture each time
    CHANGED = "changed"  # from now on every article says something else


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the pieces between which what changes is put."""

    before_fact: bytes
    after_fact: bytes
    number: int

    def body(self, edit: int, showing: int) -> bytes:
        """The page after so many edits of its article, with furniture of one showing."""
        fact = f"{1_000 + 37 * self.number + edit * (self.number % 91 + 3)}".encode()
        return b"".join((self.before_fact, fact, self.after_fact.replace(b"@@@@@@", _six(showing))))


def _six(showing: int) -> bytes:
    return str(showing % 1_000_000).zfill(6).encode()


def page(number: int) -> Page:
    """An invented article's page, of a size and mark-up as news sites have them."""
    dice = random.Random(number)
    title = _sentence(dice, 9).rstrip(".")
    blocks = [
        f"<p class='body-text'>{_paragraph(dice)}</p>" for _ in range(dice.randint(*_PARAGRAPHS))
    ]
    blocks[3] += "<div class='ad-slot' id='mid-@@@@@@'><span>Advertisement</span></div>"
    start = f"{_head(dice, title, number)}{_navigation(dice)}{_opening(dice, title)}{blocks[0]}"
    fact = "<p class='body-text'>The committee counted "
    rest = f" letters in its inbox. {_paragraph(dice)}</p>{''.join(blocks[1:])}{_closing(dice)}"
    wanted = dice.randint(SHORTEST, LONGEST) - len(start) - len(rest) - 60
    end = f"{_script(dice, max(0, wanted))}</body></html>"
    return Page((start + fact).encode(), (rest + end).encode(), number)


def _sentence(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(_WORDS, k=words)).capitalize() + "."


def _paragraph(dice: random.Random) -> str:
    sentences = [_sentence(dice, dice.randint(9, 24)) for _ in range(dice.randint(2, 4))]
    marked = [f"<em>{dice.choice(_WORDS)}</em> {each}" for each in sentences]
    first, topic = dice.choice(_WORDS), " ".join(dice.choices(_WORDS, k=2))
    link = f'<a href="/topic/{dice.randint(1, 900)}">{topic}</a>'
    return f"<strong>{first}</strong> {' '.join(marked)} See {link} for the background."


def _head(dice: random.Random, title: str, number: int) -> str:
    description = _sentence(dice, 18)
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": "2026-03-04T08:00:00Z",
        "author": {"@type": "Person", "name": "Ada Quill"},
    }
    styles = "".join(f".c{n}{{margin:{n}px;color:#{n:03d}}}" for n in range(300))
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='description' content='{description}'>"
        f"<meta property='og:title' content='{title}'><meta property='og:type' content='article'>"
        f"<meta property='article:published_time' content='2026-03-04T08:00:00Z'>"
        f"<script type='application/ld+json'>{json.dumps(data)}</script>"
        f"<style>{styles}</style></head><body class='story story-{number}'>"
    )


def _navigation(dice: random.Random) -> str:
    items = "".join(
        f"<li class='nav-item'><div class='nav-item__in'><a class='nav-link' href='/section/{n}'>"
        f"<span class='icon'></span>{dice.choice(_LABELS)} {dice.choice(_LABELS)}</a></div></li>\n"
        for n in range(110)
    )
    return f"<header class='site-header'><nav><ul>{items}</ul></nav></header>"


def _opening(dice: random.Random, title: str) -> str:
    return (
        f"<main><div class='page'><article class='article'><h1>{title}</h1>"
        f"<p class='standfirst'>{_sentence(dice, 20)}</p>"
        "<div class='byline'>By <a rel='author' href='/by/ada'>Ada Quill</a>"
        "<time datetime='2026-03-04T08:00:00Z'>4 March 2026</time></div>"
        "<figure><img src='/i.jpg' alt=''><figcaption>The harbour in March.</figcaption></figure>"
    )


def _closing(dice: random.Random) -> str:
    """What stands below an article; other numbers, links and tokens at every showing."""
    read = "".join(
        f"<li class='teaser'><div class='teaser__inner'><a href='/story/@@@@@@-{n}'>"
        f"<picture><source srcset='/p/{n}.webp'><img src='/p/{n}.jpg' alt=''></picture>"
        f"<span class='kicker'>{dice.choice(_LABELS)}</span> "
        f"<h3 class='teaser__title'>{_sentence(dice, 8)} No @@@@@@</h3></a>"
        f"<span class='meta'>{n} comments</span></div></li>\n"
        for n in range(40)
    )
    links = "".join(
        f"<li><a href='/about/{n}'>{dice.choice(_LABELS)} {dice.choice(_LABELS)}</a></li>\n"
        for n in range(90)
    )
    return (
        "</article></div><aside class='rail'><h2>Most read</h2><span>@@@@@@ people read this</span>"
        f"<ol>{read}</ol></aside></main><footer><ul>{links}</ul><p>Page @@@@@@</p></footer>"
    )


def _script(dice: random.Random, size: int) -> str:
    """Scripts and data to the wanted size, in which a token stands that is never the same."""
    state = ",".join(f'"k{n}":{dice.random():.6f}' for n in range(size // 16))
    return f"<script>window.token='@@@@@@';window.state={{{state}}};</script>"


class Site:
    """The pages and the stage they are in."""

    def __init__(self, pages: int) -> None:
        self._pages = [page(number) for number in range(pages)]
        self._stage = Stage.SAME_BYTES
        self._edit = 0
        self._showings = count(1)

    def answer(self, path: str, validator: str) -> bytes:
        """The whole answer, head and body, to a GET of ``path``."""
        if path.startswith("/~stage/"):
            self._stage = Stage(path.rpartition("/")[2])
            self._edit += self._stage is Stage.CHANGED
            return _response("200 OK", b"")
        if not path.startswith("/news/"):
            return _response("404 Not Found", b"")
        tag = f'"edit-{self._edit}"'
        if self._stage is Stage.VALIDATED and validator == tag:
            return _response("304 Not Modified", b"", tag)
        moving = self._stage is Stage.FURNITURE
        shown = self._pages[int(path.rpartition("/")[2])]
        body = shown.body(self._edit, next(self._showings) if moving else 0)
        return _response("200 OK", body, None if moving else tag)


def _response(status: str, body: bytes, tag: str | None = None) -> bytes:
    validator = f"ETag: {tag}\r\n" if tag else ""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n{validator}"
        f"Content-Length: {len(body)}\r\nDate: Wed, 04 Mar 2026 08:00:00 GMT\r\n"
        "Server: measuring\r\nCache-Control: max-age=0\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One kept-alive connection; requests without bodies, one after another."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _, self._heard = self._heard.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines)
            path = first.split(" ")[1]
            self._transport.write(self._site.answer(path, fields.get("if-none-match", "")))


async def _serve(site: Site, hosts: int) -> None:
    loop = asyncio.get_running_loop()
    first = await loop.create_server(lambda: _Connection(site), "127.0.0.2", 0)
    port = first.sockets[0].getsockname()[1]
    for number in range(1, hosts):
        await loop.create_server(lambda: _Connection(site), f"127.0.0.{number + 2}", port)
    print(port, flush=True)
    await first.serve_forever()


def main() -> None:
    """Serve until killed; the port is the first line on standard output."""
    parser = argparse.ArgumentParser(prog="benchmarks.refetch_origin")
    parser.add_argument("--pages", type=int, default=1_500)
    parser.add_argument("--hosts", type=int, default=24)
    asked = parser.parse_args()
    asyncio.run(_serve(Site(asked.pages), asked.hosts))


if __name__ == "__main__":
    main()
