"""The README's pictures, taken of a running demo: `python -m docs.pictures`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
PAGES = {"overview": "", "dead-letters": "dead_letters?queue=orders-fulfilment-dlq"}
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Take each picture at 1440×900. Exits with a sentence when no demo runs or no browser is found."""
    known = json.loads(subprocess.run([sys.executable, "-m", "demo", "status", "--json"], text=True,
                                      capture_output=True, check=False).stdout)
    if not known["collected"]:
        sys.exit("Start the demo first, and let its first collection end: make demo.")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("Chromium is missing: run `make browser`, or install it.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=QUIET)
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        for name, path in PAGES.items():
            take(page, f"{known['dashboard']}/{path}", FOLDER / f"{name}.png")
        chromium.close()


def take(page: Page, address: str, target: Path) -> None:
    page.goto(address)
    page.wait_for_selector(SETTLED)
    page.locator('[data-testid="stDataFrame"] canvas').first.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target)


if __name__ == "__main__":
    main()
