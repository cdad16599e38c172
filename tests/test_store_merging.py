"""Archives united: a crawl that was split is one history again, and nothing is lost or told."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import ADDRESS, CORRECTION, LINK_BASE, START, TEXT, corrected, document, snapshot
from store import bodies, migrate
from store.address import article_id
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.errors import ArchiveError, ArchiveTooNew, NoArchive
from store.merging import merge
from store.model import Comment, Delivery, Outcome, SourceKind
from store.polls import Poll
from store.reviews import Finding, Marks, Review
from store.telling import Telling
from store.united_aliases import Alias, united
from store.uniting import TABLES

TELLING = Telling(DEFAULT_RULES, LINK_BASE)
HOUR = timedelta(hours=1)
MERGED_AT = START + 1000 * HOUR
VIEWS = (
    "article_list", "version_list", "check_list", "change_list", "note_list", "event_list", "queue",
    "comment_list", "capture_list", "page_list", "forgotten_list",
)  # fmt: skip
STATES = (
    document(*TEXT),
    document(TEXT[0].replace("12", "14"), *TEXT[1:]),
    document(TEXT[0].replace("12", "15"), *TEXT[1:], note=CORRECTION),
    document(*TEXT[:2], "The harbour master left his office for good on Friday morning."),
)
ADDRESSES = tuple(
    f"https://{host}.example/{story}"
    for host, story in (("harbour", "a"), ("harbour", "b"), ("valley", "c"))
)


def of(number: int, address: str):
    said = STATES[number]
    return document(
        *(block.text for block in said.blocks if block.text != CORRECTION),
        note=CORRECTION if said.notes else None,
        address=address,
    )


def quiet(done, known):
    assert known is None or done <= known


def united_into(ours: Archive, *others: Archive) -> Archive:
    for other in others:
        merge(ours, other.path, MERGED_AT, quiet)
    return ours


def told(archive: Archive, views=VIEWS) -> dict[str, list]:
    found = {}
    for view in views:
        name, _, without = view.partition(" ")
        found[view] = archive.query(f"SELECT * {without} FROM {name} ORDER BY ALL")
    found["texts"] = [
        archive.document(row["article_id"], row["version"])
        for row in archive.query("FROM version_list ORDER BY article_id, version")
    ]
    return found


def crawl(folder: Path, name: str, looks) -> Archive:
    """An archive of looks: (hour, address, what was seen)."""
    archive = open_archive(folder / f"{name}.duckdb", create=True)
    archive.watch_articles(sorted({address for _, address, _ in looks}), acted_at=START)
    snapshots = [
        snapshot(
            START + hour * HOUR, seen if isinstance(seen, Outcome) else of(seen, address), address
        )
        for hour, address, seen in looks
    ]
    archive.record(snapshots, TELLING)
    return archive


seen = st.sampled_from((0, 1, 2, 3, Outcome.GONE, Outcome.FAILED))
# At the end every machine sees the same for a while, so that nothing waits for another look.
histories = st.lists(st.tuples(st.sampled_from(ADDRESSES), seen, st.integers(0, 2)), max_size=14)


def timeline(history, machines):
    looks = [(hour, address, what, by) for hour, (address, what, by) in enumerate(history)]
    hour = len(looks)
    for _ in range(3):
        for address in ADDRESSES:
            for machine in machines(address):
                looks.append((hour, address, 1, machine))
                hour += 1
    return looks


# What a look came to depends on what its machine had seen; what it saw does not.
SHARED = ("check_list EXCLUDE (outcome, detail, reason)", *(set(VIEWS) - {"check_list"}))


def check(history, machines, split, views=VIEWS):
    folder = Path(tempfile.mkdtemp())
    try:
        looks = timeline(history, machines)
        whole = crawl(folder, "whole", [look[:3] for look in looks])
        parts = [
            crawl(folder, f"part{machine}", [look[:3] for look in looks if split(look) == machine])
            for machine in range(3)
        ]
        ours = united_into(parts[0], *parts[1:])
        assert told(ours, views) == told(whole, views)
        acts = (*VIEWS, "alert_list", "article_states", "watches")
        before = told(ours, acts)
        united_into(ours, *parts[1:])
        assert told(ours, acts) == before
    finally:
        shutil.rmtree(folder)


few = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(histories)
def test_a_crawl_split_by_host_is_one_history_again(history):
    def machine(look) -> int:
        return 1 if "harbour" in look[1] else 2

    check(history, lambda address: [0], machine)


@few
@given(histories)
def test_articles_that_several_machines_saw_keep_every_look_in_the_order_of_time(history):
    check(history, lambda address: range(3), lambda look: look[3], SHARED)


@few
@given(histories)
def test_it_does_not_matter_which_archive_takes_in_the_other(history):
    folder = Path(tempfile.mkdtemp())
    try:
        looks = timeline(history, lambda address: (0, 1))
        one, other = (
            crawl(folder, str(by), [look[:3] for look in looks if look[3] % 2 == by])
            for by in (0, 1)
        )
        shutil.copy(other.path, folder / "again.duckdb")
        shutil.copy(f"{other.path}.wal", folder / "again.duckdb.wal")
        again = open_archive(folder / "again.duckdb")
        united_into(other, one)
        united_into(one, again)
        assert told(one) == told(other)
    finally:
        shutil.rmtree(folder)


def test_every_table_has_a_rule(tmp_path):
    archive = open_archive(tmp_path / "a.duckdb", create=True)
    rows = archive.query("SELECT table_name FROM duckdb_tables() WHERE database_name = 'archive'")
    assert {row["table_name"] for row in rows} == TABLES


def two(tmp_path) -> tuple[Archive, Archive]:
    """An archive with a told history, and one that watches another story."""
    there = corrected(tmp_path)
    here = crawl(tmp_path, "here", [(0, ADDRESSES[2], 0)])
    return here, there


def test_a_story_only_the_other_has_comes_with_its_findings_alerts_and_marks(tmp_path):
    here, there = two(tmp_path)
    (alert, *_) = there.query("FROM alert_list ORDER BY raised_at")
    taken = Delivery(alert["alert_id"], "mail", 1, "sent", "It was sent.", START)
    there.record_deliveries("mail", [taken])
    mark = Marks(mark="right")
    finding = Finding(article_id(ADDRESS), START + HOUR)
    there.record_reviews([Review(finding, mark, "ann", START, "dashboard")])
    made = merge(here, there.path, MERGED_AT, quiet)
    for view in ("version_list", "change_list", "event_list", "check_list", "review_list"):
        mine = here.query(f"FROM {view} WHERE article_id = ? ORDER BY ALL", [article_id(ADDRESS)])
        assert mine == there.query(f"FROM {view} ORDER BY ALL") != []
    assert {row["alert_id"] for row in there.query("FROM alert_list")} <= {
        row["alert_id"] for row in here.query("FROM alert_list")
    }
    assert here.query("FROM delivery_list") == there.query("FROM delivery_list")
    assert (made.new["articles"], made.new["checks"], made.new["reviews"]) == (1, 6, 1)
    assert made.shared == 0
    again = merge(here, there.path, MERGED_AT, quiet)
    assert not any(again.new.values())


def test_what_the_other_has_not_sent_yet_is_left_to_it(tmp_path):
    here, there = two(tmp_path)
    with there._sessions.writing() as connection:
        connection.execute("UPDATE alerts SET channels = ['mail']")
    assert there.pending_alerts(["mail"], MERGED_AT)
    merge(here, there.path, MERGED_AT, quiet)
    assert here.pending_alerts(["mail"], MERGED_AT) == []


def test_the_other_archive_is_only_read(tmp_path):
    here, there = two(tmp_path)
    there.fold_in()
    before = there.path.read_bytes()
    merge(here, there.path, MERGED_AT, quiet)
    assert there.path.read_bytes() == before
    assert not list(tmp_path.glob("*export-*"))


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    here, there = two(tmp_path)
    before = told(here)
    would = merge(here, there.path, MERGED_AT, quiet, dry_run=True)
    assert told(here) == before
    assert merge(here, there.path, MERGED_AT, quiet) == would


def test_what_either_has_forgotten_does_not_come_back(tmp_path):
    here, there = two(tmp_path)
    united_into(here, there)
    there.forget(article_id(ADDRESS), acted_at=START + 500 * HOUR)
    assert merge(here, there.path, MERGED_AT, quiet).forgotten == 1
    assert [row["article_id"] for row in here.query("FROM article_list")] == [
        article_id(ADDRESSES[2])
    ]
    assert [row["article_id"] for row in here.query("FROM forgotten_list")] == [article_id(ADDRESS)]
    keeper = corrected(tmp_path / "second")
    united_into(here, keeper)
    assert here.query("FROM version_list WHERE article_id = ?", [article_id(ADDRESS)]) == []
    assert not any("14 of them" in row["text"] for row in here.query("FROM sentences"))


def test_what_somebody_asked_for_since_it_was_forgotten_there_stays(tmp_path):
    here, there = two(tmp_path)
    there.forget(article_id(ADDRESS), acted_at=START + HOUR)
    here.watch_article(ADDRESS, acted_at=START + 2 * HOUR)
    assert merge(here, there.path, MERGED_AT, quiet).forgotten == 0
    assert here.article_id(ADDRESS) == article_id(ADDRESS)


def test_responses_come_with_what_they_are_packed_against(tmp_path):
    here, there = two(tmp_path)
    pages = [b"<p>The ferries of Harbour</p>" * 40 + bytes([65 + n]) * 9 for n in range(3)]
    with there._sessions.writing() as connection:
        for name, base, body in (("b", "a", pages[1]), ("a", None, pages[0])):
            packed = bodies.pack(body, pages[0] if base else None)
            row = [name, base, len(body), packed]
            connection.execute("INSERT INTO bodies VALUES (?, ?, ?, ?, now())", row)
        connection.execute("UPDATE fetches SET body_digest = 'b'")
    with here._sessions.writing() as connection:
        rows = [("c", None, pages[2], None), ("a", "c", pages[0], pages[2])]
        for name, base, body, against in rows:
            row = [name, base, len(body), bodies.pack(body, against)]
            connection.execute("INSERT INTO bodies VALUES (?, ?, ?, ?, now())", row)
    united_into(here, there)
    assert [here.body(name) for name in "abc"] == pages
    assert here.query("SELECT base_digest FROM bodies WHERE digest = 'b'") == [{"base_digest": "c"}]


def test_comments_that_both_saw_are_known_since_the_earlier_look(tmp_path):
    heard = Comment("I saw fifteen ships.", "Sailor")
    archives = []
    for name, hour in (("late", 5), ("early", 2)):
        archive = open_archive(tmp_path / f"{name}.duckdb", create=True)
        archive.watch_article(ADDRESS, acted_at=START)
        said = document(*TEXT)
        said = said.__class__(
            **{n: getattr(said, n) for n in said.__slots__} | {"comments": (heard,)}
        )
        archive.record([snapshot(START + hour * HOUR, said)], TELLING)
        archives.append(archive)
    (row,) = united_into(*archives).query("FROM comment_list")
    assert row["seen_first_at"] == START + 2 * HOUR


def test_sources_polls_and_watches_are_united(tmp_path):
    feed = "https://harbour.example/feed"
    archives = []
    for name, hours in (("one", (1, 5)), ("other", (3, 4))):
        archive = open_archive(tmp_path / f"{name}.duckdb", create=True)
        source = archive.watch_source(feed, SourceKind.FEED, acted_at=START + hours[0] * HOUR)
        for hour in hours:
            at = START + hour * HOUR
            poll = Poll(source, at, at, Outcome.READ, "read", "It was read.", etag=f'"{hour}"')
            archive.record_poll(poll)
        archives.append(archive)
    archives[1].unwatch(feed, acted_at=START + 9 * HOUR)
    here = united_into(*archives)
    times = [row["started_at"] for row in here.query("SELECT started_at FROM polls ORDER BY rowid")]
    assert times == [START + hour * HOUR for hour in (1, 3, 4, 5)]
    (source,) = here.query("FROM source_list")
    assert (source["watching"], source["polls"]) == (False, 4)
    united_into(here, archives[1])
    assert here.query("SELECT count(*) AS n FROM polls") == [{"n": 4}]


def test_an_older_archive_is_migrated_in_a_copy_and_a_newer_one_is_refused(tmp_path):
    here, there = two(tmp_path)
    with there._sessions.writing() as connection:
        connection.execute("INSERT INTO migrations VALUES (?, now())", [migrate.newest() + 1])
    with pytest.raises(ArchiveTooNew, match="by a newer"):
        merge(here, there.path, MERGED_AT, quiet)
    assert len(here.query("FROM article_list")) == 1


def test_what_cannot_be_merged_is_said(tmp_path):
    here, _ = two(tmp_path)
    with pytest.raises(ArchiveError, match="the archive itself"):
        merge(here, here.path, MERGED_AT, quiet)
    with pytest.raises(NoArchive, match="no archive"):
        merge(here, tmp_path / "none.duckdb", MERGED_AT, quiet)


def test_an_article_known_by_another_address_is_watched_once(tmp_path):
    here, there = two(tmp_path)
    with here._sessions.writing() as connection:
        row = [article_id(ADDRESS), article_id(ADDRESSES[2]), ADDRESS, START.replace(tzinfo=None)]
        connection.execute("INSERT INTO aliases VALUES (?, ?, ?, ?)", row)
    united_into(here, there)
    assert here.article_id(ADDRESS) == article_id(ADDRESSES[2])
    watched = {row["address"] for row in here.query("FROM article_list WHERE watching")}
    assert watched == {ADDRESSES[2]}
    acts = here.query("FROM watches ORDER BY ALL")
    united_into(here, there)
    assert here.query("FROM watches ORDER BY ALL") == acts


numbers = st.integers(1, 5)
aliases = st.lists(
    st.builds(
        lambda alias, owner, hour: Alias(
            alias, owner, f"https://a.example/{alias}", START + hour * HOUR
        ),
        numbers,
        numbers,
        st.integers(0, 3),
    ).filter(lambda one: one.alias_id != one.article_id),
    max_size=9,
)


@given(aliases, st.randoms())
def test_each_address_leads_straight_to_one_article_whatever_the_order(given_ones, chance):
    one = united(given_ones)
    owners = {alias.alias_id: alias.article_id for alias in one}
    assert len(owners) == len(one)
    assert not owners.keys() & set(owners.values())
    shuffled = list(given_ones)
    chance.shuffle(shuffled)
    assert united(shuffled) == one
    assert united([*one, *given_ones]) == one
