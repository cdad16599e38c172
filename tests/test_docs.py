"""Documentation fails the build when it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard.cli import COMMANDS
from dashboard.reference import settings_markdown, views_markdown

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_file_the_architecture_names_exists() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    named = re.findall(r"\*\*`([^`]+)`\*\*", text)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_architecture_names_every_module_of_the_engine_and_no_other() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    section = text.partition("## Inside the engine")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+\.py)`", section))
    modules = {path.name for path in (ROOT / "store/compare").glob("*.py")} - {"__init__.py"}
    assert named == modules


def test_the_settings_table_of_the_operating_page_is_true() -> None:
    assert settings_markdown().strip() in (ROOT / "docs/operating.md").read_text("utf-8")


def test_the_page_of_views_is_true_and_every_column_has_a_meaning() -> None:
    assert (ROOT / "docs/views.md").read_text("utf-8") == views_markdown()


def test_every_command_the_readme_shows_is_one() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    shown = set(re.findall(r"^    (?:\.venv/bin/)?storylapse (\w+)", text, re.MULTILINE))
    assert shown
    assert shown <= set(COMMANDS)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
