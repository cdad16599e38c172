"""Responses are let go after their time; what they showed stays."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from histories import ADDRESS, START, TEXT, document, snapshot
from running import Running
from store.address import article_id
from store.archive import Archive, open_archive
from store.evidence import NoEvidence, gather
from store.telling import Telling

DAY = timedelta(days=1)
PAGES = tuple(
    f"<p>{TEXT[0].replace('12', number)}</p>".encode() * 20 for number in ("12", "14", "15")
)


def three_days(place: Path, start: datetime) -> Archive:
    """Three versions, a day apart, each with its response."""
    made = open_archive(place, create=True)
    made.watch_article(ADDRESS, acted_at=start)
    for day, (number, body) in enumerate(zip(("12", "14", "15"), PAGES, strict=True)):
        text = document(TEXT[0].replace("12", number), *TEXT[1:])
        seen = snapshot(start + day * DAY, text)
        fetch = replace(seen.fetch, body_digest=hashlib.sha256(body).hexdigest())
        made.record([replace(seen, fetch=fetch, body=body)], Telling())
    return made


@pytest.fixture
def archive(tmp_path):
    return three_days(tmp_path / "test.duckdb", START)


def kept(archive) -> list[bool]:
    return [archive.body(hashlib.sha256(body).hexdigest()) == body for body in PAGES]


def test_what_is_old_goes_and_what_is_needed_stays(archive):
    assert kept(archive) == [True, True, True]
    assert archive.let_go(START + 10 * DAY) == 1
    # The first is what the others are packed against; the third shows the state of now.
    assert kept(archive) == [True, False, True]


def test_what_is_younger_stays(archive):
    assert archive.let_go(START + DAY / 2) == 0
    assert kept(archive) == [True, True, True]


def test_texts_checks_digests_and_findings_stay(archive):
    before = [
        archive.query(f"FROM {view} ORDER BY ALL")
        for view in ("version_list", "check_list", "queue")
    ]
    archive.let_go(START + 10 * DAY)
    after = [
        archive.query(f"FROM {view} ORDER BY ALL")
        for view in ("version_list", "check_list", "queue")
    ]
    assert before == after
    assert "14" in archive.document(article_id(ADDRESS), 2).text


def test_evidence_says_that_the_response_is_gone_and_its_digest(archive):
    archive.let_go(START + 10 * DAY)
    with pytest.raises(NoEvidence, match=hashlib.sha256(PAGES[1]).hexdigest()):
        gather(archive, article_id(ADDRESS), 3)


def test_up_lets_go_of_what_is_older_than_the_configuration_says(tmp_path):
    now = datetime.now(UTC)
    archive = three_days(tmp_path / "storylapse.duckdb", now - 40 * DAY)
    archive.unwatch(ADDRESS, acted_at=now)  # else it would be looked for on the web
    (tmp_path / "storylapse.toml").write_text("keep_responses_days = 30\n")
    with Running(tmp_path, "--no-newsroom") as running:
        running.until(60, lambda: kept(archive) == [True, False, True])
