"""What a person does in the dashboard, and how a test knows that the page has settled. Nothing sleeps."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
ROW_PX = 31
"""Height of a row of a table under the theme's 14 px base font; the header is one row high."""


def settle(page: Page) -> None:
    """Wait until no script runs for this page."""
    page.wait_for_selector(SETTLED)
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0)


def visit(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def go(page: Page, name: str, address: str) -> None:
    """Follow a link to an address. A click that meets a timed rerun of the page it leaves is forgotten by Streamlit
    (the later of two pending reruns names the page), so it is made again, as a person would."""
    link = page.get_by_role("link", name=name).first
    for patience_ms in (5_000, 10_000, 15_000):
        link.click()
        try:
            page.wait_for_url(re.compile(address), timeout=patience_ms)
            break
        except PlaywrightTimeout:
            continue
    expect(page).to_have_url(re.compile(address))
    settle(page)


def table(page: Page, name: str) -> Locator:
    """The table that calls itself this."""
    found = page.get_by_role("region", name=name, exact=True)
    expect(found.locator("canvas").first).to_be_visible()
    return found


def pick(page: Page, name: str, row: int) -> None:
    """Click the selection box of a row (0 is the first): the cells are drawn on a canvas."""
    found = table(page, name)
    found.scroll_into_view_if_needed()
    found.click(position={"x": 16, "y": ROW_PX * (row + 1) + ROW_PX / 2})
    settle(page)


def button(page: Page, label: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"{re.escape(label)}$"))


def cell(page: Page, name: str, text: str) -> Locator:
    """A cell of a table by its text, from the table's description for screen readers."""
    return table(page, name).get_by_role("gridcell", name=text, include_hidden=True)
