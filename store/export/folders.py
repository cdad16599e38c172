"""A folder that an export fills: begun once, gone on with after a stop, marked when it is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from store.errors import ExportError
from store.message import rfc3339
from store.selection import Selection

MARKER = "storylapse-export.json"
_SELECTION: TypeAdapter[Selection] = TypeAdapter(Selection)


def begun(
    folder: Path,
    name: str,
    selection: Selection,
    asked: Mapping[str, Any],
    now: datetime,
    *,
    forgot_at: datetime | None = None,
) -> Selection:
    """Make the folder, or go on with it; return the selection that it is filled with.

    ``asked`` is what was typed: a folder that was stopped goes on with the selection this meant
    when it was begun ("the last 7 days" stay the same days). Raises ExportError for a folder that
    holds anything else, or is finished, or was begun before an article was forgotten last, at
    ``forgot_at``: it may hold that article.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        kept = _SELECTION.dump_python(selection, mode="json")
        told = {"format": name, "asked": dict(asked), "selection": kept, "begun_at": rfc3339(now)}
        _write(folder, told | {"finished": False})
        return selection
    marker = _read(folder)
    if marker["finished"]:
        raise ExportError(f"{folder} holds a finished export. Name another folder, or remove it.")
    if (marker["format"], marker["asked"]) != (name, dict(asked)):
        raise ExportError(
            f"{folder} holds another export that was not finished. Ask for the same again to go "
            "on with it, name another folder, or remove it."
        )
    if forgot_at is not None and datetime.fromisoformat(marker["begun_at"]) <= forgot_at:
        raise ExportError(
            f"An article was forgotten since {folder} was begun, which may hold it. Remove the "
            "folder, and export again."
        )
    return _SELECTION.validate_python(marker["selection"], strict=False)


def begun_at(folder: Path) -> str:
    """Return when the folder was begun, RFC 3339."""
    return str(_read(folder)["begun_at"])


def finish(folder: Path) -> None:
    """Mark the folder as whole."""
    _write(folder, _read(folder) | {"finished": True})


def _read(folder: Path) -> dict[str, Any]:
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
        _SELECTION.validate_python(marker["selection"])
        return {
            name: marker[name] for name in ("format", "asked", "selection", "begun_at", "finished")
        }
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise ExportError(
            f"{folder} is not empty, and no export of ours was begun there. Name another folder."
        ) from None


def _write(folder: Path, marker: Mapping[str, Any]) -> None:
    part = folder / f"{MARKER}.part"
    part.write_text(json.dumps(marker, ensure_ascii=False, indent=2) + "\n", "utf-8")
    part.replace(folder / MARKER)
