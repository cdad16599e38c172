"""One article has one identity, two stories have two: real HTTP and the whole product."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from origin import Answer, Origin
from product import Product

CRANE = (
    "The harbour board voted on Tuesday to rebuild the old crane beside the market hall.",
    "Work begins in April and is to last until the end of the following year.",
    "The crane was built in 1911 and has not lifted anything since the war.",
    "A fund that residents set up has paid for half of it, the treasurer said.",
    "The board wants to show it to visitors on four days of every week.",
    "Nobody voted against the plan, although two members were not present.",
)
CHOIR = (
    "A choir of schoolchildren from the upper valley won the national prize for singing.",
    "Its forty members travelled through the night and slept on the benches of a ferry.",
    "The judges praised the clarity of the lower voices and the courage of the programme.",
    "Its leader, who teaches chemistry, said that rehearsals had begun at six each morning.",
    "The prize carries a sum that will pay for a piano and for new coats.",
    "Parents waited at the pier with lanterns until the ferry came in at dawn.",
)
HEADLINES = {CRANE: "Harbour board rebuilds the old crane", CHOIR: "Choir wins national prize"}


def page(text: tuple[str, ...] = CRANE, head: str = "", headline: str = "") -> str:
    title = headline or HEADLINES[text]
    body = "".join(f"<p>{one}</p>" for one in text)
    return (
        f"<html lang='en'><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def at(place: str) -> str:
    return f"<link rel='canonical' href='{place}'>"


def to(place: str, status: int = 301) -> Answer:
    return Answer(b"", status, {"Location": place, "Content-Type": "text/html"})


def fetched(product: Product) -> list[dict[str, Any]]:
    done = product.run("fetch", "--all", "--json", ok=(0, 3))
    return [json.loads(line) for line in done.stdout.splitlines()]


def articles(product: Product) -> list[dict[str, Any]]:
    return [row for row in product.lines("list") if row["watched"] == "article"]


def texts(product: Product) -> dict[str, tuple[int, str]]:
    """Each watched article's address, with its versions and headline."""
    return {row["address"]: (row["versions"], row["headline"]) for row in articles(product)}


def watched(product: Product, origin: Origin, *paths: str) -> None:
    product.run("watch", *(origin.address(path) for path in paths))


# -- one article -----------------------------------------------------------------------------


def test_an_article_is_known_under_the_address_its_page_claims(
    origin: Origin, product: Product
) -> None:
    html, link = "text/html", '</style.css>; rel=preload, </1/crane>; rel="canonical"'
    ways = (
        (at("/0/crane"), {"Content-Type": html}),
        ("", {"Content-Type": html, "Link": link}),
        ("<base href='/2/'>" + at("crane"), {"Content-Type": html}),
        ("<LINK REL='Canonical' HREF='/3/crane'>", {"Content-Type": html}),
        (
            f"<meta property='og:url' content='{origin.address('/4/crane')}'>",
            {"Content-Type": html},
        ),
    )
    for n, (head, headers) in enumerate(ways):
        headline = f"Harbour board rebuilds crane {n}"
        printed = page(CRANE, head, headline).encode()
        origin.pages[f"/print/{n}"] = Answer(printed, headers=headers)
        origin.pages[f"/{n}/crane"] = page(CRANE, at(f"/{n}/crane"), headline)
    watched(product, origin, *(f"/print/{n}" for n in range(len(ways))))
    fetched(product)
    watched(product, origin, *(f"/{n}/crane" for n in range(len(ways))))
    assert {row["address"] for row in articles(product)} == {
        origin.address(f"/print/{n}") for n in range(len(ways))
    }


def test_a_canonical_link_that_moves_after_publication_moves_the_article(
    origin: Origin, product: Product
) -> None:
    origin.pages["/old"] = page(head=at("/old"))
    watched(product, origin, "/old")
    fetched(product)
    origin.pages |= {"/old": page(head=at("/new")), "/new": page(head=at("/new"))}
    (look,) = fetched(product)
    assert (look["outcome"], look["event"], look["version"]) == ("moved", "moved", None)
    del origin.pages["/old"]
    (look,) = fetched(product)
    assert look["outcome"] == "unchanged", "it stands at its new address, and is not removed"


def test_an_amp_page_and_its_article_are_one(origin: Origin, product: Product) -> None:
    origin.pages |= {
        "/crane": page(head="<link rel='amphtml' href='/google/crane'>"),
        "/google/crane": page(CRANE[:-1], at("/crane"), HEADLINES[CRANE]),
    }
    watched(product, origin, "/crane", "/google/crane")
    fetched(product)
    fetched(product)
    assert texts(product) == {origin.address("/crane"): (1, HEADLINES[CRANE])}


def test_a_renamed_article_goes_on_though_its_feed_offers_the_new_address_first(
    origin: Origin, product: Product
) -> None:
    origin.pages["/old"] = page()
    watched(product, origin, "/old")
    fetched(product)
    edited = page(
        (*CRANE[:1], CRANE[1].replace("April", "June"), *CRANE[2:]), headline=HEADLINES[CRANE]
    )
    origin.pages["/new"] = edited
    watched(product, origin, "/new")
    fetched(product)
    assert len(articles(product)) == 2
    origin.pages["/old"] = to("/new")
    looks = {look["address"]: look for look in fetched(product)}
    old = looks[origin.address("/old")]
    assert (old["outcome"], old["event"], old["version"]) == ("read", "moved", 2)
    assert texts(product) == {origin.address("/old"): (2, HEADLINES[CRANE])}
    new, old = (product.lines("log", origin.address(path)) for path in ("/new", "/old"))
    assert new == old
    origin.hits.clear()
    assert [look["outcome"] for look in fetched(product)] == ["unchanged"]
    assert [hit for hit in origin.hits if hit != "/robots.txt"] == ["/new"]


def test_two_schemes_of_one_article_that_redirect_become_one(
    origin: Origin, product: Product
) -> None:
    origin.pages |= {"/a/": page(), "/a": to("/a/")}
    watched(product, origin, "/a", "/a/")
    fetched(product)
    fetched(product)
    assert len(articles(product)) == 1


@pytest.mark.parametrize("delay", ["0", "5"])
def test_a_meta_refresh_leads_where_the_article_stands(
    origin: Origin, product: Product, delay: str
) -> None:
    origin.pages["/old"] = page()
    watched(product, origin, "/old")
    fetched(product)
    refresh = (
        f"<html><head><meta http-equiv='refresh' content='{delay}; url=/new'></head>Moved</html>"
    )
    origin.pages |= {"/old": refresh, "/new": page()}
    (look,) = fetched(product)
    assert (look["outcome"], look["event"]) == ("moved", "moved")


@pytest.mark.parametrize("place", ["/missing", "/", "/not-found"])
def test_nothing_is_gone_because_a_page_leads_on_to_what_is_not_there(
    origin: Origin, product: Product, place: str
) -> None:
    origin.pages["/news/old"] = page()
    watched(product, origin, "/news/old")
    fetched(product)
    stub = f"<html><head><meta http-equiv='refresh' content='0; url={place}'></head></html>"
    missing = "<html><title>Page not found</title><h1>Page not found</h1></html>"
    origin.pages |= {"/news/old": stub, "/": page(CHOIR), "/not-found": missing}
    (look,) = fetched(product)
    assert look["outcome"] == "unreadable"
    assert look["reason"].startswith("The page only leads on to another that is not there")


def test_a_page_that_loads_itself_again_is_read(origin: Origin, product: Product) -> None:
    origin.pages |= {
        "/live": page(head="<meta http-equiv='refresh' content='2'>"),
        "/later": page(CHOIR, "<meta http-equiv='refresh' content='300; url=/'>"),
        "/self": page(head="<meta http-equiv='refresh' content='0; url=/self#top'>"),
        "/noscript": page(
            CHOIR, "<noscript><meta http-equiv='refresh' content='0; url=/nojs'></noscript>"
        ),
    }
    watched(product, origin, "/live", "/later", "/self", "/noscript")
    assert [look["outcome"] for look in fetched(product)] == ["read"] * 4


def test_endless_refreshes_end(origin: Origin, product: Product) -> None:
    for here, there in (("/a", "/b"), ("/b", "/a")):
        origin.pages[here] = f"<meta http-equiv='refresh' content='0; url={there}'>"
    watched(product, origin, "/a")
    assert [look["outcome"] for look in fetched(product)] == ["failed"]


# -- two stories -----------------------------------------------------------------------------

MISTAKES = {
    "the front page": "/",
    "a section": "/news/",
    "another story": "/news/choir",
    "nothing": "/news/missing",
    "a page that claims a third": "/news/third",
    "another site": "http://127.0.0.1:1/crane",
    "inside": "http://10.0.0.1/crane",
    "no address": "javascript:alert(1)",
    "garbage": "http://[::1",
}


def test_mistaken_canonical_links_merge_nothing(tmp_path: Path) -> None:
    with ExitStack() as stack:
        origins = {name: stack.enter_context(Origin()) for name in MISTAKES}
        product = Product(tmp_path / "a.duckdb", tuple(one.host for one in origins.values()))
        wanted = {}
        for name, one in origins.items():
            place = at(MISTAKES[name])
            one.pages |= {
                "/": page(CHOIR),
                "/news/": page(CHOIR),
                "/news/crane": page(CRANE, place),
                "/news/choir": page(CHOIR, place),
                "/news/third": page(CRANE, at("/news/fourth")),
            }
            watched(product, one, "/news/crane", "/news/choir")
            wanted[one.address("/news/crane")] = (1, HEADLINES[CRANE])
            wanted[one.address("/news/choir")] = (1, HEADLINES[CHOIR])
        for _ in range(2):
            fetched(product)
        assert texts(product) == wanted
        assert product.lines("changes") == []


def test_pages_that_claim_each_other_do_not_move_to_and_fro(
    origin: Origin, product: Product
) -> None:
    origin.pages |= {"/a": page(head=at("/b")), "/b": page(head=at("/a"))}
    watched(product, origin, "/a")
    for _ in range(4):
        fetched(product)
    assert product.lines("changes") == []


def test_the_same_bulletin_of_another_day_is_another_article(
    origin: Origin, product: Product
) -> None:
    for day in ("first", "second"):
        numbers = (f"The numbers drawn on the {day} of May were read out in the town hall.",)
        text = numbers + CRANE[1:]
        origin.pages[f"/lottery/{day}"] = page(
            text, at("/lottery/second"), f"Lottery numbers for the {day} of May"
        )
    watched(product, origin, "/lottery/first", "/lottery/second")
    fetched(product)
    assert len(articles(product)) == 2


def test_a_site_whose_canonical_links_are_all_wrong_is_soon_believed_no_more(
    origin: Origin, product: Product
) -> None:
    paths = [f"/news/story-{n}" for n in range(14)]
    for n, path in enumerate(paths):
        origin.pages[path] = page(CRANE, at("/news/choir"), f"Crane, part {n}")
    origin.pages["/news/choir"] = page(CHOIR)
    watched(product, origin, *paths)
    fetched(product)
    assert len(articles(product)) == 14
    assert origin.hits.count("/news/choir") == 10


def test_a_removed_story_that_leads_to_another_known_one_is_not_joined(
    origin: Origin, product: Product
) -> None:
    origin.pages |= {"/crane": page(), "/choir": page(CHOIR)}
    watched(product, origin, "/crane", "/choir")
    fetched(product)
    origin.pages["/crane"] = to("/choir")
    for _ in range(3):
        fetched(product)
    assert texts(product) == {
        origin.address("/crane"): (1, HEADLINES[CRANE]),
        origin.address("/choir"): (1, HEADLINES[CHOIR]),
    }
    assert product.lines("changes") == []
