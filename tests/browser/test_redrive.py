"""From "is anything wrong?" to "it is processed", with real clicks on a real stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import boto3
import pytest
from playwright.sync_api import Page, expect

from demo.cloud import ACCOUNT, REGION
from demo.processes import wait_until
from store import audit_log, dead_letters, jobs
from store.clock import wall_clock
from store.records import Place
from store.recovery import LetterState, Outcome
from store.table import Table
from tests.browser.conftest import Stack
from tests.browser.steps import button, cell, go, pick, settle, visit

pytestmark = pytest.mark.browser
HERE = Place(ACCOUNT, REGION)
DEAD = "orders-fulfilment-dlq"
REASON = "the warehouse is back, shipping what waited"
OUTAGE_S = 90
"""The demo's warehouse is down for about half a minute; its orders die within seconds after their third receive."""
OUTCOME_S = 150
"""The log collector runs every minute and marks what it saw processed; the worker closes the job a minute later."""


@pytest.fixture(scope="module")
def dynamodb(stack: Stack) -> Iterator[object]:
    client = boto3.Session(ACCOUNT, "demo", region_name=REGION).client("dynamodb", endpoint_url=stack.endpoint)
    yield client
    client.close()


@pytest.fixture(scope="module")
def ops(dynamodb) -> Table:
    return Table(dynamodb, "lamplight", wall_clock)


def warehouse_is_up(dynamodb) -> bool:
    item = dynamodb.get_item(TableName="orders-orders", Key={"pk": {"S": "WAREHOUSE"}}).get("Item", {})
    return bool(item.get("status", {}).get("S") == "up")


def shippable(ops: Table) -> list[str]:
    """Message ids of orders that died in the outage and would be shipped now."""
    letters = dead_letters.dead_in_queue(ops, HERE, DEAD)
    return [letter.message_id for letter in letters if '"sku":' in letter.body and '"order_id":' in letter.body]


def test_a_failing_function_leads_to_its_error_in_a_few_clicks(page: Page, stack: Stack):
    visit(page, stack.dashboard)
    expect(page.get_by_text("Needs attention")).to_be_visible()
    page.get_by_role("link", name="checkout-api").first.click()
    page.wait_for_url(re.compile(r"/function\?.*name=checkout-api"))
    settle(page)
    pick(page, "Error groups, most frequent first", 0)
    page.get_by_role("link", name=re.compile("Open TypeError")).click()
    page.wait_for_url(re.compile(r"/error\?"))
    settle(page)
    expect(page.get_by_text(re.compile("TypeError: Cannot read properties of undefined")).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"at \S+ \(.*\.m?js:\d+:\d+\)")).first).to_be_visible()


def test_two_dead_letters_are_redriven_and_processed(page: Page, stack: Stack, ops: Table, dynamodb):
    assert wait_until(lambda: warehouse_is_up(dynamodb) and len(shippable(ops)) >= 2, OUTAGE_S)
    visit(page, stack.dashboard)
    go(page, "Dead letters", r"/dead_letters")
    page.get_by_placeholder(re.compile("Filter by body")).fill('"order_id": "sku":')
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Select all \d+ shown"))).to_be_visible()
    settle(page)
    pick(page, "Dead letters", 0)
    pick(page, "Dead letters", 1)
    button(page, "Redrive 2 messages…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("2 will run: back to the queue orders-fulfilment")).to_be_visible()
    dialog.get_by_role("textbox", name="Reason").fill(REASON)
    dialog.get_by_role("button", name="Redrive 2 messages").dblclick()

    page.wait_for_url(re.compile(r"/redrive\?.*id="))
    settle(page)
    page.reload()  # in the middle: the page finds its job again
    settle(page)
    expect(page.get_by_text(f"Redrive of 2 messages from {DEAD}")).to_be_visible()
    expect(page.get_by_text(re.compile("Sent or put aside: 2 of 2"))).to_be_visible(timeout=30_000)
    expect(page.get_by_text(re.compile("Outcome known: 2 of 2"))).to_be_visible(timeout=OUTCOME_S * 1000)
    expect(page.get_by_text(re.compile("2 messages: 2 succeeded")).first).to_be_visible()

    (job,) = jobs.recent(ops, HERE)  # a double click made one
    assert job.id in page.url
    assert (job.total, job.reason) == (2, REASON)
    for result in jobs.results(ops, job.id):
        assert result.outcome is Outcome.SUCCEEDED
        assert "processed by orders-fulfil" in result.detail
        assert order_of(ops, dynamodb, result.letter.rpartition("/")[2]) == "fulfilled"

    assert wait_until(lambda: audit_log.entries(ops, HERE, wall_clock())[0].outcome is not None, OUTCOME_S)
    go(page, "Audit", r"/audit")
    expect(cell(page, "Audit entries, newest first", REASON)).to_have_count(1)
    expect(cell(page, "Audit entries, newest first", "redrive")).to_have_count(1)


def order_of(ops: Table, dynamodb, message_id: str) -> str:
    """The status of the order a message carried, in the orders service's own table."""
    letter = dead_letters.get(ops, HERE, DEAD, message_id)
    assert letter is not None
    assert letter.state is LetterState.SUCCEEDED
    order_id = json.loads(letter.body)["order_id"]
    item = dynamodb.get_item(TableName="orders-orders", Key={"pk": {"S": f"ORDER#{order_id}"}})["Item"]
    return str(item["status"]["S"])


def test_a_pasted_link_shows_the_same_view(page: Page, stack: Stack):
    visit(page, f"{stack.dashboard}/dead_letters?queue={DEAD}&q=nothing-holds-this-word")
    expect(page.get_by_text("Nothing matches this filter")).to_be_visible()
    visit(page, f"{stack.dashboard}/function?name=cart-api&range=12h")
    expect(page.get_by_role("heading", name="cart-api")).to_be_visible()
    expect(page.get_by_role("radio", name="12h")).to_be_checked()
