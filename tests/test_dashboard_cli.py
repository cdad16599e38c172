"""The command line as a whole: options everywhere, exit codes, streams, endings."""

import signal
import subprocess
import sys
import time

import pytest

from dashboard.cli import COMMANDS
from product import COMMAND
from shell import clean_environment, page, storylapse

ADDRESS = "https://news.example/2026/bridge-story"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_the_global_options(command, tmp_path):
    said = storylapse(command, "--help", cwd=tmp_path)
    assert said.code == 0
    assert {"--archive", "--config", "--allow-host"} <= set(said.out.split())


def test_help_and_version_go_to_stdout(tmp_path):
    assert "Commands:" in storylapse("--help", cwd=tmp_path).out
    assert storylapse("--version", cwd=tmp_path).out.startswith("storylapse 0.")


def test_help_loads_none_of_the_heavy_libraries(tmp_path):
    code = (
        "import sys, dashboard.cli;"
        "print(sorted({'scrapy', 'streamlit', 'trafilatura', 'duckdb', 'pydantic', 'twisted'}"
        " & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert said.stdout.strip() == "[]"


def test_archive_is_taken_before_and_after_the_command(tmp_path):
    before = storylapse("--archive", "one.duckdb", "watch", ADDRESS, cwd=tmp_path)
    after = storylapse("watch", ADDRESS, "--archive", "two.duckdb", cwd=tmp_path)
    assert (before.code, after.code) == (0, 0)
    assert (tmp_path / "one.duckdb").exists()
    assert (tmp_path / "two.duckdb").exists()


def test_archive_comes_from_the_environment_and_from_the_configuration(tmp_path):
    storylapse("watch", ADDRESS, cwd=tmp_path, STORYLAPSE_ARCHIVE="env.duckdb")
    (tmp_path / "storylapse.toml").write_text('archive = "file.duckdb"\n')
    storylapse("watch", ADDRESS, cwd=tmp_path)
    (tmp_path / "other.toml").write_text('archive = "other.duckdb"\n')
    storylapse("watch", ADDRESS, "--config", "other.toml", cwd=tmp_path)
    storylapse("watch", ADDRESS, cwd=tmp_path, STORYLAPSE_CONFIG="other.toml")
    found = {path.name for path in tmp_path.glob("*.duckdb")}
    assert found == {"env.duckdb", "file.duckdb", "other.duckdb"}


def test_allowed_hosts_add_up_wherever_they_are_typed(tmp_path):
    (tmp_path / "storylapse.toml").write_text('[crawl]\nallow_hosts = ["127.0.0.1:7001"]\n')
    said = storylapse(
        "--allow-host", "127.0.0.1:7002", "doctor", "--allow-host", "127.0.0.1:7003", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    settings = {one["name"]: one for one in said.json["settings"]}
    assert settings["crawl.allow_hosts"]["value"] == [
        "127.0.0.1:7001",
        "127.0.0.1:7002",
        "127.0.0.1:7003",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["frob"], 2, "No such command 'frob'"),
        (["wach", ADDRESS], 2, "Did you mean 'watch'"),
        (["watch"], 2, "Missing argument"),
        (["list", "--frob"], 2, "No such option"),
        (["list", "--allow-host", "nonsense"], 2, "HOST:PORT"),
        (["list", "--config", "missing.toml"], 1, "no configuration file at missing.toml"),
        (["list", "--archive", "missing.duckdb"], 1, "There is no archive at"),
        (["watch", "news.example/story"], 2, "https://"),
        (["watch", "http://user:secret@news.example/"], 2, "without them"),
        (["watch", "feeds.opml"], 2, "There is no file feeds.opml"),
        (["watch", ADDRESS, "--kind", "frob"], 2, "Invalid value for '--kind'"),
        (["compare", "one.txt"], 2, "Name two texts"),
        (["compare", "one.txt", "two.txt"], 2, "There is no file one.txt"),
        (["compare", "--batch", "missing.jsonl"], 2, "There is no file missing.jsonl"),
        (["compare", "one.txt", "--batch", "-"], 2, "not both"),
        (["extract"], 2, "Name a page"),
        (["extract", "missing.html"], 2, "There is no file missing.html"),
        (["up", "--port", "70000"], 2, "Invalid value for '--port'"),
        (["export", "--format", "xlsx"], 2, "Invalid value for '--format'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, code, sentence, tmp_path):
    said = storylapse(*arguments, cwd=tmp_path)
    assert said.code == code
    assert sentence in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_a_secret_in_an_address_is_not_repeated(tmp_path):
    assert "secret" not in storylapse("watch", "http://user:secret@news.example/", cwd=tmp_path).err


def test_a_file_that_is_no_archive_is_named_and_left_alone(tmp_path):
    (tmp_path / "notes.duckdb").write_bytes(b"these are my notes" * 1000)
    said = storylapse("list", "--archive", "notes.duckdb", cwd=tmp_path)
    assert said.code == 1
    assert "notes.duckdb cannot be opened as an archive" in said.err
    assert (tmp_path / "notes.duckdb").read_bytes() == b"these are my notes" * 1000


def test_an_unknown_setting_is_an_error_with_a_suggestion(tmp_path):
    (tmp_path / "storylapse.toml").write_text("[crawl]\ntimout_seconds = 3\n")
    said = storylapse("list", cwd=tmp_path)
    assert said.code == 1
    assert "did you mean 'timeout_seconds'" in said.err


def test_a_closed_pipe_ends_quietly(tmp_path):
    storylapse(
        "watch", "-", cwd=tmp_path, stdin="".join(f"{ADDRESS}-{n}{'x' * 1800}\n" for n in range(60))
    )
    with subprocess.Popen(
        [COMMAND, "list", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    ) as listing:
        assert listing.stdout.readline()
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 141


def test_interrupting_ends_with_130_and_leaves_the_archive_whole(tmp_path, origin):
    def slowly(_hits):
        time.sleep(0.5)
        return page()

    origin.pages = {f"/story-{n}.html": slowly for n in range(24)}
    options = ("--allow-host", origin.host)
    wanted = "".join(origin.address(path) + "\n" for path in origin.pages)
    storylapse("watch", "-", *options, cwd=tmp_path, stdin=wanted)
    with subprocess.Popen(
        [COMMAND, "fetch", "--all", *options],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
    ) as fetching:
        _wait_for(lambda: len(origin.hits) > 5, fetching)
        fetching.send_signal(signal.SIGINT)
        _, err = fetching.communicate(timeout=60)
    assert fetching.returncode == 130
    assert b"Traceback" not in err
    doctor = storylapse("doctor", "--json", cwd=tmp_path)
    assert {one["status"] for one in doctor.json["checks"] if one["check"] == "whole"} == {"ok"}


def _wait_for(wanted, process):
    while not wanted():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
