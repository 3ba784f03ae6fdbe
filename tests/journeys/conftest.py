"""A demonstration built once by `csc-hub demo`, copies of it served, and one browser for all journeys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import browser
from tests.browser import Server, Watch


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `csc-hub demo` makes; never served itself."""
    folder = tmp_path_factory.mktemp("demo")
    browser.demo(folder)
    with closing(sqlite3.connect(folder / "csc.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served demonstration for the tests of one module."""
    with browser.copied(demo_folder, tmp_path_factory.mktemp("hub") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser."""
    with browser.chromium() as running:
        yield running


@pytest.fixture
def visit(chromium: Any, server: Server) -> Iterator[Any]:
    """Opens browser windows: `visit("Grace Mensah", viewport=PHONE)` is a page with her signed in. Faults fail the test."""
    watch, opened = Watch(), []

    def new(name: str | None = None, **settings: Any) -> Any:
        context = chromium.new_context(**{"viewport": browser.WIDE, "base_url": server.url, **settings})
        watch.over(context)
        opened.append(context)
        page = context.new_page()
        if name:
            browser.sign_in(page, server, name)
        return page

    new.watch = watch  # type: ignore[attr-defined]
    yield new
    for context in opened:
        context.close()
    watch.nothing_wrong()
