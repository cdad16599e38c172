"""Fixtures that several test files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from origin import Origin
from product import Product


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


@pytest.fixture
def product(tmp_path: Path, origin: Origin) -> Product:
    return Product(tmp_path / "archive.duckdb", (origin.host,))
