"""Fixtures that several test files share."""

from __future__ import annotations

import io
import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from origin import Origin
from product import Product
from receivers import Mailbox, Sink


def pytest_configure() -> None:
    """Let programs be interrupted: a shell's background job has them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


@pytest.fixture
def product(tmp_path: Path, origin: Origin) -> Product:
    return Product(tmp_path / "archive.duckdb", (origin.host,))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with Mailbox() as box:
        yield box


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that reaches the root logger, as a log file would hold it."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
