"""What the views mean: a comment on each in the archive itself, and the meanings of columns."""

from __future__ import annotations

import tomllib
from importlib import resources

import duckdb


def meanings() -> tuple[dict[str, str], dict[str, str]]:
    """Return the meaning of each view that is a contract, and of each column name in them."""
    text = (resources.files("store") / "schema" / "views.toml").read_text("utf-8")
    read = tomllib.loads(text)
    return read["views"], read["columns"]


def comment(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the meanings of the views as comments on them, inside the caller's transaction.

    Those of the columns stay here: they would double the time a new archive takes.
    """
    for view, meaning in meanings()[0].items():
        connection.execute(f"COMMENT ON VIEW {view} IS {_quoted(meaning)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
