"""A real Chromium for the pages: the system's own, found by PATH; no browser is ever fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.place import Place, placed
from tests.conftest import HandClock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def started(path: str, *wishes: str) -> Iterator[Browser]:
    """`wishes` are further words of Chromium's command line."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--disable-gpu", "--disable-background-networking", *wishes]
        )
        yield browser
        browser.close()


def found_chromium() -> str:
    """Its path; the test is left out where there is none."""
    pytest.importorskip(
        "playwright", reason='the browser suite needs its packages: set SCHOOLGATE_EXTRAS="test browser"'
    )
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("the browser suite needs Chromium; install it, on Debian with: apt install chromium")
    return path


@pytest.fixture(
    scope="module"
)  # Playwright keeps an event loop running, on which no other test could run its own
def chromium() -> Iterator[Browser]:
    with started(found_chromium()) as browser:
        yield browser


@pytest.fixture
def place(chromium: Browser, tmp_path: Path, clock: HandClock) -> Iterator[Place]:
    with placed(chromium, tmp_path, clock) as opened:
        yield opened
