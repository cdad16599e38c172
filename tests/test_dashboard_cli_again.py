"""reread and recompare on the command line: what they say, what they leave alone, killed midway."""

import hashlib
import subprocess
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.checks import examine
from dashboard.finding import Status
from dashboard.options import Chosen
from histories import LINK_BASE, START, corrected, document, snapshot
from product import COMMAND
from shell import clean_environment, storylapse
from store.alerts import DEFAULT_RULES
from store.archive import Archive, open_archive
from store.compare import ENGINE
from store.model import Block, BlockKind, Snapshot
from store.telling import Telling
from test_crawler_rereading import OLD, page

FINDINGS = ("versions", "comparisons", "changes", "notes", "events", "article_states")
FACTS = ("articles", "fetches", "bodies", "captures", "alerts", "deliveries", "watches")


def recompare(folder, *arguments):
    return storylapse("recompare", *arguments, "--archive", "test.duckdb", cwd=folder)


def rows(archive: Archive, *tables: str) -> dict[str, list]:
    return {table: archive.query(f"SELECT * FROM {table} ORDER BY ALL") for table in tables}


def by_engine(archive: Archive, engine: str) -> None:
    with archive._sessions.writing() as connection:
        connection.execute("UPDATE comparisons SET engine = ?", [engine])


def read_before(folder, articles: int) -> Archive:
    """An archive of the reader before, in which a teaser was taken for text in each article."""
    archive = open_archive(folder / "storylapse.duckdb", create=True)
    addresses = [f"https://harbour.example/{number}" for number in range(articles)]
    archive.watch_articles(addresses, acted_at=START)
    for hours, (ferries, teaser) in enumerate(
        ((12, "One teaser."), (12, "Another."), (14, "More."))
    ):
        body = page(ferries) + f"<!-- {hours} -->".encode()
        seen = []
        for number, address in enumerate(addresses):
            said = document(*_paragraphs(ferries), address=address)
            blocks = (*said.blocks, Block(BlockKind.PARAGRAPH, f"{teaser} {number}"))
            read = replace(said, blocks=blocks, extractor=OLD)
            bare = snapshot(START + timedelta(hours=hours, seconds=number), read, address)
            mine = body + f"<!-- {number} -->".encode()
            fetch = replace(bare.fetch, body_digest=hashlib.sha256(mine).hexdigest())
            seen.append(Snapshot(fetch, mine, read))
        archive.record(seen, Telling(DEFAULT_RULES, LINK_BASE))
    return archive


def _paragraphs(ferries: int) -> list[str]:
    text = page(ferries).decode()
    return [piece.partition("</p>")[0] for piece in text.split("<p>")[1:]]


@pytest.fixture
def archive(tmp_path):
    return corrected(tmp_path)


def test_recompare_has_nothing_to_do_where_the_engine_is_the_same(archive, tmp_path):
    said = recompare(tmp_path)
    assert (said.code, said.out) == (4, "")
    assert "--all" in said.err


def test_recompare_makes_the_same_findings_again_and_stamps_them(archive, tmp_path):
    before = rows(archive, *FINDINGS, *FACTS)
    by_engine(archive, "engine-0")
    said = recompare(tmp_path, "--json")
    assert said.code == 0, said.err
    one, total = said.json_lines
    assert said.code == 0
    assert {count["same"] == count["before"] for count in one["findings"].values()} == {True}
    assert (total["total"]["articles"], total["total"]["moved"]) == (1, 0)
    assert rows(archive, *FINDINGS, *FACTS) == before


def test_recompare_says_what_moved_by_kind_and_raises_no_alert(archive, tmp_path):
    with archive._sessions.writing() as connection:
        connection.execute("UPDATE comparisons SET engine = 'engine-0'")
        connection.execute("UPDATE changes SET reason = 'As worded once.' WHERE new_number = 2")
        connection.execute("UPDATE changes SET kind = 'rewritten' WHERE kind = 'correction'")
    alerts = rows(archive, "alerts")
    dry = recompare(tmp_path, "--dry-run")
    assert "would move" in dry.err
    assert {row["engine"] for row in rows(archive, "comparisons")["comparisons"]} == {"engine-0"}
    said = recompare(tmp_path)
    lines = {line.split("\t")[0]: line.split("\t")[1:] for line in said.lines}
    assert said.out == dry.out
    assert lines["versions"] == ["3", "3", "3", "0", "0", "0"]
    assert lines["rewritten"] == ["1", "0", "0", "0", "1", "0"]
    assert lines["correction"] == ["0", "1", "0", "0", "0", "1"]
    assert sum(int(figures[3]) for figures in lines.values()) == 1
    assert rows(archive, "alerts") == alerts
    assert {row["engine"] for row in rows(archive, "comparisons")["comparisons"]} == {ENGINE}


def test_one_article_is_made_again_by_its_address_whoever_made_it(archive, tmp_path):
    said = recompare(tmp_path, "https://harbour.example/ferries", "--json")
    assert [line.get("article") is not None for line in said.json_lines] == [True, False]
    unknown = recompare(tmp_path, "https://harbour.example/none")
    assert (unknown.code, unknown.out) == (1, "")


def test_reread_tells_what_vanished_and_has_nothing_left_to_do(tmp_path):
    archive = read_before(tmp_path, 3)
    facts = rows(archive, *FACTS)
    dry = storylapse("reread", "--dry-run", "--json", cwd=tmp_path)
    assert rows(archive, "readings") == {"readings": []}
    said = storylapse("reread", "--json", cwd=tmp_path)
    assert (said.code, said.json_lines[:-1]) == (0, dry.json_lines[:-1])
    total = said.json_lines[-1]["total"]
    assert (total["articles"], total["read"], total["unreadable"]) == (3, 9, 0)
    versions = total["versions"]
    assert (versions["before"], versions["after"], versions["gone"]) == (9, 6, 3)
    assert rows(archive, *FACTS) == facts
    assert storylapse("reread", cwd=tmp_path).code == 4


def test_reread_goes_on_where_it_was_killed(tmp_path):
    """The short form; each article is one transaction, so any moment will do."""
    archive = read_before(tmp_path, 40)
    facts = rows(archive, *FACTS)
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "storylapse.duckdb").write_bytes(_copy(archive))
    assert storylapse("reread", cwd=whole).code == 0
    for least in (4, 12):
        _killed_after(tmp_path, archive, least)
        done = archive.query("SELECT count(DISTINCT article_id) AS n FROM readings")[0]["n"]
        assert least <= done < 40
        assert not archive.query("SELECT article_id FROM versions GROUP BY ALL HAVING count(*) = 1")
        assert rows(archive, *FACTS) == facts
    assert storylapse("reread", cwd=tmp_path).code == 0
    left = open_archive(whole / "storylapse.duckdb")
    assert rows(archive, "versions", "comparisons", "changes", "events") == rows(
        left, "versions", "comparisons", "changes", "events"
    )


def _copy(archive: Archive) -> bytes:
    with archive._sessions.writing() as connection:
        connection.execute("CHECKPOINT archive")
    with archive._sessions.writing():  # alone with the file
        return archive.path.read_bytes()


def _killed_after(folder, archive: Archive, least: int) -> None:
    """Start reread and kill it once it has done so many articles in all."""
    child = subprocess.Popen(
        [COMMAND, "reread"], cwd=folder, stderr=subprocess.DEVNULL, env=clean_environment()
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        found = archive.query("SELECT count(DISTINCT article_id) AS n FROM readings")[0]["n"]
        if found >= least:
            break
        time.sleep(0.02)
    child.kill()
    child.wait()


def test_doctor_says_what_another_reader_and_another_engine_made(tmp_path):
    archive = read_before(tmp_path, 2)
    by_engine(archive, "engine-0")
    chosen = Chosen(archive=archive.path)
    found = {one.check: one for one in examine(chosen.settings(), START)}
    assert found["readings"].status is found["findings"].status is Status.WARNING
    assert "2 articles" in found["readings"].message
    assert "storylapse reread" in (found["readings"].next_step or "")
    assert "storylapse recompare" in (found["findings"].next_step or "")
    assert storylapse("reread", cwd=tmp_path).code == 0
    found = {one.check: one for one in examine(chosen.settings(), START)}
    assert found["readings"].status is found["findings"].status is Status.OK
