"""Outlets where the generic reader falls short: one file each, with dated layouts.

A file names the outlet's hosts and, newest last, how its pages were built: selectors for the body
and what else is worth naming. The page itself decides which layout it has: the newest one whose
body it holds. Files come with Storylapse (``crawler/layouts``) and out of a folder of the person's
own, where a file takes the place of any other for the same hosts.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from store.address import AddressError, host_of
from store.errors import ConfigError

AFTER_SCRIPTS = "<!-- Storylapse: the page after its scripts. -->\n"
"""How a kept body begins that is no longer what the server sent, but what the scripts made."""
_LARGEST_FILE = 64 * 1024  # bytes; the layouts of one outlet are a few dozen lines


def as_xpath(selector: str) -> str:
    """Return a selector as XPath: what begins with / or ( is XPath already, the rest CSS."""
    if selector.startswith(("/", "(")):
        return selector
    return HTMLTranslator().css_to_xpath(selector, prefix="//")


def _understood(selector: str) -> str:
    try:
        etree.XPath(as_xpath(selector))
    except (SelectorError, etree.XPathError) as error:
        raise ValueError(f"'{selector}' is no CSS selector or XPath ({error})") from None
    return selector


Selectors = tuple[Annotated[str, AfterValidator(_understood)], ...]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Layout(_Table):
    """[[layout]]: how an outlet's pages were built from one day on, as far as is known."""

    since: date = Field(description="A day on which pages were built so; the layout's name.")
    until: date | None = Field(None, description="The first day on which they no longer were.")
    body: Selectors = Field(description="Elements that hold the text.", min_length=1)
    headline: Selectors = Field((), description="The headline, where the page's h1 is not it.")
    standfirst: Selectors = Field((), description="The text between headline and body.")
    notes: Selectors = Field((), description="Where the outlet speaks about its own article.")
    drop: Selectors = Field((), description="Elements that are no part of the article.")
    next_page: Selectors = Field((), description="Links to the following page of an article.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError(f"until ({self.until}) is not after since ({self.since})")
        return self


class Outlet(_Table):
    """A layout file. Hosts below the ones named (www.) are meant too."""

    outlet: str = Field(description="The outlet's name.", min_length=1)
    hosts: tuple[str, ...] = Field(description="Host names without port.", min_length=1)
    layout: tuple[Layout, ...] = Field((), description="Its layouts, oldest first.")
    javascript: bool = Field(
        default=False, description="Whether its articles are there only once scripts have run."
    )

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        if not self.layout and not self.javascript:
            raise ValueError("it says nothing: give a [[layout]], or javascript = true")
        for before, after in pairwise(self.layout):
            if after.since < (before.until or before.since) or after.since == before.since:
                raise ValueError(f"the layout since {after.since} begins within the one before it")
        return self

    @property
    def stamp(self) -> str:
        """What reads this outlet's pages: first host, day of the newest layout, digest of all."""
        said = self.model_dump_json(exclude=None if self.javascript else {"javascript"})
        digest = hashlib.blake2b(said.encode(), digest_size=3).hexdigest()
        newest = self.layout[-1].since if self.layout else "javascript"
        return f"layout-{self.hosts[0]}-{newest}-{digest}"


@dataclass(frozen=True, slots=True)
class Layouts:
    """All layout files in force, by host."""

    by_host: Mapping[str, Outlet] = field(default_factory=dict)

    def of(self, address: str) -> Outlet | None:
        """Return the file for an address's host, or for the nearest name above it."""
        try:
            name = host_of(address).rpartition("]")[2].partition(":")[0]
        except AddressError:
            return None
        while name:
            if name in self.by_host:
                return self.by_host[name]
            name = name.partition(".")[2]
        return None

    def outlets(self) -> Iterator[Outlet]:
        """Yield each file once."""
        yield from {id(outlet): outlet for outlet in self.by_host.values()}.values()


@lru_cache(maxsize=1)
def packaged() -> Layouts:
    """Return the layouts that come with Storylapse."""
    return Layouts(_by_host(_files(resources.files("crawler") / "layouts")))


def load(folder: Path | None) -> Layouts:
    """Return the packaged layouts, and those of a person's own ``folder`` before them.

    Raises ConfigError, saying which file, what in it, and what to do.
    """
    if folder is None:
        return packaged()
    if not folder.is_dir():
        raise ConfigError(
            f"There is no folder {folder} for layouts. Create it, or leave out [crawl] layouts."
        )
    return Layouts({**packaged().by_host, **_by_host(_files(folder))})


def _files(folder: Traversable) -> list[Traversable]:
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sorted(found, key=lambda entry: entry.name)


def _by_host(files: Iterable[Traversable]) -> dict[str, Outlet]:
    found: dict[str, Outlet] = {}
    for file in files:
        outlet = _read(file)
        for host in outlet.hosts:
            if host.lower() in found:
                raise ConfigError(
                    f"{file}: {host} has another layout file already. Put both into one."
                )
            found[host.lower()] = outlet
    return found


def _read(file: Traversable) -> Outlet:
    try:
        text = file.read_bytes()[: _LARGEST_FILE + 1]
        if len(text) > _LARGEST_FILE:
            raise ConfigError(f"{file} is larger than {_LARGEST_FILE // 1024} KiB. Shorten it.")
        return Outlet.model_validate(tomllib.loads(text.decode("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} cannot be read: {error}. Check the file and its rights."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}. Mend that line.") from None
    except ValidationError as error:
        raise ConfigError(f"{file}: {_explained(error)}. See docs/layouts.md.") from None


def _explained(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        message = problem["msg"].removeprefix("Value error, ")
        unknown = problem["type"] == "extra_forbidden"
        lines.append(f"{where}: {'there is no such key' if unknown else message}")
    return "; ".join(lines)
