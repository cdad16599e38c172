"""What all commands share: the global options, before or after the name, and how a command ends."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from dashboard.printing import say
from store.address import AddressError
from store.errors import StorylapseError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from store.archive import Archive
    from store.config import Config

Table = TypeVar("Table", bound="BaseModel")

OK, ERROR, USAGE, PARTIAL, NOTHING, INTERRUPTED, UNHEARD = 0, 1, 2, 3, 4, 130, 141

EXIT_CODES = (
    (OK, "All went well."),
    (ERROR, "It could not be done; the sentence on stderr says what to do next."),
    (USAGE, "The command line is wrong: an unknown option, a missing argument, no address."),
    (PARTIAL, "Part of it was done: some fetches brought no article, some addresses were wrong."),
    (NOTHING, "There was nothing to do or to show: nothing is due, or nothing was read yet."),
    (INTERRUPTED, "Stopped by Ctrl-C."),
    (UNHEARD, "Whoever read the output stopped reading (a closed pipe)."),
)

ArchiveOption = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="FILE",
        help="The archive file; else STORYLAPSE_ARCHIVE, the configuration, storylapse.duckdb.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration file; else STORYLAPSE_CONFIG, storylapse.toml where it exists.",
    ),
]
AllowHostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST:PORT",
        help="A private address the crawler may reach, beside [crawl] allow_hosts; repeatable.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of text.")]

GLOBAL_OPTIONS = {
    "archive": ArchiveOption,
    "config": ConfigOption,
    "allow_host": AllowHostOption,
}


class UsageError(StorylapseError):
    """What was typed cannot be done as it stands; ends with exit code 2."""


class NothingToShow(StorylapseError):
    """There is nothing there to do or to show; ends with exit code 4."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The global options as typed."""

    archive: Path | None = None
    config: Path | None = None
    allow_hosts: tuple[str, ...] = ()

    def settings(self) -> Config:
        """Return the whole configuration with these options in it.

        Raises ConfigError, and UsageError for an ``--allow-host`` that is no HOST:PORT.
        """
        from store.config import load_config  # noqa: PLC0415  (pydantic takes 0.1 s)

        config = load_config(self.config, self.archive)
        hosts = dict.fromkeys((*config.crawl.allow_hosts, *self.allow_hosts))
        try:
            crawl = overlaid(config.crawl, allow_hosts=tuple(hosts))
        except ValueError:
            raise UsageError(
                "--allow-host takes an exact HOST:PORT, for example 127.0.0.1:8899."
            ) from None
        return config.model_copy(update={"crawl": crawl})

    def open(self, *, create: bool = False) -> tuple[Config, Archive]:
        """Return the configuration and its archive; raises what ``open_archive`` raises."""
        from store.archive import open_archive  # noqa: PLC0415  (DuckDB takes 0.1 s)

        config = self.settings()
        return config, open_archive(config.archive, create=create)


def overlaid(table: Table, **typed: object) -> Table:
    """Return a table of the configuration with what was typed on the command line in it.

    None means not typed. Raises pydantic.ValidationError, which is a ValueError.
    """
    given = {name: value for name, value in typed.items() if value is not None}
    return type(table)(**{**table.model_dump(), **given})


def remember(context: typer.Context, chosen: Chosen) -> None:
    """Keep the options typed before the command's name."""
    context.obj = chosen


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Return ``function``, whose first parameter is a Chosen, as Typer takes it.

    The global options are added behind its own, so that they are understood, and shown in its
    help, before and after the name; errors of ours end as one sentence.
    """
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

    def run(context: typer.Context, **values: Any) -> None:
        context.obj = _merged(context.obj, values)
        if context.invoked_subcommand is not None:  # one of its own, which runs instead
            return
        with plain_ending():
            function(context.obj, **values)

    parameters = [
        _parameter("context", typer.Context, inspect.Parameter.empty),
        *(_parameter(one.name, one.annotation, one.default) for one in own),
        *(_parameter(name, kind, None) for name, kind in GLOBAL_OPTIONS.items()),
    ]
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _merged(before: Chosen, values: dict[str, Any]) -> Chosen:
    """Take the global options out of ``values``; the later one wins, hosts add up."""
    archive, config, hosts = (values.pop(name) for name in GLOBAL_OPTIONS)
    return Chosen(
        archive or before.archive,
        config or before.config,
        (*before.allow_hosts, *(hosts or ())),
    )


@contextmanager
def plain_ending() -> Iterator[None]:
    """End what goes wrong in our surroundings with one sentence and its exit code."""
    try:
        yield
        sys.stdout.flush()
    except (StorylapseError, AddressError) as error:
        say(str(error))
        raise typer.Exit(_exit_code(error)) from None
    except BrokenPipeError:
        # What is still buffered goes nowhere, or Python complains again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(UNHEARD) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"{place}{error.strerror or error}. Check the file, its rights and the disk.")
        raise typer.Exit(ERROR) from None


def _exit_code(error: Exception) -> int:
    if isinstance(error, UsageError | AddressError):
        return USAGE
    return NOTHING if isinstance(error, NothingToShow) else ERROR
