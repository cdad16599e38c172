"""The JSON API."""

from contextlib import ExitStack

import pytest

from dashboard.api import MOST, PATHS, routes
from histories import ADDRESS, LINK_BASE, TEXT, archive_of, corrected, document, served
from store.address import article_id
from store.history import history_as_dict

HEX = f"{article_id(ADDRESS):016x}"


@pytest.fixture
def client_of():
    """A function from an archive to a client of its own server."""
    with ExitStack() as stack:
        yield lambda archive: stack.enter_context(served(routes(archive, LINK_BASE)))


@pytest.fixture
def archive(tmp_path):
    return corrected(tmp_path)


@pytest.fixture
def client(client_of, archive):
    return client_of(archive)


def test_changes_come_newest_first_with_their_reasons(client):
    changes = client.get("/api/changes").json()["changes"]
    assert [change["new_version"] for change in changes] == sorted(
        (change["new_version"] for change in changes), reverse=True
    )
    assert all(change["reason"] and change["article"] == HEX for change in changes)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("kind=correction", {"correction"}),
        ("outlet=Nobody", set()),
        (f"article={HEX}&kind=correction", {"correction"}),
        ("since=2026-11-22T12:00:00Z&kind=correction", {"correction"}),
        ("since=2026-11-22T13:00:01Z", set()),
        ("since=2026-11-22T12:00:01Z", {"removed"}),
        ("kind=changed_without_note", {"edited"}),
        ("until=2026-11-22T10:00:00Z", set()),
        ("since=2026-11-22", {"correction"}),
    ],
)
def test_changes_are_narrowed_by_parameters(client, query, kinds):
    changes = client.get(f"/api/changes?{query}").json()["changes"]
    assert {change["kind"] for change in changes} >= kinds
    assert bool(changes) is bool(kinds)


def test_noise_is_given_only_when_asked_for(client_of, tmp_path):
    other = document(*TEXT, headline="Ferries: the port counts again")
    client = client_of(archive_of(tmp_path, document(*TEXT), other, document(*TEXT)))
    assert client.get("/api/changes").json()["changes"] == []
    held = client.get("/api/changes?held=1").json()["changes"]
    assert {change["held_by"] for change in held} == {"flap"}


def test_articles_and_one_article_with_its_whole_history(client, archive):
    (listed,) = client.get("/api/articles").json()["articles"]
    assert (listed["article"], listed["address"], listed["versions"]) == (HEX, ADDRESS, 3)
    told = client.get(f"/api/articles/{HEX}").json()
    assert told.pop("dashboard") == LINK_BASE
    assert told == history_as_dict(archive, article_id(ADDRESS))


def test_alerts_are_listed_with_their_fate(client):
    alerts = client.get("/api/alerts").json()["alerts"]
    assert [alert["kind"] for alert in alerts] == ["removed", "correction"]
    assert all(alert["attempts"] == 0 and alert["sent"] == [] for alert in alerts)


def test_health_counts_and_says_when_anything_was_checked_last(client):
    told = client.get("/api/health").json()
    assert told["status"] == "ok"
    assert (told["articles"], told["watched"], told["versions"]) == (1, 1, 3)
    assert told["last_check_at"] == "2026-11-22T14:00:00Z"


def test_an_answer_holds_no_more_rows_than_asked_for(client):
    assert len(client.get("/api/changes?limit=1").json()["changes"]) == 1
    assert len(client.get("/api/alerts?limit=1").json()["alerts"]) == 1


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", str(MOST + 1), "1e3", "9" * 50, "１"])
def test_a_limit_out_of_bounds_is_refused_with_the_bounds(client, limit):
    answer = client.get("/api/changes", params={"limit": limit})
    assert answer.status_code == 400
    assert f"from 1 to {MOST}" in answer.json()["error"]


def test_a_time_that_is_none_is_refused(client):
    answer = client.get("/api/changes?since=yesterday")
    assert answer.status_code == 400
    assert "since is a time such as" in answer.json()["error"]


@pytest.mark.parametrize("name", ["0123456789abcdef", "nonsense", "'; DROP TABLE articles; --"])
def test_an_unknown_article_is_not_found(client, name):
    answer = client.get(f"/api/articles/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]


@pytest.mark.parametrize("path", [path for path in PATHS if "{" not in path])
def test_every_path_answers_json_and_only_to_reading(client, path):
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.post(path).status_code == 405
    assert client.delete(path).status_code == 405


def test_an_archive_that_is_gone_is_unavailable_not_an_error_page(client, archive):
    archive.path.unlink()
    answer = client.get("/api/health")
    assert answer.status_code == 503
    assert "There is no archive" in answer.json()["error"]
