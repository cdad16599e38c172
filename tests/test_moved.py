"""An article that moves stays one article: through real HTTP and the whole product."""

from __future__ import annotations

import json

import pytest

from origin import Answer, Origin
from product import Product

SENTENCES = (
    "The harbour board voted on Tuesday to rebuild the old crane beside the market hall.",
    "Work begins in April and is to last until the end of the following year.",
    "The crane was built in 1911 and has not lifted anything since the war.",
    "A fund that residents set up has paid for half of it, the treasurer said.",
    "The board wants to show it to visitors on four days of every week.",
    "Nobody voted against the plan, although two members were not present.",
)
PAGE = (
    "<html lang='en'><head><title>Crane</title></head><body><article>"
    "<h1>Harbour board rebuilds the old crane</h1>{}</article></body></html>"
)
TEXT = "".join(f"<p>{one}</p>" for one in SENTENCES)


def page(text: str = TEXT) -> str:
    return PAGE.format(text)


def to(path: str, status: int = 301) -> Answer:
    return Answer(b"", status, {"Location": path, "Content-Type": "text/html"})


def fetched(product: Product) -> list[dict[str, object]]:
    done = product.run("fetch", "--all", "--json", ok=(0, 3))
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def known(origin: Origin, product: Product) -> Product:
    """The article at /old, read once."""
    origin.pages["/old"] = page()
    product.run("watch", origin.address("/old"))
    product.run("fetch", "--all")
    return product


def test_a_moved_article_is_one_event_and_no_version(origin: Origin, known: Product) -> None:
    origin.pages |= {"/old": to("/news/new"), "/news/new": page()}
    (look,) = fetched(known)
    assert (look["outcome"], look["event"], look["version"]) == ("moved", "moved", None)
    assert origin.address("/news/new") in str(look["reason"])
    assert fetched(known)[0]["outcome"] == "unchanged"
    (told,) = known.lines("changes")
    assert told["kind"] == "moved"


def test_it_is_asked_for_at_its_new_address_from_then_on(origin: Origin, known: Product) -> None:
    origin.pages |= {"/old": to("/new"), "/new": page()}
    fetched(known)
    del origin.pages["/old"]
    origin.hits.clear()
    assert fetched(known)[0]["outcome"] == "unchanged"
    assert "/old" not in origin.hits


def test_an_edit_that_comes_with_the_move_is_told(origin: Origin, known: Product) -> None:
    origin.pages |= {"/old": to("/new"), "/new": page(TEXT.replace("in April", "in June"))}
    (look,) = fetched(known)
    assert (look["outcome"], look["event"], look["version"]) == ("read", "moved", 2)


def test_the_new_address_is_the_same_article_to_feeds_and_people(
    origin: Origin, known: Product
) -> None:
    origin.pages |= {"/old": to("/new"), "/new": page()}
    fetched(known)
    link = f"<item><title>Crane</title><link>{origin.address('/new')}</link></item>"
    feed = f"<rss version='2.0'><channel><title>Harbour</title>{link}</channel></rss>"
    origin.pages["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "text/xml"})
    known.run("watch", origin.address("/new"))
    known.run("watch", "--kind", "feed", origin.address("/feed.xml"))
    fetched(known)
    assert len(known.lines("list")) == 2, "the article and the feed"
    assert known.lines("log", origin.address("/new")) == known.lines("log", origin.address("/old"))


def test_a_redirect_for_now_keeps_the_old_address(origin: Origin, known: Product) -> None:
    origin.pages |= {"/old": to("/mirror", 302), "/mirror": page()}
    assert fetched(known)[0]["outcome"] == "unchanged"
    origin.hits.clear()
    fetched(known)
    assert "/old" in origin.hits
    assert known.lines("changes") == []


def test_two_addresses_of_one_article_do_not_become_two(origin: Origin, product: Product) -> None:
    origin.pages |= {"/short": to("/long", 302), "/long": page()}
    product.run("watch", origin.address("/long"), origin.address("/short"))
    looks = [*fetched(product), *fetched(product)]
    assert sorted(str(look["outcome"]) for look in looks[2:]) == ["moved", "unchanged"]
    versions = [row for row in product.lines("list") if row.get("versions")]
    assert len(versions) == 1


def test_an_address_that_dies_after_a_move_is_looked_for_where_it_began(
    origin: Origin, known: Product
) -> None:
    origin.pages |= {"/old": to("/new"), "/new": page()}
    fetched(known)
    del origin.pages["/new"]
    origin.pages |= {"/old": to("/newest"), "/newest": page()}
    assert fetched(known)[0]["outcome"] == "gone"
    assert fetched(known)[0]["outcome"] == "moved"


def test_a_site_cannot_speak_for_another_sites_address(origin: Origin, known: Product) -> None:
    with Origin() as other:
        both = Product(known.archive, (origin.host, other.host))
        other.pages["/theirs"] = page()
        origin.pages["/old"] = to(other.address("/theirs"), 302)
        fetched(both)
        both.run("watch", other.address("/theirs"))
        assert len([row for row in both.lines("list") if row["watched"] == "article"]) == 2


def test_another_story_behind_a_redirect_is_held_and_never_a_version(
    origin: Origin, known: Product
) -> None:
    other = "".join(
        f"<p>The choir sang number {n} for its guests, who clapped loudly afterwards.</p>"
        for n in range(8)
    )
    html = page(other).replace("Harbour board rebuilds the old crane", "Choir wins national prize")
    origin.pages |= {"/old": to("/choir"), "/choir": html}
    assert [fetched(known)[0]["outcome"] for _ in range(3)] == ["held"] * 3
    assert known.lines("changes") == []


def test_a_removal_for_legal_reasons_is_refused_with_its_evidence(
    origin: Origin, known: Product
) -> None:
    blocked = {"Link": '<https://court.example/1>; rel="blocked-by"', "Content-Type": "text/html"}
    origin.pages["/old"] = Answer(b"Withheld.", 451, blocked)
    looks = [fetched(known)[0] for _ in range(2)]
    assert [look["outcome"] for look in looks] == ["refused", "refused"]
    assert [look["event"] for look in looks] == [None, "removed"]
    origin.pages["/old"] = page()
    assert fetched(known)[0]["event"] == "restored"
