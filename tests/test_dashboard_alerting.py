"""The page of alerts: rules set on it, channels tried, and what was refused tried again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard_stories import build, four_hours_ago
from receivers import SECRET, Sink
from store.alerts import DEFAULT_RULES
from store.archive import Archive
from store.model import Delivery, Rule
from store.telling import Telling
from test_dashboard_pages import html_of, opened

DEFAULT = DEFAULT_RULES[0].name


@pytest.fixture
def told(tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive of hours ago with alerts for one channel, and the configuration of that."""
    config = tmp_path / "storylapse.toml"
    config.write_text(
        f'[[alerts.channels]]\nname = "desk"\nurl = "{sink.address}"\n'
        '[[stories]]\nname = "Ferries & port"\narticles = ["https://harbour.example/x"]\n'
    )
    monkeypatch.setenv("STORYLAPSE_CONFIG", str(config))
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(tmp_path / "told.duckdb"))
    rules = (Rule(DEFAULT, channels=("desk",)),)
    return build(tmp_path / "told.duckdb", four_hours_ago(), Telling(rules, "http://x"))


def test_a_rule_is_tried_kept_changed_and_removed_on_the_page(told: Archive):
    page = opened("alerts")
    assert "It would have caught 2 changes in 7 days; goes to desk; it holds by default." in (
        html_of(page)
    )
    page.button(key="try_keep").click().run()
    assert "Give the rule a name first." in html_of(page)
    page.text_input(key="try_name").set_value("elevens")
    page.text_input(key="try_pattern").set_value("(").run()
    assert "The pattern in the alert rule &#x27;elevens&#x27; cannot be used" in html_of(page)
    page.text_input(key="try_pattern").set_value(r"\b11\b").run()
    page.text_input(key="try_quiet").set_value("late").run()
    assert "This rule cannot be used: " in html_of(page)
    page.text_input(key="try_quiet").set_value("none")
    page.selectbox(key="try_digest").select(15)
    page.number_input(key="try_most").set_value(3).run()
    assert "each 15 minutes, quiet hours: none, at most 3 messages an hour." in html_of(page)
    page.button(key="try_keep").click().run()
    assert "The rule holds from the next check on." in html_of(page)
    assert [act.rule.pattern for act in told.acts_on_rules() if act.rule] == [r"\b11\b"]
    page.button(key=f"drop_{DEFAULT}").click().run()
    shown = html_of(page)
    assert f"<b>{DEFAULT}</b>: switched off here." in shown
    assert "set here." in shown
    page.button(key="change_elevens").click().run()
    assert page.text_input(key="try_pattern").value == r"\b11\b"
    assert page.selectbox(key="try_digest").value == 15
    assert page.text_input(key="try_quiet").value == "none"
    page.button(key="drop_elevens").click().run()
    page.button(key=f"reset_{DEFAULT}").click().run()
    assert "it holds by default" in html_of(page)
    assert [act.name for act in told.acts_on_rules()] == ["elevens"]


def test_a_channel_is_tried_and_what_it_refused_is_tried_again(told: Archive, sink: Sink):
    now = datetime.now(UTC)
    refused = [
        Delivery(row["alert_id"], "desk", number, "failed", "The receiver answered 503.", now)
        for row in told.query("SELECT alert_id FROM alert_list")
        for number in range(1, 9)
    ]
    told.record_deliveries("desk", refused)
    page = opened("alerts")
    alerts = len(refused) // 8
    assert f"{alerts} of them parked after eight tries. The receiver answered 503." in (
        html_of(page)
    )
    page.button(key="trial_desk").click().run()
    assert "A trial went to desk" in html_of(page)
    assert len(sink.taken) == 1
    sink.status = 500
    page.button(key="trial_desk").click().run()
    assert "desk: The receiver answered with status 500." in html_of(page)
    assert SECRET not in html_of(page)
    page.button(key="again_desk").click().run()
    shown = html_of(page)
    assert "will be tried again within seconds" in shown
    assert "nothing is held up" in shown
    assert len(told.pending_alerts(["desk"], now)) == alerts


def test_the_page_links_the_feeds_of_stories_and_of_everything(told: Archive):
    shown = html_of(opened("alerts"))
    assert 'href="/feeds/all.atom"' in shown
    assert 'href="/feeds/story/Ferries%20%26%20port.json"' in shown
