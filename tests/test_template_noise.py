"""A donation line rolled out under every article, crawled for real: no story tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from origin import Origin
from product import Product
from sequence_faults import Setting
from sequence_pages import Page, base, stories

LINE = "Our newsroom lives on the gifts of people who read it: give what you can, once or monthly."
EDITED = "ferry-pier"


def with_line(page: Page) -> Page:
    """The page with the line among its paragraphs, where no rule for furniture can see it."""
    return replace(page, paragraphs=(*page.paragraphs[:2], LINE, *page.paragraphs[2:]))


def test_a_line_under_every_article_is_held_back_and_the_edit_beside_it_is_told(
    origin: Origin, product: Product
) -> None:
    pages = {slug: base(story) for slug, story in stories().items() if slug != "brief"}
    settings = {slug: Setting(stories()[slug], "plain") for slug in pages}

    def serve(change: dict[str, Page]) -> None:
        for slug, page in change.items():
            origin.pages[f"/{slug}"] = settings[slug].answer(page)

    serve(pages)
    product.run("watch", *[origin.address(f"/{slug}") for slug in pages])
    product.run("fetch", "--all")
    lined = {slug: with_line(page) for slug, page in pages.items()}
    old, new = stories()[EDITED].edit
    lined[EDITED] = replace(
        lined[EDITED],
        paragraphs=tuple(text.replace(old, new) for text in lined[EDITED].paragraphs),
    )
    serve(lined)
    product.run("fetch", "--all")
    told = product.lines("changes")
    assert [(change["address"], change["kind"]) for change in told] == [
        (origin.address(f"/{EDITED}"), "edited")
    ]
    held = product.lines("changes", "--held")
    assert Counter(change["held_by"] for change in held) == {None: 1, "template": len(pages)}
    assert {change["new"] for change in held if change["held_by"]} == {LINE}
