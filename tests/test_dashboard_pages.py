"""Every page, driven by Streamlit's own page driver over an archive of invented stories."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import data, particulars
from dashboard.data import forget_answers
from dashboard.theme import allowed_hosts, streamlit_options
from dashboard.views import watching
from dashboard.wording import Clock
from dashboard_stories import HOSTILE, build, document, four_hours_ago, snapshot
from store import wal
from store.address import article_id
from store.archive import Archive, open_archive
from store.message import rfc3339
from store.model import Outcome, SourceKind
from store.telling import Telling
from test_dashboard_markup import seen
from test_store_repeats import STORIES, Paper, footed

PAGES = ("queue", "articles", "article", "outlets", "watching", "alerts", "exports")
VIEWS = Path(dashboard.__file__).with_name("views")
BRIDGE = f"{article_id('https://courier.example/footbridge'):x}"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVIL = f"{article_id('https://evil.example/story'):x}"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("pages") / "told.duckdb", four_hours_ago())


@pytest.fixture
def stories(told: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(told.path))
    return told


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(tmp_path / "empty.duckdb"))
    return open_archive(tmp_path / "empty.duckdb", create=True)


def opened(name: str, **parameters: str) -> AppTest:
    lines = ("from dashboard import frame", f"from dashboard.views import {name}")
    script = "\n".join([*lines, f"frame.guarded({name}.page)"])
    page = AppTest.from_string(script, default_timeout=60)
    for key, value in parameters.items():
        page.query_params[key] = value
    return page.run()


def html_of(page: AppTest) -> str:
    """All our own HTML on the page."""
    assert not page.exception
    return "".join(element.proto.body for element in page.get("html"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_draws_itself_over_an_empty_archive(nothing: Archive, name: str):
    shown = html_of(opened(name))
    assert shown.count("<h1") == 1
    assert "our fault" not in shown


@pytest.mark.parametrize("name", ["queue", "articles"])
def test_a_missing_archive_is_said_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(tmp_path / "nowhere.duckdb"))
    shown = html_of(opened(name, article=BRIDGE))
    assert "Nothing is kept yet." in shown
    assert "storylapse up" in shown


# -- the queue ---------------------------------------------------------------------------------


def test_the_queue_ranks_explains_and_links(stories: Archive):
    shown = html_of(opened("queue"))
    assert "The number of" in shown
    assert f"/article?article={BRIDGE}&amp;old=4&amp;new=5" in shown
    assert "declared by the outlet" in shown
    assert "no note declares it" in shown
    assert shown.index("Correction, 14 May") < shown.index("This text moved up")


def test_what_was_held_back_is_counted_with_its_rule(stories: Archive):
    shown = html_of(opened("queue"))
    assert "Held back as noise" in shown
    assert "1 headline that flipped back (2 times)" in shown
    assert "You will not believe who is back" in shown.partition("Held back")[2]
    assert "You will not believe who is back" not in shown.partition("Held back")[0]


def test_furniture_rolled_out_over_unrelated_articles_is_counted_as_held_back(nothing: Archive):
    paper = Paper(nothing, now=four_hours_ago())
    paper.reads(*STORIES.items())
    paper.reads(*map(footed, STORIES))
    told, _, held = html_of(opened("queue")).partition("Held back as noise")
    assert "4 versions in which the same text changed as in unrelated articles" in held
    assert "readers’ club" not in told
    assert "readers" in held


@pytest.mark.parametrize(
    ("kind", "stands", "lacks"),
    [
        ("corrections", "Correction, 14 May", "Four feared"),
        ("headlines", "feared", "Correction, 14 May"),
        ("updates", "Update: The ministry", "feared"),
        ("removed", "410", "Update: The ministry"),
        ("silent", "the meaning is reversed", "Correction, 14 May"),
    ],
)
def test_a_kind_in_the_address_filters_the_queue(stories: Archive, kind, stands, lacks):
    shown = html_of(opened("queue", kind=kind)).partition("Held back")[0]
    assert stands in shown
    assert lacks not in shown


def test_outlet_and_words_in_the_address_filter_the_queue(stories: Archive):
    shown = html_of(opened("queue", outlet="Northline", words="tender")).partition("Held back")[0]
    assert "Mayor’s brother" in shown
    assert "Harbour Courier" not in shown
    assert "Council defends" not in shown


def test_nonsense_in_the_address_is_ignored(stories: Archive):
    shown = html_of(opened("queue", kind="<script>", outlet="nobody", period="'; DROP"))
    assert "Correction, 14 May" in shown


def test_choosing_a_kind_writes_it_into_the_address(stories: Archive):
    page = opened("queue")
    page.pills(key="kind").set_value("headlines").run()
    assert page.query_params["kind"] in ("headlines", ["headlines"])
    assert "feared" in html_of(page)


def test_the_newsroom_is_named_practice_and_can_be_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    archive = build(tmp_path / "own.duckdb", four_hours_ago())
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(archive.path))
    page = opened("queue")
    assert "These are practice articles." in html_of(page)
    button = next(one for one in page.button if one.label == "Switch it off")
    assert "practice articles" not in html_of(button.click().run())
    assert not archive.query("SELECT 1 FROM source_list WHERE watching")


def test_an_empty_queue_says_what_happens_next(nothing: Archive):
    shown = html_of(opened("queue"))
    assert "Nothing is watched yet" in shown
    assert 'href="/watching"' in shown


# -- one article -------------------------------------------------------------------------------


def test_a_deep_link_opens_that_comparison(stories: Archive):
    shown = html_of(opened("article", article=BRIDGE, old="3", new="4"))
    assert "Version 3 → 4" in shown
    assert "moved up from paragraph 10" in shown


def test_any_two_versions_can_be_compared(stories: Archive):
    shown = html_of(opened("article", article=BRIDGE, old="1", new="5"))
    assert "Version 1 → 5" in shown


def test_an_article_without_versions_named_shows_its_last_change(stories: Archive):
    shown = html_of(opened("article", article=BRIDGE))
    assert "Version 4 → 5" in shown
    assert "declares: casualties: 12 → 11" in shown


def test_an_article_can_be_named_by_its_address(stories: Archive):
    shown = html_of(opened("article", article="https://courier.example/footbridge"))
    assert "Version 4 → 5" in shown


def test_the_next_change_is_one_press_away(stories: Archive):
    page = opened("article", article=BRIDGE, old="2", new="3")
    page.button(key="step_n").click().run()
    assert "Version 3 → 4" in html_of(page)
    page.button(key="step_p").click().run()
    assert "Version 2 → 3" in html_of(page)


@pytest.mark.parametrize("view", ["inline", "sides", "blame"])
def test_every_way_to_show_it_shows_the_text(stories: Archive, view: str):
    shown = html_of(opened("article", article=BRIDGE, view=view))
    assert "A footbridge over the Lune" in shown
    assert {"inline": "sl-redline", "sides": "sl-sides", "blame": "sl-blame"}[view] in shown


def test_what_readers_say_stands_apart_from_the_article(stories: Archive):
    shown = html_of(opened("article", article=BRIDGE))
    before, _, after = shown.partition("What readers say")
    assert "disputes the headline" in after
    assert "it was a pier" in after
    assert "pier" not in before


def test_the_evidence_names_digest_status_and_times(stories: Archive):
    shown = html_of(opened("article", article=BRIDGE)).partition(">Evidence<")[2]
    row = stories.query(
        "SELECT body_digest FROM check_list JOIN version_list "
        "ON check_id = first_check AND check_list.article_id = version_list.article_id "
        "WHERE check_list.article = ? AND version = 5",
        [BRIDGE],
    )
    assert row[0]["body_digest"] in shown
    assert "UTC" in shown


def test_an_unknown_article_is_said_plainly(stories: Archive):
    shown = html_of(opened("article", article="<script>alert(1)</script>"))
    assert "holds no article" in shown
    assert "script" not in seen(shown).tags


def test_a_version_that_cannot_be_read_leaves_the_rest_of_the_article_standing(tmp_path: Path):
    archive = build(tmp_path / "damaged.duckdb", four_hours_ago())
    with archive._sessions.writing() as connection:
        connection.execute("UPDATE documents SET notes = 'no JSON' WHERE headline LIKE '%Lune'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYLAPSE_ARCHIVE", str(archive.path))
        shown = html_of(opened("article", article=BRIDGE))
    assert '<p class="sl-empty" role="alert">' in shown
    assert "When it changed" in shown
    assert "What readers say" in shown
    assert "SHA-256 of the response" in shown


def test_a_damaged_redline_leaves_the_other_rows_of_the_queue_standing(tmp_path: Path):
    archive = build(tmp_path / "damaged.duckdb", four_hours_ago())
    with archive._sessions.writing() as connection:
        connection.execute(
            """UPDATE changes SET redline = 'no JSON' WHERE article_id = (
                 SELECT min(article_id) FROM changes WHERE redline IS NOT NULL)"""
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYLAPSE_ARCHIVE", str(archive.path))
        shown = html_of(opened("queue"))
    damaged = shown.count("is damaged in the archive")
    assert 1 <= damaged < shown.count('class="sl-why"')


def test_a_question_that_takes_long_is_asked_less_often(nothing: Archive):
    count = "SELECT count(*) AS articles FROM article_list"
    with pytest.MonkeyPatch.context() as patch:
        for long, seen in ((60.0, 1), (0.0, 0)):
            forget_answers()
            patch.setattr(data, "_LONG", long)
            before = [data.ask(count)[0]["articles"] for _ in range(2)][-1]
            nothing.watch_articles([f"https://x.example/{long}"], acted_at=NOW)
            data._asked.clear()  # as after two seconds
            assert data.ask(count)[0]["articles"] == before + seen


def test_an_article_of_one_version_shows_what_it_says(stories: Archive):
    name = f"{article_id('https://northline.example/tender'):x}"
    shown = html_of(opened("article", article=name))
    assert "The tender went to a firm in town." in shown
    assert "The page is gone" in shown


# -- the others --------------------------------------------------------------------------------


def test_a_long_list_comes_a_page_at_a_time(nothing: Archive):
    addresses = [f"https://x.example/{number}" for number in range(60)]
    nothing.watch_articles(addresses, acted_at=NOW)
    page = opened("articles")
    assert html_of(page).count("<tr>") == 51
    page.button(key="more_article_rows").click().run()
    assert html_of(page).count("<tr>") == 61


@pytest.mark.parametrize(
    ("name", "asked", "feed"),
    [
        (
            "queue",
            {"kind": "corrections", "words": "injured"},
            "all.atom?kind=corrections&amp;words",
        ),
        ("article", {"article": BRIDGE}, f"article/{BRIDGE}.atom"),
        ("outlets", {}, "outlet/Northline.json"),
        ("alerts", {}, "kind/correction.atom"),
    ],
)
def test_every_list_links_its_feed(stories: Archive, name: str, asked: dict[str, str], feed: str):
    assert f'href="/feeds/{feed}' in html_of(opened(name, **asked))


def test_an_address_added_is_watched(nothing: Archive):
    page = opened("watching")
    page.text_input(key="new_address").set_value("https://real.example/story")
    page.selectbox(key="new_kind").set_value("article")
    page.button[0].click().run()
    assert "Watching the article https://real.example/story" in html_of(page)
    assert nothing.query("SELECT address FROM article_list WHERE watching") == [
        {"address": "https://real.example/story"}
    ]


def test_an_address_that_is_none_is_refused_with_a_reason(nothing: Archive):
    page = opened("watching")
    page.text_input(key="new_address").set_value("javascript:alert(1)")
    page.button[0].click().run()
    assert 'role="alert"' in html_of(page)
    assert not nothing.query("SELECT 1 FROM article_list")


def test_the_export_page_shows_the_beginning_of_the_file(stories: Archive):
    page = opened("exports")
    assert "Footbridge" in page.code[0].value
    page.radio(key="format").set_value("jsonl").run()
    assert page.code[0].value.startswith("{")


def test_outlets_are_counted(stories: Archive):
    shown = html_of(opened("outlets"))
    assert "The Harbour Courier" in shown
    assert "1 (100 %)" in shown


def test_a_rule_can_be_tried_on_history(stories: Archive):
    page = opened("alerts")
    tried = html_of(page).partition("Try a rule")[2]
    assert "It would have told 2 times in 7 days." in tried
    assert "Correction, 14 May" in tried
    assert "410" in tried
    page.multiselect(key="try_kinds").set_value(["number"]).run()
    tried = html_of(page).partition("Try a rule")[2]
    assert "went from 12 to 11" in tried
    assert "410" not in tried
    page.multiselect(key="try_kinds").set_value(["headline"]).run()
    page.text_input(key="try_words").set_value("dead feared").run()
    assert "told 1 time in 7 days" in html_of(page)


# -- hostile text, and the ways in -------------------------------------------------------------

SAFE = {
    "a", "aside", "b", "bdi", "blockquote", "br", "button", "code", "dd", "del", "details", "div",
    "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "i", "img", "ins", "kbd", "li",
    "ol", "p", "pre", "q", "small", "span", "summary", "sup", "table", "tbody", "td", "th",
    "thead", "time", "tr", "ul",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_every_page_draws_itself_and_hostile_text_is_text_on_it(stories: Archive, name: str):
    page = opened(name, article=EVIL)
    shown = html_of(page)
    assert shown.count("<h1") == 1
    assert "our fault" not in shown
    assert set(seen(shown).tags) <= SAFE
    assert "\u202e" not in shown
    assert not page.markdown
    for source in shown.split('src="')[1:]:
        assert source.startswith("data:image/svg+xml;base64,")


def test_pages_use_no_way_to_show_markup_but_ours():
    for file in [*VIEWS.glob("*.py"), VIEWS.with_name("frame.py")]:
        tree = ast.parse(file.read_text("utf-8"))
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & {"markdown", "write", "iframe", "components", "echo", "mermaid_chart"}
        assert "unsafe_allow" not in file.read_text("utf-8")


def test_the_settings_are_known_to_streamlit_and_safe():
    from streamlit import config

    options = streamlit_options("127.0.0.1", 8501)
    known = config.get_config_options()
    assert set(options) <= set(known)
    assert options["browser.gatherUsageStats"] is False
    assert options["client.showErrorDetails"] == "none"
    assert "*" not in options["server.allowedHosts"]


def test_names_the_dashboard_answers_to():
    assert "news.example" in allowed_hosts("0.0.0.0", "https://news.example:8443/")
    assert "192.168.1.7" in allowed_hosts("192.168.1.7")
    assert allowed_hosts("0.0.0.0") == ["*"]


def test_a_broken_page_says_so_and_hides_the_details(stories: Archive):
    script = "from dashboard import frame\nframe.guarded(lambda: 1 / 0)"
    page = AppTest.from_string(script, default_timeout=30).run()
    assert "our fault" in html_of(page)
    assert "division" not in html_of(page)


def test_a_held_reading_shows_in_the_noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    start = four_hours_ago()
    archive = open_archive(tmp_path / "held.duckdb", create=True)
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(archive.path))
    number = archive.watch_article("https://a.example/1", acted_at=start)
    first = snapshot(number, start, document("https://a.example/1", "A", "Head", "A text."))
    seen_later = snapshot(number, start + timedelta(minutes=9), None)
    wall = replace(
        seen_later,
        fetch=replace(
            seen_later.fetch,
            outcome=Outcome.BLOCKED,
            detail="cookie_wall",
            reason="The answer is a cookie wall " + HOSTILE,
        ),
    )
    archive.record([first], Telling())
    archive.record([wall], Telling())
    shown = html_of(opened("queue"))
    assert "1 page behind a cookie wall" in shown


def test_what_changed_since_a_moment_is_a_deep_link(stories: Archive):
    (first,) = stories.query(
        "SELECT seen_first_at FROM version_list WHERE article = ? AND version = 2", [BRIDGE]
    )
    moment = (first["seen_first_at"] + timedelta(minutes=1)).isoformat()
    assert "Version 2 → 5" in html_of(opened("article", article=BRIDGE, since=moment))
    assert "Version 4 → 5" in html_of(opened("article", article=BRIDGE, since="yesterday"))


def test_the_link_of_a_message_names_the_check_and_not_a_number(stories: Archive):
    (row,) = stories.query(
        "SELECT seen_first_at FROM version_list WHERE article = ? AND version = 4", [BRIDGE]
    )
    shown = html_of(opened("article", article=BRIDGE, at=rfc3339(row["seen_first_at"])))
    assert "Version 3 → 4" in shown
    assert "Version 1 → 3" in html_of(opened("article", article=BRIDGE, old="1", new="3"))


def test_the_entry_script_draws_the_frame_and_the_first_screen(stories: Archive):
    app = AppTest.from_file(VIEWS.with_name("app.py"), default_timeout=60).run()
    shown = html_of(app)
    assert 'href="/">Storylapse</a>' in shown
    assert "What changed, what matters first" in shown
    assert "looks in the last hour" in shown or "look in the last hour" in shown
    assert "Open to the network" not in shown


def test_a_dashboard_open_to_the_network_says_so(stories: Archive):
    from streamlit import config

    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0")
    try:
        script = "from dashboard import frame\nframe.open_door()"
        page = AppTest.from_string(script, default_timeout=30).run()
        assert "Open to the network." in html_of(page)
    finally:
        config.set_option("server.address", before)


# -- watching -----------------------------------------------------------------------------------


def test_a_source_is_paused_resumed_and_removed_by_buttons(nothing: Archive):
    nothing.watch_source("https://a.example/feed", SourceKind.FEED, acted_at=four_hours_ago())
    page = opened("watching")

    def press(label: str) -> str:
        next(button for button in page.button if button.label == label).click().run()
        forget_answers()
        return html_of(page.run())

    assert "paused: it rests" in press("Pause")
    assert nothing.query("FROM source_list")[0]["paused"]
    assert "not looked at yet" in press("Resume")
    assert nothing.query("FROM source_list")[0]["watching"]
    assert "no longer watched" in press("Remove")
    (row,) = nothing.query("FROM source_list")
    assert not row["watching"]
    assert not row["paused"]


def test_the_table_of_hosts_says_what_was_used_of_the_budget_and_who_rests():
    clock = Clock(NOW, ZoneInfo("UTC"))
    row = {
        "host": "a.example",
        "articles": 2,
        "looks": 41,
        "last_hour": 3,
        "failures": 1,
        "last_reason": "The page was read.",
        "paused_until": NOW + timedelta(hours=1),
        "pause_reason": "It asked for patience",
        "delay_seconds": 0.0,
    }
    shown = watching.host_table([row], {"a.example": 1000.0}, clock)
    assert "41 of 1,000" in shown
    assert "Left in peace until" in shown


def test_what_threatens_the_archive_stands_on_every_page(nothing: Archive):
    place = wal.place_for(nothing.path, NOW)
    wal.leave_notice(place, "The log was set aside: 2 batches of the last second are missing.")
    script = "from dashboard import frame\nframe.troubles()"
    page = AppTest.from_string(script, default_timeout=30).run()
    assert "2 batches of the last second are missing." in html_of(page)


def test_the_pages_of_an_article_that_is_spread_over_several_are_evidence_too():
    row = {"number": 2, "address": "https://a.example/1?page=2 " + HOSTILE, "status": 200}
    row |= {"reason": "The page was read.", "body_digest": "ab" * 32}
    shown = particulars.further_pages([row])
    assert "Spread over 2 pages" in shown
    assert set(seen(shown).tags) <= SAFE
    assert "ab" * 32 in shown


def test_a_long_export_is_written_first_and_says_how_far_it_is(
    stories: Archive, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("dashboard.views.exports._AT_ONCE", 3)
    page = opened("exports")
    assert "More than 3 changes in this choice." in html_of(page)
    (button,) = [one for one in page.button if one.label == "Write the .csv file"]
    button.click().run()
    assert not page.exception
    assert page.status[0].label.startswith("Written: ")
