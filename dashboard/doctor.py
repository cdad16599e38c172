"""The command doctor: is all around us as it must be? Each check one line and a next step."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.checks import examine, surroundings
from dashboard.finding import Finding, Status
from dashboard.options import ERROR, Chosen, JsonOption
from store.errors import StorylapseError

if TYPE_CHECKING:
    from store.config import Config


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, its value (secrets hidden) and where the value came from."""

    name: str
    value: Any
    origin: str


def doctor(
    chosen: Chosen,
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Read every version and response too, which may take long."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the archive, the configuration, the disk, the clock and the sources.

    Prints one line for each check, and every setting with its origin.
    """
    now = datetime.now(UTC)
    findings, settings = [*surroundings(now)], []
    try:
        config = chosen.settings()
    except StorylapseError as error:
        findings.append(Finding("configuration", Status.ERROR, str(error)))
    else:
        settings = settings_with_origin(config, chosen, os.environ)
        findings.append(_configuration(settings))
        with printing.progress("Reading the archive") as progress:
            findings += examine(config, now, everything=everything, progress=progress)
    if as_json:
        printing.json_line(
            {
                "checks": [asdict(one) for one in findings],
                "settings": [asdict(one) for one in settings],
            }
        )
    else:
        _print(findings, settings)
    if any(one.status is Status.ERROR for one in findings):
        raise typer.Exit(ERROR)


def _print(findings: list[Finding], settings: list[Setting]) -> None:
    for one in findings:
        step = f" {one.next_step}" if one.next_step else ""
        printing.line(f"{one.status:<8} {one.check}: {one.message}{step}")
    for setting in settings:
        printing.line(f"setting  {setting.name} = {setting.value} ({setting.origin})")


def settings_with_origin(
    config: Config, chosen: Chosen, environ: Mapping[str, str]
) -> list[Setting]:
    """Return every setting with its value (secrets as asterisks) and where it came from."""
    from dashboard.reference import settings  # noqa: PLC0415

    place, written = _written(chosen, environ)
    values = config.model_dump(mode="json")
    names = dict.fromkeys(name.partition("[]")[0] for name, _ in settings())
    return [
        Setting(name, _found_at(values, name), _origin(name, place, written, chosen, environ))
        for name in names
    ]


def _written(chosen: Chosen, environ: Mapping[str, str]) -> tuple[Path, dict[str, Any]]:
    """Return the configuration file in force and what it says; it was read well before."""
    from store.config import DEFAULT_CONFIG  # noqa: PLC0415

    named = chosen.config or environ.get("STORYLAPSE_CONFIG")
    place = Path(named or DEFAULT_CONFIG)
    return place, tomllib.loads(place.read_text("utf-8")) if place.exists() else {}


def _origin(
    name: str, place: Path, written: dict[str, Any], chosen: Chosen, environ: Mapping[str, str]
) -> str:
    typed = {"archive": chosen.archive, "crawl.allow_hosts": chosen.allow_hosts}
    if typed.get(name):
        return "command line"
    if name == "archive" and environ.get("STORYLAPSE_ARCHIVE"):
        return "STORYLAPSE_ARCHIVE"
    variable = "STORYLAPSE__" + name.upper().replace(".", "__")
    present = {key.upper() for key in environ}
    if variable in present or variable.rpartition("__")[0] in present:
        return variable
    return str(place) if _found_at(written, name) is not None else "default"


def _found_at(values: Any, name: str) -> Any:
    for part in name.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values


def _configuration(settings: list[Setting]) -> Finding:
    changed = [one.name for one in settings if one.origin != "default"]
    shown = ", ".join(changed) or "nothing"
    return Finding("configuration", Status.OK, f"It reads well; set by you: {shown}.")
