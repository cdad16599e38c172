"""The command that replays real change times: what each policy would have kept, and how late."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard import printing
from dashboard.options import Chosen, JsonOption, NothingToShow, UsageError

if TYPE_CHECKING:
    from crawler.simulate import History
    from crawler.trials import Standing
    from store.archive import Archive

_HORIZON_DAYS = 365
_BUDGETS = [6.0, 12.0, 24.0]
_FEWEST = 50
"""Changes below which shares and intervals say nothing."""


def simulate(
    chosen: Chosen,
    tables: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="TABLE",
            help="Tables of change times (CSV, .gz too); without one, the archive's own changes.",
        ),
    ] = None,
    *,
    looks: Annotated[
        list[float], typer.Option(help="Looks for each article; repeatable.", min=1.5, max=500)
    ] = _BUDGETS,
    last: Annotated[
        float, typer.Option(help="Only this last share of each table's articles.", min=0.01, max=1)
    ] = 1.0,
    corrections: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ages of corrections in hours (CSV): who notices them?"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws behind the intervals.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Replay real change times: how this crawler's policy and others would have done.

    Every policy spends the same number of looks. Nothing is fetched.
    """
    knobs: dict[str, float] = {}
    for name, history in _histories(chosen, tables or []):
        part = history.take(_last_rows(len(history), last))
        if (changes := _changes(part)) < _FEWEST:
            raise NothingToShow(
                f"{name} holds {changes} changes, too few to compare policies on; "
                f"{_FEWEST} are the least."
            )
        printing.say(f"{name}: {len(part)} articles, {changes} changes.")
        for budget in looks:
            found = _trial(part, budget, seed)
            knobs = knobs or {standing.family: standing.knob for standing in found}
            _show(name, budget, found, as_json=as_json)
    if corrections is not None:
        _show_corrections(corrections, looks[0], knobs, as_json=as_json)


def _histories(chosen: Chosen, tables: Sequence[Path]) -> Iterator[tuple[str, History]]:
    from crawler.simulate import read_history  # noqa: PLC0415

    if not tables:
        _, archive = chosen.open()
        yield str(archive.path), _own(archive)
    for table in tables:
        yield table.name, _read(read_history, table)


def _read(reader: Callable[[Path], History], table: Path) -> History:
    try:
        return reader(table)
    except FileNotFoundError:
        raise UsageError(f"There is no file {table}; check its name.") from None
    except (OSError, EOFError, ValueError) as error:
        raise UsageError(f"{table} cannot be replayed: {error}") from error


def _own(archive: Archive) -> History:
    """What the archive saw change: each change at the middle of the interval it lies in."""
    from crawler.simulate import make_history  # noqa: PLC0415

    articles = archive.query(
        """SELECT article_id, host, least(added_at, first_read_at) AS born, first_read_at,
                  last_check_at
           FROM article_list WHERE first_read_at IS NOT NULL ORDER BY article_id"""
    )
    changed: dict[int, list[float]] = {row["article_id"]: [] for row in articles}
    for row in archive.query(
        """SELECT article_id, checked_before_at AS before, seen_first_at AS after
           FROM version_list WHERE checked_before_at IS NOT NULL"""
    ):
        middle = (row["before"].timestamp() + row["after"].timestamp()) / 2
        changed.get(row["article_id"], []).append(middle)
    return make_history(
        [row["born"].timestamp() for row in articles],
        [row["first_read_at"].timestamp() for row in articles],
        [row["last_check_at"].timestamp() for row in articles],
        [row["host"] for row in articles],
        changed.values(),
    )


def _last_rows(count: int, share: float) -> Any:
    import numpy as np  # noqa: PLC0415

    return np.arange(count - round(share * count), count)


def _changes(history: History) -> int:
    import numpy as np  # noqa: PLC0415

    return int(np.isfinite(history.changes).sum())


def _trial(history: History, budget: float, seed: int) -> list[Standing]:
    import numpy as np  # noqa: PLC0415

    from crawler import rivals, trials  # noqa: PLC0415

    families = trials.families_at(budget)
    with printing.progress(f"{budget:g} looks for each article") as tell:
        done = iter(range(1, len(families) + 1))
        found = trials.standings(
            history,
            budget,
            families,
            np.random.default_rng(seed),
            progress=lambda: tell(next(done), len(families)),
        )
    bounds = (("GDELT", rivals.gdelt), ("clairvoyant", rivals.clairvoyant))
    return found + [
        trials.as_it_is(history, name, trials.by_rule(rule), 1.0) for name, rule in bounds
    ]


def _show(table: str, budget: float, found: Sequence[Standing], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            printing.json_line({"table": table, "budget": budget} | asdict(one))
        return
    printing.line(f"{table}, {budget:g} looks for each article")
    printing.table(_HEADINGS, map(_row, found))


_HEADINGS = (
    "Policy", "Looks", "Kept", "Brief kept", "p50", "p90", "p95", "Mean", "Looks/version",
    "Kept more than News Sniffer", "Mean delay beside it",
)  # fmt: skip


def _row(one: Standing) -> tuple[str, ...]:
    return (
        one.family,
        f"{one.looks:.1f}",
        f"{one.kept:.3f}",
        f"{one.brief_kept:.3f}",
        *map(_minutes, (one.p50, one.p90, one.p95)),
        _minutes(one.mean),
        f"{one.looks_per_version:.1f}",
        _interval(one.more_kept, "points"),
        _interval(one.waits_longer, "%"),
    )


def _minutes(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


def _interval(interval: tuple[float, float, float] | None, unit: str) -> str:
    if interval is None or interval == (0.0, 0.0, 0.0):
        return ""
    low, middle, high = (100 * value for value in interval)
    return f"{middle:+.1f} {unit} [{low:+.1f}, {high:+.1f}]"


def _show_corrections(file: Path, budget: float, knobs: dict[str, float], *, as_json: bool) -> None:
    """Say which policies notice late corrections, each with its knob as first turned above."""
    from crawler import rivals, trials  # noqa: PLC0415
    from crawler.simulate import read_corrections  # noqa: PLC0415

    history = _read(lambda path: read_corrections(path, _HORIZON_DAYS * 86_400.0), file)
    families = trials.families_at(budget) | {"GDELT": trials.by_rule(rivals.gdelt)}
    rows = [
        trials.as_it_is(history, name, families[name], knob)
        for name, knob in knobs.items()
        if name in families and "told" not in name
    ]
    if as_json:
        for one in rows:
            printing.json_line({"table": file.name, "days": _HORIZON_DAYS} | asdict(one))
        return
    printing.line(f"{file.name}: corrections noticed within {_HORIZON_DAYS} days")
    printing.table(
        ("Policy", "Looks", "Noticed", "Median wait (hours)"),
        [
            (one.family, f"{one.looks:.1f}", f"{one.kept:.3f}", _minutes(one.p50 and one.p50 / 60))
            for one in rows
        ],
    )
