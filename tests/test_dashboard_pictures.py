import base64
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dashboard import calendars, charts, flow, timeline, wording
from dashboard.lineage import lineage, surviving, tallies
from dashboard_stories import HOSTILE, bridge, document
from store.compare import compare
from test_dashboard_markup import seen
from test_dashboard_redline import versions

NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
AB = partial(wording.article_address, "ab")
CLOCK = wording.Clock(NOON + timedelta(hours=2), ZoneInfo("Europe/Berlin"))


def columns_of(states):
    return lineage(states, [compare(a, b) for a, b in pairwise(states)])


def stages_of(states):
    return [
        flow.Stage(n, NOON + timedelta(minutes=7 * n * n), "Headline")
        for n in range(1, len(states) + 1)
    ]


def picture(html: str) -> str:
    """The drawing inside an image of ours."""
    return base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode()


def drawn(states, *, by_time=False, names=None):
    return flow.history_flow(
        "ab", columns_of(states), stages_of(states), CLOCK, by_time=by_time, names=names or {}
    )


def test_a_sentence_keeps_the_version_that_brought_it():
    states = versions(bridge())
    last = columns_of(states)[-1]
    origins = {strand.text.strip(): strand.origin for strand in last}
    assert origins["Divers searched the river until noon."] == 1
    assert origins["Footbridge gives way over the Lune"] == 3
    assert [o for text, o in origins.items() if text.startswith("Update:")] == [2]


def test_a_moved_sentence_is_not_new():
    last = columns_of(versions(bridge()))[3]
    moved = next(strand for strand in last if strand.text.startswith("The last inspection"))
    assert (moved.origin, str(moved.kind)) == (1, "moved")


def test_the_tally_counts_every_line_once():
    for tally in tallies(columns_of(versions(bridge()))):
        assert tally.lines == tally.kept + tally.moved + tally.edited + tally.added


def test_what_survived_is_a_share_of_the_first_version():
    assert surviving(columns_of(versions(bridge())[:1])) == 1
    assert 0.5 < surviving(columns_of(versions(bridge()))) < 1


def test_the_flow_has_a_link_for_every_transition():
    html = drawn(versions(bridge()))
    for old, new in pairwise(range(1, 6)):
        assert f"/article?article=ab&amp;old={old}&amp;new={new}" in html


def test_the_flow_is_an_image_with_words_in_place_of_it():
    html = drawn(versions(bridge()))
    assert 'alt="5 versions; ' in html
    assert picture(html).count("M") > 80


def test_columns_by_time_stand_in_order_and_never_touch():
    times = [stage.seen_at for stage in stages_of(range(120))]
    places, node = flow._places(times, by_time=True)
    assert all(b - a > node for a, b in pairwise(places))
    assert places[-1] < 1000


def test_many_thin_lines_run_together():
    body = [" ".join(f"Sentence {n} of part {p}." for n in range(20)) for p in range(6)]
    first = document("https://a.example/1", "A", "H", *body)
    second = document("https://a.example/1", "A", "H", *body, "One more.")
    assert picture(drawn([first, second])).count("<path") < 10


def test_no_word_of_an_article_is_in_the_picture():
    states = [
        document("https://a.example/1", HOSTILE, HOSTILE, HOSTILE),
        document("https://a.example/1", HOSTILE, HOSTILE, HOSTILE, "More. " + HOSTILE),
    ]
    html = drawn(states, names={0: HOSTILE})
    assert "script" not in picture(html)
    assert set(seen(html).tags) <= {"figure", "div", "span", "img", "a", "figcaption"}


def test_the_twin_has_a_row_for_every_version():
    states = versions(bridge())
    rows = flow.twin(columns_of(states), stages_of(states))
    assert [row["Version"] for row in rows] == [1, 2, 3, 4, 5]


def version_row(number, **more):
    row = {
        "version": number,
        "seen_first_at": NOON + timedelta(minutes=10 * number),
        "checked_before_at": NOON + timedelta(minutes=10 * number - 5) if number > 1 else None,
        "kind": "headline" if number > 1 else None,
        "declared": False,
        "significance": 0.5 if number > 1 else None,
        "reason": "Why.",
        "held_by": None,
        "old_version": number - 1 if number > 1 else None,
    }
    return row | more


def checks(outcomes):
    return [
        {"outcome": outcome, "started_at": NOON + timedelta(minutes=n)}
        for n, outcome in enumerate(outcomes)
    ]


def test_the_timeline_says_how_often_somebody_looked_in_vain():
    said = timeline.in_words([version_row(1)], checks(["read", "unchanged", "failed"]))
    assert said == "3 checks: 1 version, 1 found nothing new, 1 could not read the article."


def test_a_dot_says_between_which_checks_and_leads_to_its_comparison():
    html = timeline.timeline(AB, [version_row(1), version_row(2)], [], checks(["read"]), CLOCK)
    assert "Version 2, between 14:15 and 14:20. Why." in html
    assert "old=1&amp;new=2" in html


def test_checks_that_found_nothing_are_drawn_and_failures_look_different():
    html = timeline.timeline(AB, [version_row(1)], [], checks(["unchanged", "blocked"]), CLOCK)
    assert 'class="q"' in picture(html)
    assert 'class="f"' in picture(html)


def test_a_hostile_reason_stays_text_on_the_timeline():
    rows = [version_row(1), version_row(2, reason=HOSTILE)]
    html = timeline.timeline(AB, rows, [], checks(["read"]), CLOCK)
    assert set(seen(html).tags) <= {"figure", "div", "span", "img", "a", "i", "figcaption"}


def test_survival_counts_unchanged_articles_until_they_were_last_seen():
    rows = [
        {"outlet": "A", "hours": 1.0, "changed": True, "articles": 2},
        {"outlet": "A", "hours": 2.0, "changed": False, "articles": 3},
        {"outlet": None, "hours": 3.0, "changed": True, "articles": 1},
    ]
    assert charts.survival(rows) == [
        (0.0, 1.0),
        (1.0, pytest.approx(2 / 3)),
        (3.0, 0.0),
        (3.0, 0.0),
    ]


def test_charts_are_made_of_rows_and_say_themselves_in_words():
    rows = [{"outlet": HOSTILE, "factual": 3, "declared": 1}]
    assert charts.openness_chart(rows, charts.LIGHT).to_dict()["layer"]
    assert charts.openness_in_words(rows).startswith("1 of 3 factual edits")
    first = [
        {"outlet": "A", "hours": 1.0, "changed": True, "articles": 1},
        {"outlet": None, "hours": 2.0, "changed": False, "articles": 1},  # one of many small ones
    ]
    ((said, chart),) = charts.survival_charts(first, charts.DARK)
    assert said.startswith("A: 1 of 1")
    assert len(chart.to_dict()["layer"]) == 2
    assert charts.survival_in_words(first).startswith("1 of 2 articles changed")


def test_times_are_the_readers_with_utc_in_the_tooltip():
    shown = wording.between(CLOCK, NOON, NOON + timedelta(minutes=17))
    assert "between 14:00 and 14:17" in shown
    assert "2026-05-12 12:00:00 UTC to 2026-05-12 12:17:00 UTC" in shown


def test_checks_seconds_apart_are_told_apart():
    said = wording.between_in_words(CLOCK, NOON, NOON + timedelta(seconds=8))
    assert said == "between 14:00:00 and 14:00:08"


def test_another_day_is_named():
    late = NOON - timedelta(hours=16)
    assert wording.between_in_words(CLOCK, late, NOON) == "between 11 May 22:00 and today 14:00"
    both = wording.between_in_words(CLOCK, late - timedelta(minutes=9), late)
    assert both == "between 11 May 21:51 and 22:00"


def test_a_zone_nobody_knows_is_utc():
    assert wording.zone_named("Atlantis/Capital").key == "UTC"
    assert wording.zone_named("../../etc/passwd").key == "UTC"


def test_an_interval_has_one_unit():
    assert wording.lasted(timedelta(seconds=40)) == "40 seconds"
    assert wording.lasted(timedelta(minutes=1)) == "1 minute"
    assert wording.lasted(timedelta(hours=3)) == "3 hours"
    assert wording.lasted(timedelta(days=12)) == "12 days"


def test_the_calendar_has_a_square_a_day_and_names_the_fullest():
    rows = [
        {"outlet": "A", "day": NOON.date(), "changes": 3, "weight": 0.9},
        {"outlet": "B", "day": NOON.date(), "changes": 1, "weight": 0.1},
    ]
    (said, chart), (other, _) = calendars.calendars(rows, charts.LIGHT)
    assert (said, other) == ("A: 3 changes on 1 day", "B: 1 change on 1 day")
    (squares,) = chart.to_dict()["datasets"].values()
    assert [one["day"] for one in squares if one["changes"]] == ["12 May 2026"]
    assert charts.calendar_in_words(rows) == "3 changes at A on 12 May is the most yet."


def test_a_calendar_shows_every_day_of_half_a_year_also_those_without_a_change():
    first = NOON.date() - timedelta(days=400)
    rows = [
        {"outlet": "A", "day": day, "changes": 1, "weight": 0.5} for day in (first, NOON.date())
    ]
    ((said, chart),) = calendars.calendars(rows, charts.DARK)
    (squares,) = chart.to_dict()["datasets"].values()
    assert said == "A: 1 change on 1 day"
    assert 25 * 7 < len(squares) <= 26 * 7


def test_the_age_of_corrections_names_each_outlets_median():
    rows = [{"outlet": "A", "hours": hours, "corrections": 1} for hours in (0.01, 3.0, 200.0)] + [
        {"outlet": HOSTILE, "hours": 1.0, "corrections": 4}
    ]
    drawn = calendars.ages_chart(rows, charts.LIGHT).to_dict()
    named = drawn["datasets"][drawn["layer"][1]["data"]["name"]]
    assert [one["hours"] for one in named] == [1.0, 3.0]
    assert named[1]["name"] == "A (half within 3 hours)"
    said = calendars.ages_in_words(rows)
    assert said.startswith("7 corrections and notes; ")
    assert said.endswith("half of its own within 60 minutes.")


def test_a_time_over_a_column_never_runs_into_the_column_beside_it():
    states = versions(bridge())[:3]
    stages = [flow.Stage(n, NOON + timedelta(minutes=n**6), "Edited") for n in (1, 2, 3)]
    shown = flow.history_flow("ab", columns_of(states), stages, CLOCK, by_time=True, names={})
    heads = shown.partition("</div>")[0]
    assert ">v2</span>" in heads
    assert '>v3<span class="sl-wide"> · 13 May' in heads
