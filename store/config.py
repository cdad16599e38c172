"""The one TOML file, and the environment, to one frozen value.

Precedence: command line, then environment (``STORYLAPSE__CRAWL__TIMEOUT_SECONDS``),
then the file, then the defaults here. Unknown keys are errors.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from store.errors import ConfigError

DEFAULT_CONFIG = Path("storylapse.toml")
DEFAULT_ARCHIVE = Path("storylapse.duckdb")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CrawlConfig(_Table):
    """[crawl]: how we fetch."""

    user_agent: str = Field(
        "Storylapse/0.1 (news change tracker; set [crawl] user_agent to your contact)",
        description="Sent with every request; say who you are and how to reach you.",
        min_length=3,
    )
    allow_hosts: tuple[str, ...] = Field(
        (),
        description="Private addresses the crawler may reach, each an exact HOST:PORT. "
        "They are taken to be yours: no pause between requests.",
    )
    seconds_between_requests: float = Field(
        5.0, ge=0, le=3600, description="Pause between two requests to one host."
    )
    requests_per_day: int = Field(
        5_000,
        ge=10,
        description="Budget of each host for a day; looks go where they are worth most within it.",
    )
    concurrent_requests: int = Field(
        16, ge=1, le=256, description="Requests under way at once, over all hosts."
    )
    timeout_seconds: float = Field(20.0, gt=0, le=300, description="The longest one request lasts.")
    largest_body_bytes: int = Field(
        8 * 2**20, ge=2**16, description="A larger answer is refused, before and after unpacking."
    )
    websub_address: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#@]+(?:/[^\s?#@]*)?$",
        description="Where the hubs of feeds reach this instance from outside, as "
        "https://news.example; hubs then tell when a feed changes. Off without it.",
    )
    parser_workers: int = Field(
        2, ge=1, le=64, description="Child processes that read pages, apart from the crawl."
    )
    layouts: Path | None = Field(
        None, description="A folder of layout files of your own (docs/layouts.md)."
    )

    @field_validator("allow_hosts")
    @classmethod
    def _host_and_port(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            name, _, port = host.rpartition(":")
            if not name or not port.isdigit() or not 0 < int(port) < 65536:
                raise ValueError(f"'{host}' is not HOST:PORT, for example 127.0.0.1:8899")
        return tuple(host.lower() for host in hosts)


class DashboardConfig(_Table):
    """[dashboard]: where people look."""

    host: str = Field("127.0.0.1", description="The address the dashboard listens on.")
    port: int = Field(8501, ge=0, le=65535, description="Its port; 0 takes any free one.")
    public_address: str | None = Field(
        None, description="How others reach the dashboard; used in the links of alerts and feeds."
    )
    people: tuple[str, ...] = Field(
        (),
        description="Mail addresses, or @domains, that may sign in; empty lets in whomever the "
        "provider signs in.",
    )
    key: SecretStr | None = Field(
        None,
        min_length=16,
        description="What feeds and the API ask for where people sign in; without it they are "
        "closed then.",
    )

    @property
    def link_base(self) -> str:
        """How links to the dashboard begin, without a slash at the end."""
        return (self.public_address or f"http://{self.host}:{self.port}").rstrip("/")


class NewsroomConfig(_Table):
    """[newsroom]: the bundled practice site."""

    enabled: bool = Field(
        default=True, description="Track the newsroom while nothing else is tracked."
    )
    port: int = Field(8533, ge=0, le=65535, description="Its port on loopback.")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"'{name}' is no time zone; write one such as Europe/Berlin") from None
    return name


def _hours(written: str) -> str:
    if not _HOURS.fullmatch(written):
        raise ValueError(f"'{written}' are no hours; write such as 22:00-07:00")
    return written


def _hours_or_none(written: str) -> str:
    return written and _hours(written)


_HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")
_Hours = Annotated[str, AfterValidator(_hours)]
_HoursOrNone = Annotated[str, AfterValidator(_hours_or_none)]
_Zone = Annotated[str, AfterValidator(_known_zone)]
_Minutes = Annotated[int, Field(ge=0, le=1440)]
_Count = Annotated[int, Field(ge=0)]


class ChannelConfig(_Table):
    """[[alerts.channels]]: where alerts go, as an Apprise address. Treated as a secret."""

    name: str = Field(description="What rules and logs call it.", min_length=1)
    url: SecretStr | None = Field(None, description="An Apprise address.")
    url_env: str | None = Field(None, description="The environment variable that holds it.")
    url_file: Path | None = Field(None, description="The file that holds it.")
    digest_minutes: _Minutes = Field(
        0, description="Gather alerts for so long and send them as one; 0 does not."
    )
    hold_minutes: _Minutes = Field(
        5, description="Hold an article's first change for so long, so that a burst is one message."
    )
    quiet: _Hours | None = Field(
        None,
        description="Hours in which nothing is sent, as 22:00-07:00; told as one at their end.",
    )
    time_zone: _Zone = Field("UTC", description="The zone of the quiet hours, as Europe/Berlin.")
    most_per_hour: _Count = Field(
        0, description="The last message of the hour takes all beyond so many; 0: no limit."
    )
    card: bool = Field(
        default=False,
        description="Send a picture of the change along, where the service takes one.",
    )


class RuleConfig(_Table):
    """[[alerts.rules]]: what to be told about. Without any rule the default one holds."""

    name: str = Field(description="What the alert says fired.", min_length=1)
    kinds: tuple[str, ...] = Field(
        ("correction", "clarification", "retraction", "removed"),
        description="Kinds of change or event; empty means any.",
    )
    least_significance: float = Field(0.0, ge=0, le=1, description="Nothing below it.")
    outlets: tuple[str, ...] = Field((), description="Outlet names or hosts; empty means any.")
    words: tuple[str, ...] = Field(
        (), description="Words, one of which must stand in the changed span; empty means any."
    )
    pattern: str | None = Field(
        None,
        min_length=1,
        description="A regular expression that must be found in the changed span (docs/alerts.md).",
    )
    sources: tuple[str, ...] = Field(
        (), description="Addresses of sources that offered the article; empty means any."
    )
    stories: tuple[str, ...] = Field((), description="Names of [[stories]]; empty means any.")
    channels: tuple[str, ...] = Field((), description="Channel names; empty means all.")
    digest_minutes: _Minutes | None = Field(
        None, description="As of a channel, for this rule; this and what follows counts alone."
    )
    hold_minutes: _Minutes | None = Field(None, description="As of a channel, for this rule.")
    quiet: _HoursOrNone | None = Field(
        None, description='As of a channel, for this rule; "" has no quiet hours.'
    )
    time_zone: _Zone | None = Field(None, description="As of a channel, for this rule.")
    most_per_hour: _Count | None = Field(None, description="As of a channel, for this rule.")


class AlertsConfig(_Table):
    """[alerts]: rules and channels, and who is told when the watching itself is in trouble."""

    owner: tuple[str, ...] = Field(
        (), description="Channels told of trouble with the watching itself; empty means all."
    )
    rules: tuple[RuleConfig, ...] = ()
    channels: tuple[ChannelConfig, ...] = ()


class StoryConfig(_Table):
    """[[stories]]: articles that tell the same events, under one name."""

    name: str = Field(description="What --story and searches call it.", min_length=1)
    articles: tuple[str, ...] = Field(
        description="Addresses, or ids as `list` shows them.", min_length=1
    )


class SearchConfig(_Table):
    """[[searches]]: a selection of changes under one name."""

    name: str = Field(description="What --search calls it.", min_length=1)
    articles: tuple[str, ...] = Field((), description="Addresses or ids; empty means any.")
    stories: tuple[str, ...] = Field((), description="Names of stories; empty means any.")
    outlets: tuple[str, ...] = Field((), description="Outlets, as `list` shows them.")
    kinds: tuple[str, ...] = Field((), description="Kinds of change, event or label.")
    since: str | None = Field(None, description="As --since: 7d, or a date or time (UTC).")
    until: str | None = Field(None, description="As --until.")
    held: bool = Field(default=False, description="Also what is held back as noise.")


class Config(BaseSettings):
    """Everything a person can set."""

    model_config = SettingsConfigDict(
        env_prefix="STORYLAPSE__", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    archive: Path = Field(DEFAULT_ARCHIVE, description="The archive file.")
    keep_responses_days: int | None = Field(
        None,
        ge=1,
        description="How long responses are kept, in days; those of the states articles are in now "
        "stay. Texts, checks, digests and findings are kept for ever, as everything is without it.",
    )
    crawl: CrawlConfig = CrawlConfig()
    dashboard: DashboardConfig = DashboardConfig()
    newsroom: NewsroomConfig = NewsroomConfig()
    alerts: AlertsConfig = AlertsConfig()
    stories: tuple[StoryConfig, ...] = ()
    searches: tuple[SearchConfig, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (the signature is pydantic's)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as init values."""
        return env_settings, init_settings


def load_config(file: Path | None = None, archive: Path | None = None) -> Config:
    """Read the configuration.

    ``file`` and ``archive`` come from the command line; else ``STORYLAPSE_CONFIG`` and
    ``STORYLAPSE_ARCHIVE``; else ``storylapse.toml`` where it exists, and the defaults.

    Raises ConfigError when the file is missing, is no TOML, or holds an unknown or wrong value.
    """
    named = file or _environment_path("STORYLAPSE_CONFIG")
    place = named or DEFAULT_CONFIG
    values = _read_toml(place) if named or place.exists() else {}
    try:
        config = Config(**values)
    except ValidationError as error:
        raise ConfigError(_explain(error, place)) from None
    chosen = archive or _environment_path("STORYLAPSE_ARCHIVE") or config.archive
    return config.model_copy(update={"archive": chosen})


def _environment_path(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _read_toml(place: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no configuration file at {place}. Create it, or leave out --config."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{place} cannot be read: {error}. Check the file and its rights."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place} is not valid TOML: {error}. Mend that line.") from None


def _explain(error: ValidationError, place: Path) -> str:
    lines = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown setting '{where}'{_suggestion(problem['loc'])}")
        else:
            lines.append(f"{where}: {words_of(problem)}")
    return f"{place} (or the environment): " + "; ".join(lines) + ". See docs/operating.md."


def words_of(problem: Mapping[str, Any]) -> str:
    """Return what pydantic found wrong, in the words of whoever checked it."""
    return str(problem["msg"]).removeprefix("Value error, ")


def _suggestion(location: tuple[int | str, ...]) -> str:
    model: Any = Config
    for part in location[:-1]:
        known = getattr(model, "model_fields", {}).get(part)
        if known is None:
            return ""
        model = known.annotation
    names = list(getattr(model, "model_fields", {}))
    close = difflib.get_close_matches(str(location[-1]), names, n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""
