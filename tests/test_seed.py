"""The article this project began with, end to end: real pages over HTTP, the real product.

Served first without its Update paragraph, then with it, then with more comments and another
READ NEXT: exactly two versions and one change.
"""

from __future__ import annotations

import html
import os
from pathlib import Path

import pytest

from origin import Origin
from product import Product

DATA = Path(os.environ.get("STORYLAPSE_DATA", Path(__file__).parents[2] / "shared/data"))
UPDATE = (
    "Update: The Russian Defense Ministry, in a statement, said there were no Russian "
    "military personnel in that particular area."
)


def seed() -> tuple[str, list[str], list[str]]:
    """Return the headline, the body's paragraphs and the foot's lines of the saved text."""
    place = DATA / "seed/article.txt"
    if not place.exists() and not os.environ.get("CI"):
        pytest.skip(f"The seed article is not at {place}; CI always has it.")
    text = place.read_text("utf-8")
    article, _, rest = text.partition("Creative Commons / Anti-Media / Report a typo")
    headline, *paragraphs = [part.strip() for part in article.split("\n\n") if part.strip()]
    foot = [part.strip() for part in rest.split("\n\n") if part.strip()]
    return headline, paragraphs, foot


def page(*, updated: bool, read_next: str, extra_comments: int = 0) -> str:
    """Build the page as WordPress would: furniture, body, appeal, nested comments."""
    headline, paragraphs, foot = seed()
    body = []
    for paragraph in paragraphs:
        text = html.escape(paragraph, quote=False)
        if paragraph.startswith("Update:") and not updated:
            continue
        if paragraph.startswith("READ NEXT"):
            text = f'<strong>READ NEXT: <a href="/next">{html.escape(read_next)}</a></strong>'
        body.append(f"<p>{text}</p>")
    appeal, login = foot[:3], foot[3]
    comments = "".join(
        f'<li class="comment even depth-1" id="comment-{n}"><article class="comment-body">'
        f'<cite class="fn">reader{n}</cite><p>{html.escape(text)}</p></article>{tail}</li>'
        for n, (text, tail) in enumerate(thread(foot[4:], extra_comments))
    )
    return f"""<!doctype html><html lang="en-US"><head><meta charset="utf-8">
<title>{html.escape(headline)} - Anti-Media</title>
<meta property="og:site_name" content="Anti-Media"><meta property="og:type" content="article">
</head><body class="post-template-default single single-post">
<header class="site-header"><nav class="main-nav"><ul><li><a href="/">Home</a></li>
<li><a href="/world">World</a></li><li><a href="/about">About us</a></li></ul></nav></header>
<main id="main"><article class="post type-post hentry">
<header class="entry-header"><h1 class="entry-title">{html.escape(headline)}</h1></header>
<div class="entry-content">{"".join(body)}
<p><em>Creative Commons / Anti-Media / <a href="/typo">Report a typo</a></em></p>
<div class="donation-box">{"".join(f"<p>{html.escape(part)}</p>" for part in appeal)}</div>
</div></article>
<aside class="sidebar widget-area"><h3>Trending</h3><ul><li><a href="/a">{read_next} 2</a></li>
<li><a href="/b">Ten maps that explain everything</a></li></ul></aside>
<div id="comments" class="comments-area"><h2 class="comments-title">Thoughts</h2>
<ol class="comment-list">{comments}</ol>
<div id="respond" class="comment-respond"><p class="must-log-in">{html.escape(login)}</p></div>
</div></main><footer class="site-footer"><p>All rights reserved.</p></footer></body></html>"""


def thread(parts: list[str], extra: int) -> list[tuple[str, str]]:
    """The readers' words, the first with its answers nested in it."""
    words = [" ".join(part.split()).lstrip("• ") for part in parts]
    words = [part for part in words if len(part) > 40]
    answers = "".join(
        f'<ul class="children"><li class="comment depth-2"><article class="comment-body">'
        f'<cite class="fn">answer</cite><p>{html.escape(text)}</p></article></li></ul>'
        for text in words[1:4]
    )
    more = [
        (f"I have read this article {n} times and still wonder about it.", "") for n in range(extra)
    ]
    return [(words[0], answers), *((text, "") for text in words[4:]), *more]


def test_the_seed_gives_two_versions_and_one_update(origin: Origin, product: Product) -> None:
    address = origin.address("/time-to-start-paying-attention/")
    path = "/time-to-start-paying-attention/"
    product.run("watch", address)
    origin.pages[path] = page(updated=False, read_next="The World Is on the Brink of War")
    product.run("fetch", "--all")
    origin.pages[path] = page(updated=True, read_next="The World Is on the Brink of War")
    product.run("fetch", "--all")
    origin.pages[path] = page(updated=True, read_next="Seven Things They Hide", extra_comments=5)
    product.run("fetch", "--all")

    log = product.json("log", address)
    assert [version["version"] for version in log["versions"]] == [1, 2]
    first, second = log["versions"]
    assert first["checked_before_at"] is None
    assert first["changes"] == []
    assert second["checked_before_at"] is not None
    assert second["checked_before_at"] < second["seen_first_at"]
    assert [check["outcome"] for check in log["checks"]] == ["read", "read", "unchanged"]
    assert all(check["reason"] for check in log["checks"])

    (change,) = second["changes"]
    assert change["kind"] == "update"
    assert change["new"] == UPDATE
    (note,) = second["notes"]
    assert note["kind"] == "update"
    assert note["status"] == "added"
    assert note["text"] == UPDATE
    assert note["place"] == "inline"
    assert note["source"] == "The Russian Defense Ministry"

    (told,) = product.lines("changes")
    assert told["kind"] == "update"
    assert product.lines("alerts") == []


def test_the_seeds_body_holds_no_furniture_and_no_comment(origin: Origin, product: Product) -> None:
    headline, paragraphs, _ = seed()
    path = "/article/"
    origin.pages[path] = page(updated=True, read_next="The World Is on the Brink of War")
    product.run("watch", origin.address(path))
    product.run("fetch", "--all")
    shown = product.json("show", origin.address(path))
    assert shown["headline"] == headline
    wanted = [" ".join(p.split()) for p in paragraphs if not p.startswith("READ NEXT")]
    assert [block["text"] for block in shown["blocks"]] == wanted
    comments = [comment["text"] for comment in shown["comments"]]
    assert any("Change inmediatly the title" in text for text in comments)
    assert max(comment["depth"] for comment in shown["comments"]) >= 1
    disputes = [comment["disputes"] for comment in shown["comments"] if comment["disputes"]]
    assert disputes
    assert all(sentence.startswith("A reader") for sentence in disputes)
