"""Every command, setting and export as Markdown: what docs/ shows is printed here, or tested so.

``python -m dashboard.reference`` prints all; with ``commands``, ``settings``, ``exports`` or
``views`` one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined


def settings(model: type[BaseModel] | None = None, table: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each setting's dotted name and its pydantic field; ``[]`` marks a repeated table."""
    from store.config import Config  # noqa: PLC0415

    for name, field in (model or Config).model_fields.items():
        inner = _inner_table(field.annotation)
        if inner is None:
            yield table + name, field
        elif inner is field.annotation:
            yield from settings(inner, f"{table}{name}.")
        else:
            yield from settings(inner, f"{table}{name}[].")


def settings_markdown() -> str:
    """Return the table of all settings: name, default, meaning."""
    rows = [
        f"| `{name}` | {_default(field)} | {field.description or ''} |"
        for name, field in settings()
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n"


def commands_markdown() -> str:
    """Return the reference of commands, options and exit codes: docs/commands.md as it is."""
    from typer.main import get_command  # noqa: PLC0415

    from dashboard.cli import app  # noqa: PLC0415
    from dashboard.options import EXIT_CODES, GLOBAL_OPTIONS  # noqa: PLC0415

    group: Any = get_command(app)
    everywhere = [one for one in group.params if one.name in GLOBAL_OPTIONS]
    parts = [_HEAD, _options(group, everywhere), _EXITS]
    parts += [f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES]
    for name, one in _all_commands(group):
        own = [param for param in one.params if param.name not in GLOBAL_OPTIONS]
        parts.append(f"\n## storylapse {name}\n\n{_paragraphs(one.help)}\n\n{_options(one, own)}")
    return "".join(parts)


def _all_commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command by its whole name; one that has commands of its own stands before them."""
    for name, one in group.commands.items():
        yield f"{before}{name}", one
        if hasattr(one, "commands"):
            yield from _all_commands(one, f"{before}{name} ")


def views_markdown() -> str:
    """Return docs/views.md: the views that are a contract, with the meaning of every column."""
    from store.archive import open_archive  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        archive = open_archive(Path(folder) / "new.duckdb", create=True)
        columns = archive.query(
            "SELECT table_name AS view, column_name AS name, data_type AS type "
            "FROM duckdb_columns() ORDER BY column_index"
        )
        views = archive.query(
            "SELECT view_name AS name, comment FROM duckdb_views() "
            "WHERE NOT internal AND comment IS NOT NULL ORDER BY view_name"
        )
    return _VIEWS_HEAD + "".join(_view(view, columns) for view in views)


def _view(view: dict[str, Any], columns: list[dict[str, Any]]) -> str:
    from store.meanings import meanings  # noqa: PLC0415

    known = meanings()[1]
    rows = [
        f"| `{one['name']}` | {one['type']} | {_cell(known[one['name']])} |\n"
        for one in columns
        if one["view"] == view["name"]
    ]
    head = "| column | type | meaning |\n|---|---|---|\n"
    return f"\n## {view['name']}\n\n{view['comment']}\n\n{head}{''.join(rows)}"


def exports_markdown() -> str:
    """Return what docs/exports.md holds: the formats and the data dictionary."""
    return f"{formats_markdown()}\n{dictionary_markdown()}"


def formats_markdown() -> str:
    """Return the table of all export formats: name, meaning, what it loses."""
    from dashboard.exporting import formats  # noqa: PLC0415

    rows = [
        f"| `{one.name}` | {_cell(one.meaning)} | {_cell(one.loses)} |"
        for one in formats("").values()
    ]
    return "\n".join(["| format | what it is | what it loses |", "|---|---|---|", *rows]) + "\n"


def dictionary_markdown() -> str:
    """Return the data dictionary: every table and column that exports have."""
    from store.export.dictionary import TABLES  # noqa: PLC0415

    parts = []
    for table in TABLES.values():
        rows = [f"| `{one.name}` | {one.type} | {_cell(one.meaning)} |\n" for one in table.columns]
        head = "| column | type | meaning |\n|---|---|---|\n"
        parts.append(f"### {table.name}\n\n{table.meaning}\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


_VIEWS_HEAD = """# Views

Made by `python -m dashboard.reference views`; a test holds it true.

What the archive says to people who ask in SQL: `storylapse sql "SELECT …"`, or DuckDB, pandas and
R on a copy (`storylapse export duckdb`, `storylapse backup`). These views keep their names, columns
and meanings; a column may be added. The tables beneath them, and views that are not listed here,
may change. Times are UTC, without zone.
"""

_HEAD = """# Commands

Made by `python -m dashboard.reference commands`; a test holds it true.

Data goes to stdout, talk and progress to stderr. On a terminal there are tables and colour (not
under `NO_COLOR`); in a pipe plain lines, fields parted by tabs. `--json` gives JSON: one document,
or one line each where there are many; [programs.md](programs.md) has the shapes. Every command
works while `storylapse up` runs. An ADDRESS may be an article's web address or its id, as
`storylapse list` shows it.

Accepted by every command, before or after its name:

"""

_EXITS = """
| exit code | meaning |
|---|---|
"""


def _options(command: Any, params: list[Any]) -> str:
    if not params:
        return "It takes no arguments of its own.\n"
    context = command.make_context(command.name, [], resilient_parsing=True)
    rows = [_row(param, context) for param in params]
    return "\n".join(["| argument or option | meaning |", "|---|---|", *rows]) + "\n"


def _row(param: Any, context: Any) -> str:
    """One argument or option, as its help has it."""
    written, meaning = param.get_help_record(context)
    if param.param_type_name == "argument":
        written = param.metavar
    return f"| `{_cell(written)}` | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _inner_table(annotation: Any) -> type[BaseModel] | None:
    for kind in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "(must be given)"
    value = field.get_default()
    if value is None or value == ():
        return "(none)"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if not isinstance(value, tuple) else ', '.join(map(str, value))}`"


def main(wanted: list[str]) -> None:
    """Print what is wanted: commands, settings, exports, views, or all."""
    parts = {
        "commands": commands_markdown,
        "settings": settings_markdown,
        "exports": exports_markdown,
        "views": views_markdown,
    }
    for name in wanted or parts:
        sys.stdout.write(parts[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
