"""One article's way through the shell: watch, fetch, log, show, diff, changes, alerts, export."""

import csv
import io
import json
import os
import subprocess
from types import SimpleNamespace

import pytest

from origin import Origin
from product import COMMAND
from shell import CORRECTED, CORRECTION, clean_environment, page, storylapse


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """An article read, corrected, read again, and read once more unchanged."""
    folder = tmp_path_factory.mktemp("story")
    with Origin() as site:
        site.pages["/bridge.html"] = page()
        address = site.address("/bridge.html")

        def say(*arguments, **more):
            return storylapse(*arguments, "--allow-host", site.host, cwd=folder, **more)

        told = SimpleNamespace(folder=folder, site=site, address=address, say=say)
        told.watched = say("watch", address)
        told.unread = {name: say(name, address) for name in ("log", "show", "diff")}
        told.first = say("fetch", "--all", "--json")
        told.alone = say("diff", address)
        site.pages["/bridge.html"] = page(CORRECTED)
        told.second = say("fetch", "--all", "--json")
        told.third = say("fetch", "--all")
        yield told


def test_watching_says_what_happens_next(story):
    assert story.watched.code == 0
    assert story.watched.lines == [f"article\t{story.address}"]
    assert "`storylapse fetch`" in story.watched.err


def test_before_the_first_fetch_there_is_nothing_to_show(story):
    assert {name: said.code for name, said in story.unread.items()} == {
        "log": 0,
        "show": 4,
        "diff": 4,
    }
    assert "It was not fetched yet" in story.unread["log"].err
    assert story.alone.code == 4


def test_each_fetch_is_one_json_line_with_outcome_and_version(story):
    told = [(said.code, said.json) for said in (story.first, story.second)]
    assert [(code, one["address"], one["outcome"], one["version"]) for code, one in told] == [
        (0, story.address, "read", 1),
        (0, story.address, "read", 2),
    ]
    assert told[1][1]["changes"] >= 1


def test_a_pass_ends_with_one_summary_line(story):
    assert story.third.code == 0
    (line,) = story.third.lines
    assert line.startswith("1 fetches (1 unchanged)")


def test_log_tells_versions_changes_notes_and_every_check(story):
    history = story.say("log", story.address, "--json").json
    assert history["article"]["address"] == story.address
    first, second = history["versions"]
    assert first["checked_before_at"] is None
    assert second["checked_before_at"] < second["seen_first_at"]
    assert "correction" in {change["kind"] for change in second["changes"]}
    assert [note["text"] for note in second["notes"]] == [CORRECTION]
    assert [check["outcome"] for check in history["checks"]] == ["read", "read", "unchanged"]


def test_an_article_is_found_by_its_id_too(story):
    by_address = story.say("log", story.address, "--json").json
    by_id = story.say("log", by_address["article"]["article"], "--json").json
    assert by_id == by_address


def test_log_for_people_shows_the_newest_version_first_and_its_interval(story):
    said = story.say("log", story.address)
    versions = [line for line in said.lines if line.startswith("version")]
    assert [line.split(":")[0] for line in versions] == ["version 2", "version 1"]
    assert "Between the checks of" in versions[0]


def test_list_shows_the_article_with_its_last_outcome(story):
    (row,) = story.say("list", "--json").json_lines
    assert (row["watched"], row["outlet"], row["versions"]) == ("article", "Harbour Post", 2)
    assert row["last_outcome"] == "unchanged"
    assert "Harbour bridge closed" in story.say("list").out


def test_show_prints_the_newest_version_or_the_one_named(story):
    newest = story.say("show", story.address, "--json").json
    first = story.say("show", f"{story.address}@1", "--json").json
    assert "11 people" in newest["text"]
    assert "12 people" in first["text"]
    assert [note["text"] for note in newest["notes"]] == [CORRECTION]
    assert "12 people" in story.say("show", f"{story.address}@1").out
    assert story.say("show", f"{story.address}@7").code == 1


@pytest.mark.parametrize("named", [[], ["1"], ["1", "2"]])
def test_diff_marks_what_was_removed_and_added(story, named):
    said = story.say("diff", story.address, *named)
    assert said.code == 0
    assert "[-12" in said.out
    assert "{+11" in said.out
    assert "{+Correction: " in said.out


def test_diff_takes_the_old_version_with_the_address(story):
    forward = story.say("diff", f"{story.address}@1", "2", "--json").json
    back = story.say("diff", f"{story.address}@2", "1", "--json").json
    assert forward["verdict"] == back["verdict"] == "changed"
    assert {pair["kind"] for pair in forward["alignment"]} >= {"same", "edited"}
    assert story.say("diff", story.address, "1", "2", "3").code == 2


def test_compare_takes_kept_versions(story):
    kept = story.say("compare", f"{story.address}@1", f"{story.address}@2", "--json").json
    assert kept == story.say("diff", story.address, "1", "2", "--json").json


def test_changes_are_one_json_line_each_and_link_to_their_versions(story):
    rows = story.say("changes", "--json").json_lines
    assert {row["address"] for row in rows} == {story.address}
    assert {(row["old_version"], row["new_version"]) for row in rows} == {(1, 2)}
    (correction,) = [row for row in rows if row["kind"] == "correction"]
    assert correction["new"] == CORRECTION
    ranks = [row["significance"] for row in rows]
    assert ranks == sorted(ranks, reverse=True)


def test_changes_are_chosen_by_kind_outlet_time_and_article(story):
    def found(*options):
        return len(story.say("changes", "--json", *options).json_lines)

    everything = found()
    assert found("--kind", "correction") == 1
    assert found("--kind", "changed_with_note") == everything
    assert found("--until", "1h") == 0
    assert found("--since", "1h", "--outlet", "harbour post") == everything
    assert found("--since", "2020-01-01", "--article", story.address) == everything


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--kind", "corection", "did you mean 'correction'?"),
        ("--outlet", "Nobody", "There is no outlet 'Nobody'"),
        ("--since", "yesterday", "'yesterday' is no time"),
        ("--since", "999999w", "is no time"),
    ],
)
def test_a_selection_that_cannot_be_is_said(story, option, value, sentence):
    for command in ("changes", "export"):
        said = story.say(command, option, value)
        assert (said.code, said.out) == (2, "")
        assert sentence in said.err


def test_nothing_found_is_an_answer(story):
    said = story.say("changes", "--kind", "retraction")
    assert (said.code, said.out) == (0, "")
    assert "No change" in said.err


def test_the_correction_raised_one_alert_by_the_default_rule(story):
    (alert,) = story.say("alerts", "--json").json_lines
    assert (alert["kind"], alert["version"]) == ("correction", 2)
    assert "/article?article=" in alert["link"]
    assert "correction" in story.say("alerts").out


def test_both_exports_hold_every_change(story):
    changes = story.say("changes", "--json").json_lines
    lines = story.say("export").json_lines
    table = list(csv.DictReader(io.StringIO(story.say("export", "--format", "csv").out)))
    assert len(lines) == len(table) == len(changes)
    assert {line["kind"] for line in lines} == {row["kind"] for row in table}


def test_an_export_file_appears_whole_or_not_at_all(story):
    said = story.say("export", "--output", "out.jsonl")
    assert (said.code, said.out) == (0, "")
    assert [json.loads(line) for line in (story.folder / "out.jsonl").read_text().splitlines()]
    missing = story.say("export", "--output", "nowhere/out.jsonl")
    assert missing.code == 1
    assert "nowhere" in missing.err
    assert not list(story.folder.glob("**/*.part"))


def test_doctor_finds_nothing_wrong(story):
    said = story.say("doctor", "--json")
    assert said.code == 0
    assert {one["status"] for one in said.json["checks"]} == {"ok"}


def test_reading_works_while_another_process_fetches(story):
    with subprocess.Popen(
        [COMMAND, "fetch", "--all", "--allow-host", story.site.host],
        cwd=story.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    ) as fetching:
        codes = []
        while fetching.poll() is None:
            codes.append(story.say("changes", "--json").code)
    assert fetching.returncode == 0
    assert codes
    assert set(codes) == {0}


def test_json_is_utf8_whatever_the_locale(story):
    said = story.say("changes", "--json", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert "“" in said.out
    assert said.json_lines == story.say("changes", "--json").json_lines


def test_a_terminal_gets_colour_and_marks_where_colour_is_not_wanted(story):
    coloured = on_a_terminal(story, "diff", story.address)
    plain = on_a_terminal(story, "diff", story.address, NO_COLOR="1")
    assert "\x1b[" in coloured
    assert "[-12" not in coloured
    assert "\x1b[" not in plain
    assert "[-12" in plain


def test_a_terminal_gets_tables_and_a_progress_bar(story):
    listed = on_a_terminal(story, "list")
    assert "Headline" in listed
    assert "─" in listed
    assert "─" not in story.say("list").out
    fetched = on_a_terminal(story, "fetch", "--all", "--allow-host", story.site.host)
    assert "Fetching" in fetched
    assert fetched.splitlines()[-1].endswith("alerts.")


def on_a_terminal(story, *arguments, **environment):
    """Run a command whose three streams are a terminal; return all it showed."""
    master, terminal = os.openpty()
    with subprocess.Popen(
        [COMMAND, *arguments],
        cwd=story.folder,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=clean_environment(TERM="xterm-256color", COLUMNS="120", **environment),
    ):
        os.close(terminal)
        with os.fdopen(master, "rb", buffering=0) as screen:
            return b"".join(_all_of(screen)).decode()


def _all_of(screen):
    while True:
        try:
            piece = screen.read(65536)
        except OSError:  # the other end of a terminal is closed
            return
        if not piece:
            return
        yield piece


def test_an_export_leaves_links_and_devices_what_they_are(story, tmp_path):
    link = tmp_path / "latest.jsonl"
    link.symlink_to(tmp_path / "kept.jsonl")
    story.say("export", "--output", str(link))
    assert link.is_symlink()
    assert (tmp_path / "kept.jsonl").read_text() == story.say("export").out
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    story.say("export", "--output", str(pipe), "--since", "2100-01-01")
    os.close(reader)
    assert pipe.is_fifo()


def test_a_moment_between_two_checks_is_told_for_what_it_is(story):
    shown = story.say("show", story.address, "--at", "2100-01-01")
    assert shown.code == 0
    assert "Version 2 was seen last by our check of" in shown.err
    assert story.say("show", story.address, "--at", "1h").code == 4
    assert "Nothing is known of" in story.say("show", story.address, "--at", "1h").err


def test_a_diff_begins_at_a_moment_the_reader_picks(story):
    first = json.loads(story.say("log", story.address, "--json").out)["versions"][0]
    since = story.say("diff", story.address, "--since", first["seen_first_at"])
    assert since.code == 0
    assert since.out == story.say("diff", story.address, "1", "2").out


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("show", "--at", "soon"), "'soon' is no time"),
        (("diff", "--since", "1h", "1", "2"), "name one version at most"),
    ],
)
def test_a_moment_that_cannot_be_used_is_explained(story, typed, says):
    told = story.say(typed[0], story.address, *typed[1:])
    assert told.code == 2
    assert says in told.err


def test_blame_names_the_version_that_brought_each_sentence(story):
    blamed = json.loads(story.say("blame", story.address, "--json").out)
    assert blamed["version"] == 2
    brought = {line["since_version"] for line in blamed["lines"]}
    assert brought == {1, 2}
    (note,) = [line for line in blamed["lines"] if line["text"] == CORRECTION]
    assert note["since_version"] == 2
    assert blamed["lines"][0]["place"] == "headline"
    assert story.say("blame", f"{story.address}@9").code == 1


def test_sql_asks_the_views_and_reaches_nothing_else(story, tmp_path):
    asked = story.say("sql", "SELECT count(*) AS versions FROM version_list", "--json")
    assert json.loads(asked.out) == {"versions": 2}
    assert "version_list\t" in story.say("sql").out
    for hostile in (
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        "SELECT * FROM read_text('/etc/hosts')",
        "DELETE FROM versions",
        "SET enable_external_access=true",
        "ATTACH '/tmp/other.duckdb'",
    ):
        told = story.say("sql", hostile)
        assert told.code == 2, told
        assert "That cannot be asked" in told.err
    assert not list(tmp_path.iterdir())
    slow = "SELECT count(*) FROM range(100000000) a, range(100000000) b"
    assert "took longer than 0.2 s" in story.say("sql", slow, "--seconds", "0.2").err


def test_a_backup_is_made_restored_and_an_article_forgotten(story, tmp_path):
    backup = tmp_path / "backup.duckdb"
    assert story.say("backup", str(backup)).code == 0
    assert "is there already" in story.say("backup", str(backup)).err
    place = ("--archive", str(tmp_path / "other.duckdb"))
    assert story.say("restore", str(backup), *place).code == 0
    asked = story.say("forget", story.address, *place)
    assert asked.code != 0  # nobody answered
    forgotten = story.say("forget", story.address, "--yes", *place)
    assert forgotten.code == 0
    assert "2 versions" in forgotten.err
    assert f"{backup} holds it too: remove that file, or run" in forgotten.err
    assert story.say("log", story.address, *place).code == 1
    again = story.say("restore", str(backup), *place)
    assert "is kept as" in again.err
    assert story.say("log", story.address, *place).code == 0


def test_words_of_every_version_are_found_with_what_brought_and_removed_them(story):
    asked = "SELECT old FROM change_list WHERE kind IN ('edited', 'rewritten', 'removed')"
    gone = story.say("sql", asked).lines[0]
    told = story.say("search", gone, "--json")
    hits = [json.loads(line) for line in told.lines]
    assert told.code == 0
    assert hits[0]["place"] == "text"
    assert (hits[0]["first_seen_in"]["version"], hits[0]["removed_in"]["version"]) == (1, 2)
    shown = "\n".join(story.say("search", gone).lines)
    assert "@1. Seen first at" in shown
    assert "Gone in" in shown
    assert story.say("search", "unheard-of").code == 4
    assert story.say("search", "?!").code == 2


def test_another_archive_is_merged(story, tmp_path):
    place = ("--archive", str(tmp_path / "other.duckdb"))
    assert story.say("watch", "https://valley.example/story", *place).code == 0
    mine = str(story.folder / "storylapse.duckdb")
    would = story.say("merge", mine, "--dry-run", "--json", *place)
    assert would.json["articles"] == 1
    assert "Nothing was written" in would.err
    assert story.say("merge", mine, *place).code == 0
    assert story.say("log", story.address, *place).code == 0
    assert story.say("merge", str(tmp_path / "none.duckdb"), *place).code == 1
