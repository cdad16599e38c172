"""What an article said at a moment, and what is not known of it."""

from datetime import datetime, timedelta

import pytest

from histories import ADDRESS, START, TEXT, archive_of, corrected, document, snapshot
from store.address import article_id
from store.history import history_as_dict
from store.message import interval
from store.model import Outcome
from store.standing import Sighting, in_order, in_words, sightings, standing
from store.telling import Telling


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def looks_of(archive) -> list[Sighting]:
    with archive.reading() as connection:
        return sightings(connection, article_id(ADDRESS))


def test_every_look_that_showed_a_state_is_one_and_a_removal_is_a_state(tmp_path):
    looks = looks_of(corrected(tmp_path))
    assert [one.version for one in looks] == [1, 2, 2, 3, None, None]
    assert [one.seen_at for one in looks] == [at(hours) for hours in range(6)]


def test_a_look_in_vain_shows_no_state(tmp_path):
    text = document("The mayor opened the bridge on Sunday, and nobody crossed it before noon.")
    archive = archive_of(tmp_path, text, Outcome.FAILED, text)
    assert [one.seen_at for one in looks_of(archive)] == [at(0), at(2)]


def test_a_state_seen_before_and_after_a_moment_is_sure(tmp_path):
    found = standing(looks_of(corrected(tmp_path)), at(1.5))
    assert found.is_sure
    assert in_words(found, at(1.5)) == (
        "Version 2 was seen by our check of 2026-11-22 10:00 UTC and by our check of "
        "2026-11-22 11:00 UTC, before and after 2026-11-22 10:30 UTC."
    )


def test_between_two_states_both_are_named_and_none_is_claimed(tmp_path):
    found = standing(looks_of(corrected(tmp_path)), at(2.5))
    assert not found.is_sure
    assert (found.before.version, found.after.version) == (2, 3)
    assert in_words(found, at(2.5)).endswith(
        "which of them stood at 2026-11-22 11:30 UTC is not known."
    )


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        (-1, "Nothing is known of 2026-11-22 08:00 UTC: the first look was our check of"),
        (3.5, "Version 3 was seen by our check of 2026-11-22 12:00 UTC and no article"),
        (9, "No article (it was gone) was seen last by our check of 2026-11-22 14:00 UTC; no"),
    ],
)
def test_the_edges_of_what_is_known_are_said(tmp_path, hours, says):
    assert in_words(standing(looks_of(corrected(tmp_path)), at(hours)), at(hours)).startswith(says)


def test_an_article_never_looked_at_says_nothing(tmp_path):
    assert standing(looks_of(archive_of(tmp_path)), at(0)) is None


def test_a_look_of_the_very_moment_counts(tmp_path):
    assert standing(looks_of(corrected(tmp_path)), at(3)).before.version == 3


def test_looks_of_a_clock_that_ran_ahead_or_woke_in_the_past_do_not_count():
    hours = [0, 1, 30, 31, 2, 3, -500, 4]
    looks = [Sighting(at(hour), version) for version, hour in enumerate(hours)]
    assert [one.seen_at for one in in_order(looks)] == [at(hour) for hour in (0, 1, 2, 3, 4)]
    assert in_order([]) == []


def test_a_clock_that_was_set_back_leaves_the_history_in_order_and_is_told(tmp_path):
    archive = archive_of(tmp_path, document(*TEXT))
    for hours, ferries in ((50, "14"), (1, "15"), (2, "16"), (3, "16")):
        text = document(TEXT[0].replace("12", ferries), *TEXT[1:])
        archive.record([snapshot(at(hours), text)], Telling())
    history = history_as_dict(archive, article_id(ADDRESS))
    assert [one["version"] for one in history["versions"]] == [1, 2, 3, 4]
    assert [one.version for one in looks_of(archive)] == [1, 3, 4, 4]
    assert interval(at(50), at(1)) == (
        "After the check of 2026-11-24 11:00 UTC and by that of 2026-11-22 10:00 UTC, before which "
        "our clock was set back"
    )
