"""The configuration: one file, the environment over it, errors that name the mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.config import load_config
from store.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("STORYLAPSE_ARCHIVE", "STORYLAPSE_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def write(text: str) -> Path:
    place = Path("storylapse.toml")
    place.write_text(text, "utf-8")
    return place


def test_without_a_file_the_defaults_hold() -> None:
    config = load_config()
    assert config.archive == Path("storylapse.duckdb")
    assert config.dashboard.host == "127.0.0.1"
    assert config.crawl.allow_hosts == ()


def test_the_file_in_the_working_folder_is_read() -> None:
    write('archive = "evidence.duckdb"\n[crawl]\ntimeout_seconds = 5\n')
    config = load_config()
    assert (config.archive, config.crawl.timeout_seconds) == (Path("evidence.duckdb"), 5)


def test_the_environment_wins_over_the_file_table_by_table(monkeypatch: pytest.MonkeyPatch) -> None:
    write('[crawl]\ntimeout_seconds = 5\nuser_agent = "Desk (desk@example.org)"\n')
    monkeypatch.setenv("STORYLAPSE__CRAWL__TIMEOUT_SECONDS", "7")
    crawl = load_config().crawl
    assert (crawl.timeout_seconds, crawl.user_agent) == (7, "Desk (desk@example.org)")


def test_the_command_line_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    write('archive = "file.duckdb"\n')
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", "environment.duckdb")
    assert load_config().archive == Path("environment.duckdb")
    assert load_config(archive=Path("line.duckdb")).archive == Path("line.duckdb")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[crawl]\ntimeout_secs = 5\n", "timeout_seconds"),
        ("[crawl]\ntimeout_seconds = 0\n", "crawl.timeout_seconds"),
        ('[crawl]\nallow_hosts = ["127.0.0.1"]\n', "HOST:PORT"),
        ('[crawl]\nallow_hosts = ["127.0.0.1:99999"]\n', "HOST:PORT"),
        ("[dashbord]\nport = 1\n", "dashboard"),
        ("[crawl\n", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_where_it_stands(text: str, named: str) -> None:
    write(text)
    with pytest.raises(ConfigError, match=r"storylapse\.toml") as raised:
        load_config()
    assert named in str(raised.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        load_config(Path("none.toml"))


def test_a_file_that_is_no_text_is_named() -> None:
    Path("storylapse.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config()


def test_the_address_of_a_channel_is_never_shown() -> None:
    write('[[alerts.channels]]\nname = "desk"\nurl = "slack://secret-token"\n')
    assert "secret-token" not in repr(load_config())


def test_hours_and_zones_that_are_none_are_said_in_plain_words() -> None:
    write('[[alerts.rules]]\nname = "a"\nquiet = "25:00-07:00"\ntime_zone = "Mars"\n')
    with pytest.raises(ConfigError) as caught:
        load_config()
    said = str(caught.value)
    assert "alerts.rules.0.quiet: '25:00-07:00' are no hours; write such as 22:00-07:00;" in said
    assert "time_zone: 'Mars' is no time zone; write one such as Europe/Berlin." in said
    write('[[alerts.rules]]\nname = "a"\nquiet = ""\n')
    assert load_config().alerts.rules[0].quiet == ""
