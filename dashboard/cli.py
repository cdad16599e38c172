"""The command line: every command in one table, each a plain function of its own module."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable
from importlib.metadata import version as installed
from typing import Annotated

import typer

from dashboard import (
    commands_again,
    commands_alerts,
    commands_archives,
    commands_blame,
    commands_changes,
    commands_compare,
    commands_crawl,
    commands_evidence,
    commands_export,
    commands_keep,
    commands_read,
    commands_reviews,
    commands_search,
    commands_simulate,
    commands_sql,
    doctor,
)
from dashboard.options import (
    INTERRUPTED,
    AllowHostOption,
    ArchiveOption,
    Chosen,
    ConfigOption,
    command,
    remember,
)

COMMANDS: dict[str, Callable[..., None]] = {
    # in the order a newcomer meets them
    "up": commands_crawl.up,
    "watch": commands_crawl.watch,
    "unwatch": commands_crawl.unwatch,
    "pause": commands_crawl.pause,
    "resume": commands_crawl.resume,
    "list": commands_read.list_watched,
    "fetch": commands_crawl.fetch,
    "backfill": commands_archives.backfill,
    "import": commands_archives.import_files,
    "log": commands_read.log,
    "show": commands_read.show,
    "diff": commands_compare.diff,
    "blame": commands_blame.blame,
    "compare": commands_compare.compare,
    "extract": commands_compare.extract,
    "changes": commands_changes.changes,
    "alerts": commands_alerts.alerts,
    "reviews": commands_reviews.reviews,
    "search": commands_search.search,
    "sql": commands_sql.sql,
    "export": commands_export.export,
    "reread": commands_again.reread,
    "recompare": commands_again.recompare,
    "evidence": commands_evidence.evidence,
    "verify": commands_evidence.verify,
    "backup": commands_keep.backup,
    "restore": commands_keep.restore,
    "forget": commands_keep.forget,
    "merge": commands_keep.merge,
    "simulate": commands_simulate.simulate,
    "doctor": doctor.doctor,
}

OF_ALERTS: dict[str, Callable[..., None]] = {
    "dry-run": commands_alerts.dry_run,
    "test": commands_alerts.trial,
    "retry": commands_alerts.retry,
}

app = typer.Typer(
    name="storylapse",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  (Typer calls it so)
    if wanted:
        typer.echo(f"storylapse {installed('storylapse')}")
        raise typer.Exit


@app.callback()
def storylapse(
    context: typer.Context,
    *,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
    allow_host: AllowHostOption = None,
    version: Annotated[  # noqa: ARG001  (its callback does the work)
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Watch how news stories change after they are published.

    Data goes to stdout, talk to stderr. Begin with: storylapse up
    """
    remember(context, Chosen(archive, config, tuple(allow_host or ())))


for _name, _function in COMMANDS.items():
    if _function is commands_alerts.alerts:  # by itself it lists; it has commands of its own
        _alerts = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
        _alerts.callback()(command(_function))
        app.add_typer(_alerts, name=_name)
    else:
        app.command(_name)(command(_function))
for _name, _function in OF_ALERTS.items():
    _alerts.command(_name)(command(_function))


def main() -> None:
    """Run the command line; the entry point ``storylapse``."""
    if isinstance(
        sys.stdout, io.TextIOWrapper
    ):  # what the locale cannot write is no reason to stop
        sys.stdout.reconfigure(errors="backslashreplace")
    # Trouble is told on stderr; Scrapy and Twisted speak into the same log.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
