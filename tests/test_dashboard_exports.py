"""The page of exports: every format and every choice of the command, written and handed out."""

from __future__ import annotations

import io
import shlex
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import typer
from frictionless import Package
from streamlit.testing.v1 import AppTest

from dashboard import cli
from dashboard.data import forget_answers
from dashboard.exporting import by_command, formats, packed, written
from dashboard.views.exports import TITLES
from dashboard_stories import build, four_hours_ago
from store.archive import Archive
from store.export import Folder, Selection

CONFIGURATION = """
[[stories]]
name = "the bridge"
articles = ["https://courier.example/footbridge"]

[[searches]]
name = "notes of the bridge"
stories = ["the bridge"]
kinds = ["correction"]
"""
SCRIPT = """
from dashboard import frame
from dashboard.views import exports
frame.guarded(exports.page)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return build(tmp_path_factory.mktemp("exports") / "told.duckdb", four_hours_ago())


@pytest.fixture
def page(told: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    (tmp_path / "storylapse.toml").write_text(CONFIGURATION)
    monkeypatch.setenv("STORYLAPSE_CONFIG", str(tmp_path / "storylapse.toml"))
    monkeypatch.setenv("STORYLAPSE_ARCHIVE", str(told.path))
    forget_answers()
    return AppTest.from_string(SCRIPT, default_timeout=60).run()


def shown(page: AppTest) -> str:
    assert not page.exception
    return "".join(one.proto.body for one in page.get("html"))


def test_every_format_of_the_command_can_be_chosen(page: AppTest) -> None:
    assert [one.partition(":")[0] for one in page.radio(key="format").options] == [
        TITLES[name] for name in formats("")
    ]


def test_a_story_and_a_saved_search_choose_what_the_command_would(page: AppTest) -> None:
    everything = shown(page)
    page.multiselect(key="stories").set_value(["the bridge"]).run()
    of_story = shown(page)
    page.selectbox(key="search").set_value("notes of the bridge").run()
    of_search = shown(page)
    assert len({one.partition(" in this choice")[0][-12:] for one in (everything, of_story)}) == 2
    assert "1 change in this choice." in of_search
    assert "--search 'notes of the bridge'" in page.code[-1].value


def test_what_is_no_time_and_no_article_is_refused_with_a_sentence(page: AppTest) -> None:
    page.text_input(key="articles").set_value("https://nowhere.example/x").run()
    assert 'role="alert"' in shown(page)
    page.text_input(key="articles").set_value("").run()
    assert 'role="alert"' not in shown(page)


@pytest.mark.parametrize("name", ["duckdb", "datapackage"])
def test_what_takes_long_is_written_first_and_then_handed_out(page: AppTest, name: str) -> None:
    page.radio(key="format").set_value(name).run()
    (button,) = [one for one in page.button if one.label.startswith("Write the ")]
    button.click().run()
    assert 'role="alert"' not in shown(page)
    assert page.status[0].label.startswith("Written: ")
    assert page.get("download_button")


def test_a_git_repository_without_full_texts_is_refused_with_the_next_step(page: AppTest) -> None:
    page.radio(key="format").set_value("git").run()
    (button,) = [one for one in page.button if one.label == "Write the .zip file"]
    button.click().run()
    assert "--full-text" in shown(page)


def test_a_packed_folder_is_the_folder_and_says_how_far_it_is(
    told: Archive, tmp_path: Path
) -> None:
    made = formats("")["datapackage"]
    assert isinstance(made, Folder)
    file, said = io.BytesIO(), []
    packed(made, told, Selection(), file, now=datetime.now(UTC), say=said.append)
    with zipfile.ZipFile(file) as opened:
        opened.extractall(tmp_path)
    package = Package(str(tmp_path / "storylapse-datapackage" / "datapackage.json"))
    assert package.validate().valid
    assert said[0].startswith("part 1 of ")
    assert said[-1] == "packing"


def test_a_written_file_opens_and_a_long_one_says_how_far_it_is(
    told: Archive, tmp_path: Path
) -> None:
    said: list[str] = []
    place = tmp_path / "taken.duckdb"
    with place.open("wb") as file:
        written(formats("")["duckdb"].write(told, Selection()), file, said.append)
    with duckdb.connect(str(place), read_only=True) as taken:
        assert taken.execute("SELECT count(*) FROM change_list").fetchone() != (0,)
    assert said
    assert said[0].endswith(" MB so far")


def test_the_command_that_is_shown_is_one_that_the_command_line_takes() -> None:
    asked = {
        "search": "it's mine",
        "stories": ["the bridge"],
        "since": "7d",
        "until": None,
        "kinds": ["removed", "number"],
        "outlets": [],
        "articles": ["https://a.example/1"],
        "held": True,
        "full_text": False,
    }
    words = shlex.split(by_command(formats("")["parquet"], asked))
    assert words[1:] == [
        "export", "--format", "parquet", "--output", "changes.parquet", "--search", "it's mine",
        "--story", "the bridge", "--since", "7d", "--kind", "removed", "--kind", "number",
        "--article", "https://a.example/1", "--held",
    ]  # fmt: skip
    command = typer.main.get_command(cli.app).commands["export"]
    taken = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} | {"--outlet", "--until"} <= taken
