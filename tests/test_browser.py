"""The running product in a real Chromium: what a person sees, presses and hears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard_stories import build, four_hours_ago, stories
from running import Running
from store.address import article_id
from store.evidence import Answer, check, opened
from test_store_evidence import read
from visits import (  # noqa: F401  (fixtures)
    DESKTOP,
    PHONE,
    WAIT,
    Contexts,
    Open,
    axe,
    barriers,
    chromium,
    commanded,
    contexts,
    served,
    settled,
    too_wide,
    visiting,
    walk,
)

pytestmark = pytest.mark.browser

BRIDGE = f"{article_id('https://courier.example/footbridge'):x}"
EVIL = f"{article_id('https://evil.example/story'):x}"
JAPANESE = f"{article_id('https://shimbun.example/hashi'):x}"
ARABIC = f"{article_id('https://sahafa.example/jisr'):x}"
PAGES = {
    "articles": ("/articles", "Articles"),
    "hostile": (f"/article?article={EVIL}", re.compile("^Quiet <script>alert")),
    "right to left": (f"/article?article={ARABIC}&view=sides", "انهيار جسر للمشاة"),
    "japanese": (f"/article?article={JAPANESE}", "歩道橋が落下"),
    "alerts": ("/alerts", "Alerts"),
    "exports": ("/exports", "Exports"),
    "queue": ("/", "What changed, what matters first"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product over the invented stories, none of them watched any more: nothing moves."""
    folder = tmp_path_factory.mktemp("told")
    start = four_hours_ago()
    archive = build(folder / "storylapse.duckdb", start)
    for address in ["http://127.0.0.1:8533/", *(story.address for story in stories())]:
        archive.unwatch(address, acted_at=start)
    with Running(folder, "--no-newsroom") as running:
        yield served(running)


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product as a newcomer starts it."""
    with Running(tmp_path_factory.mktemp("newsroom"), "--newsroom-port", "0") as running:
        yield served(running)


@pytest.fixture
def visit(contexts: Contexts, told: Running) -> Iterator[Open]:  # noqa: F811
    """Open a page over the stories."""
    yield from visiting(contexts, told.address)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"]
)
def test_hostile_and_foreign_stories_open_fit_and_have_no_barrier(
    visit: Open,
    size: dict[str, int],
    scheme: str,
    axe: str,  # noqa: F811
):
    page = visit("/", size, scheme)
    for name, (path, title) in PAGES.items():
        walk(page, path)
        expect(page.locator(".stMain h1")).to_have_text(title)
        settled(page)
        assert "our fault" not in page.inner_text(".stMain")
        assert too_wide(page) <= 0, name
        assert commanded(page) == [], name
        if name in {"queue", "articles", "hostile"}:
            assert "<script>alert(1)</script>" in page.inner_text(".stMain")
        assert barriers(page, axe) == [], name


def test_a_press_leads_from_the_queue_to_a_redline_without_a_reload(visit: Open):
    page = visit("/")
    loaded: list[str] = []
    page.on("load", lambda _: loaded.append(page.url))
    page.get_by_role("link", name="compare 4 → 5").first.click()
    redline = page.locator(".sl-redline")
    redline.wait_for()
    assert "12" in redline.locator("del").first.inner_text()
    assert "11" in redline.locator("ins").first.inner_text()
    assert page.url.endswith(f"/article?article={BRIDGE}&old=4&new=5")
    assert not loaded


def test_a_deep_link_opens_the_same_view_for_someone_else(visit: Open):
    page = visit(f"/article?article={BRIDGE}&old=3&new=4&view=sides")
    expect(page.locator("h2", has_text="Version 3 → 4")).to_be_visible()
    assert page.locator(".sl-sides").count() == 1
    assert "moved up from paragraph 10" in page.inner_text(".sl-sides")


def test_the_keyboard_alone_reads_marks_and_steps_through_all_changes(visit: Open, told: Running):
    page = visit("/")
    target = page.get_by_role("link", name="compare 4 → 5").first
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            break
    row = page.locator(".sl-queue > li", has=target)
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(row).to_be_focused()
    page.keyboard.press("i")
    page.keyboard.press("Enter")  # at once: the mark is kept all the same
    page.locator("h2", has_text="Version 4 → 5").wait_for()
    settled(page)
    pressed = page.locator(".sl-verdict").get_by_role("button", name="important")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    for selector in (".sl-block-edited", ".sl-block-added", ".sl-changes > li:first-child"):
        page.keyboard.press("j")
        expect(page.locator(f":focus{selector}, {selector}:focus")).to_have_count(1)
    page.keyboard.press("w")
    page.locator(".sl-changes > li:first-child .sl-marks .sl-muted").wait_for()
    for old in (3, 2, 1):
        page.keyboard.press("p")
        page.locator("h2", has_text=f"Version {old} → {old + 1}").wait_for()
        settled(page)
    page.keyboard.press("n")
    page.locator("h2", has_text="Version 2 → 3").wait_for()
    assert "old=2&new=3" in page.url
    said = {(row["kind"], row["mark"]) for row in told.product.lines("reviews")}
    assert said == {("correction", "important"), ("correction", "wrong")}


def test_a_press_between_two_versions_of_the_flow_compares_them(visit: Open):
    page = visit(f"/article?article={BRIDGE}")
    page.get_by_role("link", name=re.compile("Compare version 2 with version 3")).first.click()
    page.locator("h2", has_text="Version 2 → 3").wait_for()


@pytest.fixture(scope="module")
def redlined(contexts: Contexts, told: Running) -> Iterator[Page]:  # noqa: F811
    """One comparison, opened once for all that is only looked at, unfolded and taken away."""
    page = contexts(DESKTOP, "light").new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{told.address}/article?article={BRIDGE}&old=4&new=5")
    settled(page)
    yield page
    page.close()


def test_unchanged_paragraphs_can_be_unfolded(redlined: Page):
    page = redlined
    fold = page.locator(".sl-redline details").first
    expect(fold.get_by_text("The mayor, Tom Reed")).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.get_by_text("The mayor, Tom Reed")).to_be_visible()


def test_colour_is_never_the_only_sign(redlined: Page):
    page = redlined
    line = "node => getComputedStyle(node).textDecorationLine"
    assert page.locator(".sl-redline ins").first.evaluate(line) == "underline"
    assert page.locator(".sl-redline del").first.evaluate(line) == "line-through"


def test_right_to_left_text_reads_from_the_right(visit: Open):
    page = visit(f"/article?article={ARABIC}&view=sides")
    way = "node => getComputedStyle(node).direction"
    assert page.locator(".sl-sides").evaluate(way) == "rtl"
    assert page.locator(".sl-sides p").first.evaluate(way) == "rtl"


def test_times_are_the_readers(redlined: Page):
    page = redlined
    tip = page.locator("h2 time").first.get_attribute("title")
    shown = page.locator("h2 time").first.inner_text()
    assert tip.endswith("UTC")
    assert re.search(r"between .*\d\d:\d\d and ", shown)
    assert tip[11:16] not in shown  # Berlin is never on UTC


def test_filters_live_in_the_address(visit: Open):
    page = visit("/")
    page.locator(".stMain").get_by_text(re.compile(r"^Headlines \d+$")).click()
    page.wait_for_url("**/?kind=headlines")
    page = visit("/?kind=headlines&words=feared")
    expect(page.locator(".sl-queue > li")).to_have_count(1)


def test_the_raw_response_can_be_taken_away(redlined: Page):
    page = redlined
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the response of version 5").click()
    assert "11 people" in Path(taken.value.path()).read_text("utf-8")


def test_the_evidence_of_a_change_can_be_taken_away_and_holds(redlined: Page):
    page = redlined
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the evidence of the change").click()
    with opened(Path(taken.value.path())) as held:
        assert held.facts["change"]["version"] == 5
        answers = {one.name: one.answer for one in check(held, read)}
    assert answers["files"] is Answer.HOLDS
    assert answers["responses"] is Answer.HOLDS


def test_an_export_can_be_taken_away(visit: Open):
    page = visit("/exports")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download .csv").click()
    assert "Footbridge" in Path(taken.value.path()).read_text("utf-8")


def test_a_newcomer_sees_stories_change_without_a_reload(chromium: Browser, newsroom: Running):  # noqa: F811
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    loaded: list[str] = []
    page.goto(newsroom.address)
    page.on("load", lambda _: loaded.append(page.url))
    page.get_by_text("These are practice articles.").wait_for(timeout=WAIT)
    page.locator(".sl-queue > li").first.wait_for(timeout=180_000)
    assert not loaded
    page.get_by_role("link", name=re.compile("^compare")).first.click()
    page.locator(".sl-redline").wait_for(timeout=WAIT)
    page.goto(f"{newsroom.address}/")
    page.get_by_role("button", name="Switch it off").click(timeout=WAIT)
    expect(page.get_by_text("These are practice articles.")).to_be_hidden(timeout=WAIT)
    context.close()


def test_an_opml_file_adds_its_feeds(visit: Open, told: Running, tmp_path: Path):
    outline = '<outline type="rss" text="A" xmlUrl="https://feeds.example/{}.xml"/>'
    body = "".join(outline.format(name) for name in ("one", "two"))
    file = tmp_path / "mine.opml"
    file.write_text(f'<opml version="2.0"><head/><body>{body}</body></opml>')
    page = visit("/watching")
    page.get_by_text("Many feeds at once").click()
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_text("mine.opml").wait_for()
    page.get_by_role("button", name="Watch its feeds").click()
    page.get_by_text("Watching 2 feeds.").wait_for()
    for name in ("one", "two"):
        told.product.run("unwatch", f"https://feeds.example/{name}.xml")
