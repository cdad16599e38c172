"""The machine-readable history of an article."""

import json

from histories import ADDRESS, CORRECTION, TEXT, archive_of, corrected, document
from store.address import article_id
from store.history import alert_as_dict, change_as_dict, history_as_dict
from store.message import rfc3339


def history(archive):
    return history_as_dict(archive, article_id(ADDRESS))


def test_a_history_tells_versions_changes_notes_events_and_every_check(tmp_path):
    told = history(corrected(tmp_path))
    assert told["article"]["address"] == ADDRESS
    assert told["article"]["outlet"] == "The Harbour Gazette"
    assert told["article"]["removed"] is True
    assert [one["version"] for one in told["versions"]] == [1, 2, 3]
    assert [one["seen_first_at"] for one in told["versions"]] == [
        "2026-11-22T09:00:00Z",
        "2026-11-22T10:00:00Z",
        "2026-11-22T12:00:00Z",
    ]
    assert [one["checked_before_at"] for one in told["versions"]] == [
        None,
        "2026-11-22T09:00:00Z",
        "2026-11-22T11:00:00Z",
    ]
    assert [one["at"] for one in told["checks"]][:2] == [
        "2026-11-22T09:00:00Z",
        "2026-11-22T10:00:00Z",
    ]
    assert [one["outcome"] for one in told["checks"]] == [
        "read",
        "read",
        "unchanged",
        "read",
        "gone",
        "gone",
    ]
    assert all(one["reason"] for one in told["checks"])
    assert [(one["kind"], one["version"]) for one in told["events"]] == [("removed", 3)]


def test_the_first_version_has_no_changes(tmp_path):
    (only,) = history(archive_of(tmp_path, document(*TEXT)))["versions"]
    assert only["changes"] == []
    assert only["notes"] == []
    assert only["headline"] == "Port counts its ferries"


def test_a_silent_change_carries_its_facts_and_a_correction_its_note(tmp_path):
    _, silent, corrected_ = history(corrected(tmp_path))["versions"]
    (change,) = silent["changes"]
    assert change["old"] == TEXT[0]
    assert change["new"] == TEXT[0].replace("12", "14")
    assert [(fact["old"], fact["new"]) for fact in change["facts"]] == [("12", "14")]
    assert change["declared_by"] is None
    assert 0 < change["significance"] <= 1
    assert change["reason"]
    added = [note for note in corrected_["notes"] if note["status"] == "added"]
    assert [(note["kind"], note["text"], note["place"]) for note in added] == [
        ("correction", CORRECTION, "end")
    ]
    assert [one["note"] for one in corrected_["changes"] if one["kind"] == "correction"] == [0]


def test_every_value_is_plain_json(tmp_path):
    told = history(corrected(tmp_path))
    assert json.loads(json.dumps(told)) == told


def test_a_row_of_changes_and_of_alerts_is_plain_json_too(tmp_path):
    archive = corrected(tmp_path)
    changes = [change_as_dict(row) for row in archive.query("SELECT * FROM change_list")]
    alerts = [alert_as_dict(row) for row in archive.query("SELECT * FROM alert_list")]
    assert json.loads(json.dumps([changes, alerts])) == [changes, alerts]
    assert {alert["kind"] for alert in alerts} == {"correction", "removed"}
    assert {change["article"] for change in changes} == {f"{article_id(ADDRESS):016x}"}


def test_times_are_rfc_3339_in_utc_whatever_zone_they_came_in():
    from datetime import datetime, timedelta, timezone

    there = datetime(2026, 11, 22, 15, 2, 3, 500_000, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(there) == "2026-11-22T14:02:03.500000Z"
