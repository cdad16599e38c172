"""JSON Lines: one line a record, nothing altered."""

from __future__ import annotations

import json
from collections.abc import Iterator

from store.archive import Archive
from store.export.dictionary import CHANGES
from store.export.tables import records
from store.selection import Selection


def write(archive: Archive, selection: Selection) -> Iterator[bytes]:
    """Yield one line of JSON in UTF-8 for each change, by the names of the data dictionary."""
    for record in records(archive, CHANGES, selection):
        yield json.dumps(record, ensure_ascii=False).encode() + b"\n"
