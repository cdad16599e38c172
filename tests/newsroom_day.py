"""The newsroom's whole day through the real product, with real receivers of its alerts.

    python tests/newsroom_day.py

plays it, and prints what each receiver got of what the day brought, as one JSON object.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from crawler.deliver import Channel, Postman
from crawler.newsroom.server import Newsroom
from crawler.newsroom.stories import load, oracle
from product import Product
from receivers import Mailbox, Ntfy, Sink
from store.archive import Archive, open_archive

OPENED = datetime(2026, 5, 14, 9, 0, tzinfo=UTC)
EXPECTED = oracle(load())
# Two passes at each stage: a removal is believed at its second look.
PASSES = 2
EVERYTHING = "everything"
_CONFIG = """
[[alerts.rules]]
name = "corrections and removals"
channels = ["desk"]

[[alerts.rules]]
name = "everything"
kinds = []
channels = ["mail", "hook", "push"]
"""


class Day:
    """A newsroom whose clock the test turns, an archive that watched it, and who was told."""

    def __init__(self, folder: Path) -> None:
        self.now = OPENED
        self.newsroom = Newsroom(OPENED, lambda: self.now)
        self.mail, self.hook, self.push, self.desk = Mailbox(), Sink(), Ntfy(), Sink()
        self._held = ExitStack()
        self.product = Product(folder / "day.duckdb", (self.newsroom.host,))
        channels = (
            f'[[alerts.channels]]\nname = "{name}"\nurl = "{address}"\n'
            for name, address in self.addresses().items()
        )
        (folder / "storylapse.toml").write_text(_CONFIG + "".join(channels))

    def __enter__(self) -> Self:
        for receiver in (self.mail, self.hook, self.push, self.desk):
            self._held.enter_context(receiver)
        self.newsroom.start()
        self._held.callback(self.newsroom.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def addresses(self) -> dict[str, str]:
        """The channels' addresses by their names."""
        receivers = {"mail": self.mail, "hook": self.hook, "push": self.push, "desk": self.desk}
        return {name: receiver.address for name, receiver in receivers.items()}

    def pass_by(self) -> None:
        """Watch from morning to evening, and deliver what was held for its five minutes."""
        self.product.run("watch", *self.newsroom.feeds)
        self.product.run("fetch", "--all")
        for expected in EXPECTED:
            self.now = OPENED + timedelta(seconds=expected.after_seconds + 1)
            for _ in range(PASSES):
                self.product.run("fetch", "--all")
        later = datetime.now(UTC) + timedelta(hours=1)
        channels = {name: Channel(address) for name, address in self.addresses().items()}
        with Postman(self.archive(), channels, lambda: later) as postman:
            postman.tick()
            postman.finish()

    def archive(self) -> Archive:
        return open_archive(self.product.archive)

    def messages(self) -> dict[str, list[str]]:
        """The texts that each receiver took of the rule that tells everything."""
        return {
            "mail": [one.get_body(("plain",)).get_content() for one in self.mail.messages],
            "hook": [content["message"] for _, content in self.hook.taken],
            "push": [content["message"] for _, content in self.push.taken],
        }

    def figures(self) -> dict[str, int | Mapping[str, int]]:
        """What the day brought, and of each receiver what it was told of that."""
        rows = self.archive().query("FROM alert_list WHERE rule = ?", [EVERYTHING])
        bodies = [_plain(row["body"]) for row in rows]
        told: dict[str, int | Mapping[str, int]] = {"changes": len(EXPECTED), "alerts": len(rows)}
        return told | {
            name: _told(bodies, [_plain(text) for text in texts])
            for name, texts in self.messages().items()
        }


def _told(bodies: list[str], messages: list[str]) -> dict[str, int]:
    times = Counter({body: sum(message.count(body) for message in messages) for body in bodies})
    said = sum(message.count(f"The rule “{EVERYTHING}” fired because") for message in messages)
    return {
        "messages": len(messages),
        "told_once": sum(count == 1 for count in times.values()),
        "missed": sum(count == 0 for count in times.values()),
        "twice": sum(count > 1 for count in times.values()),
        "invented": said - sum(times.values()),
    }


def _plain(text: str) -> str:
    """A text without what channels put into it so that nothing in it is obeyed."""
    return " ".join(text.replace("\u200b", "").split())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Day(Path(folder)) as day:
        day.pass_by()
        print(json.dumps(day.figures()))
    sys.exit(0)
