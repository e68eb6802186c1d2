"""A whole demo of its own and a Chromium that looks at it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from demo.cloud import clean_environment
from demo.home import ROOT
from demo.processes import wait_until

COLLECTED_S = 120
"""The first collection reads a day of history: 10 s alone on two cores, several times that beside other tests."""
PATIENCE_MS = 30_000
"""A page settles within a second alone; two cores also run the rest of the suite and a whole cloud."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class Stack:
    """A running demo: its dashboard's address and the embedded cloud's endpoint."""

    dashboard: str
    endpoint: str


def demo(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "demo", *words, "--home", str(home)], cwd=ROOT, text=True,
                          env=clean_environment(), capture_output=True, timeout=180, check=False)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("browser-demo")
    started = demo(home, "up", "--detach", "--port", "28501", "--cloud-port", "28566")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        assert wait_until(lambda: json.loads(demo(home, "status", "--json").stdout)["collected"], COLLECTED_S)
        known = json.loads(demo(home, "status", "--json").stdout)
        yield Stack(known["dashboard"], known["endpoint"])
    finally:
        stopped = demo(home, "down")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, "Chromium is missing: run `make browser`, or install it."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
