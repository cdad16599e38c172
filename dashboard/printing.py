"""What the terminal shows: data to stdout, talk to stderr.

On a terminal people get tables and colour (never colour alone, and none under NO_COLOR); a pipe
gets plain lines, fields parted by tabs. Text of the world passes through ``store.text.clean``, so
it can never send the terminal a control sequence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer

from store import message
from store.model import Span
from store.text import clean

_STYLES = {"removed": "strike #b35900", "added": "bold underline #1f77b4", "same": ""}


def say(sentence: str) -> None:
    """Talk: one sentence to stderr."""
    typer.echo(clean(sentence), err=True)


def line(text: str = "") -> None:
    """One line of data to stdout."""
    typer.echo(clean(text))


def field(value: object) -> str:
    """Return ``value`` as it stands in a table: one line, UTC; None is empty."""
    if isinstance(value, datetime):
        return message.moment(value)
    return "" if value is None else message.one_line(str(value))


def json_line(value: Mapping[str, Any]) -> None:
    """One JSON document on one line to stdout: UTF-8 whatever the locale, times in RFC 3339."""
    text = json.dumps(value, ensure_ascii=False, default=_json_value)
    # A lone surrogate has no UTF-8; written \udc80 it is what JSON means by it.
    typer.echo(text.encode("utf-8", "backslashreplace"))


def for_people() -> bool:
    """Whether stdout is a terminal that somebody looks at."""
    return sys.stdout.isatty()


def heading(text: str) -> None:
    """One line to stdout that stands out on a terminal."""
    from rich.console import Console  # noqa: PLC0415  (only where a person looks)
    from rich.text import Text  # noqa: PLC0415

    Console().print(Text(field(text), "bold"))


def fields(*values: object) -> None:
    """One line to stdout, its fields parted by tabs."""
    typer.echo("\t".join(map(field, values)))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows to stdout: a table on a terminal, else lines of ``fields`` without headings."""
    if not for_people():
        for row in rows:
            fields(*row)
        return
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(*headings, box=box.SIMPLE_HEAD, header_style="bold")
    shown.columns[0].no_wrap = True  # what people copy
    for row in rows:
        shown.add_row(*(Text(field(value)) for value in row))
    Console().print(shown)


def redline(spans: Sequence[Span]) -> None:
    """One redline to stdout: coloured on a terminal, ``[-old-]{+new+}`` elsewhere."""
    from rich.console import Console  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    if console.is_terminal and not console.no_color:
        runs = ((clean(span.text), _STYLES[span.op]) for span in spans)
        console.print(Padding(Text.assemble(*runs), (0, 0, 0, 4)))
    else:
        typer.echo("    " + clean(message.redline(spans, context=None)))


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on stderr; yields what to tell how much is done, of how much if known.

    Shows nothing where stderr is no terminal.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, known: bar.update(task, completed=done, total=known)


def _json_value(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.hex() if isinstance(value, bytes) else str(value)
