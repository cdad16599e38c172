"""docs/commands.md says what the command line does."""

from pathlib import Path

from dashboard.cli import COMMANDS
from dashboard.reference import commands_markdown, settings, settings_markdown
from dashboard.selecting import KINDS
from store.compare import compare, prepare_sentences

ROOT = Path(__file__).parent.parent


def test_the_commands_page_is_what_the_reference_prints():
    assert (ROOT / "docs/commands.md").read_text("utf-8") == commands_markdown()


def test_every_command_and_exit_code_is_on_the_page():
    page = commands_markdown()
    assert all(f"\n## storylapse {name}\n" in page for name in COMMANDS)
    assert all(f"\n| {code} | " in page for code in (0, 1, 2, 3, 4, 130, 141))


def test_every_option_and_setting_has_a_meaning():
    rows = [line for line in commands_markdown().splitlines() if line.startswith("| `")]
    assert not [row for row in rows if row.split(" | ")[1].strip(" |") == ""]
    assert not [name for name, field in settings() if not field.description]


def test_the_settings_table_has_a_row_for_each_setting():
    rows = settings_markdown().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [name for name, _ in settings()]
    assert "| `crawl.timeout_seconds` | `20.0` | The longest one request lasts. |" in rows


def test_every_label_the_engine_gives_can_be_asked_for():
    old = [f"Sentence {n} of the old text stands here." for n in range(6)]
    new = [f"Another text altogether, part {n}, was set in its place." for n in range(3)]
    pairs = [(old, new), (new, old), (old, [*new, *old]), (old, [*old[:3], *old[4:]])]
    labels = {
        label
        for before, after in pairs
        for label in compare(prepare_sentences(before), prepare_sentences(after)).kinds
    }
    assert {"cut", "rewrite", "expansion", "live_growth"} <= labels <= set(KINDS)
