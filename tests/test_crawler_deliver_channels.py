"""Where alerts go: the addresses of channels, their pace, and their secrets."""

import os
from datetime import time as clock_time
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.deliver import (
    channel_addresses,
)
from receivers import SECRET
from store.config import AlertsConfig, ChannelConfig
from store.errors import ConfigError
from store.pacing import Pace

# -- channels --------------------------------------------------------------------------------


def addresses(environ=None, **channel) -> dict[str, str]:
    config = AlertsConfig(channels=(ChannelConfig(name="desk", **channel),))
    found = channel_addresses(config, environ or {})
    return {name: one.address for name, one in found.items()}


def test_an_address_comes_from_the_file_the_environment_or_a_file_of_its_own(tmp_path):
    assert addresses(url="json://a.test/x") == {"desk": "json://a.test/x"}
    assert addresses({"DESK": "json://b.test "}, url_env="DESK") == {"desk": "json://b.test"}
    file = tmp_path / "desk.url"
    file.write_text("json://c.test\n")
    file.chmod(0o600)
    assert addresses(url_file=file) == {"desk": "json://c.test"}


def test_a_secret_file_that_others_can_read_is_refused_with_the_remedy(tmp_path):
    file = tmp_path / "desk.url"
    file.write_text(f"json://{SECRET}.test")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        addresses(url_file=file)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ({}, "exactly one of url, url_env and url_file"),
        ({"url": "json://a", "url_env": "B"}, "exactly one of"),
        ({"url_env": "UNSET"}, "UNSET, which is not set"),
        ({"url_file": "/nowhere/desk.url"}, "cannot be read"),
        ({"url": f"nonsense://{SECRET}"}, "none that Apprise knows"),
    ],
)
def test_a_channel_that_cannot_be_used_is_refused_without_repeating_its_address(channel, said):
    with pytest.raises(ConfigError, match=said) as caught:
        addresses(**channel)
    assert SECRET not in str(caught.value)
    assert "desk" in str(caught.value)


def test_two_channels_of_one_name_are_refused():
    channels = tuple(ChannelConfig(name="desk", url="json://a.test") for _ in range(2))
    with pytest.raises(ConfigError, match="rename one"):
        channel_addresses(AlertsConfig(channels=channels), os.environ)


def test_the_pace_of_a_channel_comes_from_the_configuration():
    channel = ChannelConfig(
        name="desk",
        url="json://a.test",
        digest_minutes=15,
        quiet="22:00-07:00",
        time_zone="Europe/Berlin",
        most_per_hour=4,
    )
    (found,) = channel_addresses(AlertsConfig(channels=(channel,)), {}).values()
    night = (clock_time(22), clock_time(7))
    held = timedelta(minutes=5)
    assert found.pace == Pace(timedelta(minutes=15), night, ZoneInfo("Europe/Berlin"), 4, held)
    assert "a.test" not in repr(found)
