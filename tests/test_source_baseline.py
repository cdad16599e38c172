"""What a source offered before we came is a baseline; what it drops is tracked on."""

from __future__ import annotations

from origin import Answer, Origin
from product import Product
from store.archive import open_archive
from test_identity import CHOIR, CRANE, fetched, page

NOTE = "Correction: An earlier version of this article said April; work begins in June."


def feed(origin: Origin, *paths: str) -> Answer:
    items = "".join(
        f"<item><title>{path}</title><link>{origin.address(path)}</link></item>" for path in paths
    )
    body = f"<rss version='2.0'><channel><title>H</title>{items}</channel></rss>"
    return Answer(body.encode(), headers={"Content-Type": "text/xml"})


def test_old_items_come_in_untold_and_are_tracked_after_the_feed_dropped_them(
    origin: Origin, product: Product
) -> None:
    origin.pages |= {"/feed.xml": feed(origin, "/crane"), "/crane": page(), "/choir": page(CHOIR)}
    product.run("watch", origin.address("/feed.xml"))
    fetched(product)
    origin.pages["/feed.xml"] = feed(origin, "/choir")
    fetched(product)
    assert product.lines("alerts") == []
    rows = open_archive(product.archive).query("SELECT address, baseline FROM articles")
    assert {row["address"]: row["baseline"] for row in rows} == {
        origin.address("/crane"): True,
        origin.address("/choir"): False,
    }
    corrected = (CRANE[0], CRANE[1].replace("April", "June"), *CRANE[2:], NOTE)
    origin.pages["/crane"] = page(corrected, headline="Harbour board rebuilds the old crane")
    fetched(product)
    (alert,) = product.lines("alerts")
    assert alert["kind"] == "correction"


def test_a_feed_that_empties_or_breaks_stops_no_article(origin: Origin, product: Product) -> None:
    origin.pages |= {"/feed.xml": feed(origin, "/crane"), "/crane": page()}
    product.run("watch", origin.address("/feed.xml"))
    fetched(product)
    for broken in (feed(origin), Answer(b"", 500), Answer(b"", 404), "<html>We moved.</html>"):
        origin.pages["/feed.xml"] = broken
        origin.hits.clear()
        fetched(product)
        assert "/crane" in origin.hits
