from __future__ import annotations

import pytest

from operations.alert_delivery import Telling
from store import alerts, health
from store.alerts import Alert, AlertKind
from store.clock import MINUTE_MS
from store.errors import PermissionDenied
from store.records import CollectorRun
from tests.builders import NOW, PLACE
from tests.dashboard.conftest import read
from tests.dashboard.desk import choose


def an_alert(**facts) -> Alert:
    return Alert(**{"place": PLACE, "name": "new#aa", "kind": AlertKind.NEW, "at": NOW, "function": "orders",
                    "fingerprint": "aa00112233445566", "error_type": "KeyError", "message": "'sku'", "queue": "dlq",
                    "count": 3, "job_id": "job-1", **facts})


class Topic:
    def publish(self, letter) -> str:
        raise PermissionDenied("Not allowed: sns:Publish on oncall.", "Give this role sns:Publish.")


def teller(desk) -> None:
    health.put_run(desk.table, CollectorRun(PLACE, "alerts", NOW, 12, 0, 0))


def test_without_alerts_the_page_says_what_would_be_here(desk, opened):
    teller(desk)
    words = read(opened("alerts"))
    assert "Nothing to tell yet" in words
    assert "Nobody is told" not in words


def test_where_nobody_is_told_the_page_says_how_to_change_that(desk, opened):
    alerts.put(desk.table, an_alert())
    page = opened("alerts")
    assert "Deploy with AlertEmail" in page.info[0].value
    assert page.dataframe[0].value["told"].iloc[0] == "– nobody is told"


def test_what_was_told_says_when_and_what_was_not_says_why(desk, opened):
    alerts.put(desk.table, an_alert())
    claimed = alerts.claim(desk.table, an_alert(), NOW)
    assert claimed is not None
    alerts.delivered(desk.table, claimed, NOW + 1_000, "message-1")
    alerts.put(desk.table, an_alert(name="dead#dlq", kind=AlertKind.DEAD_LETTERS, at=NOW + MINUTE_MS))
    Telling(desk.table, PLACE, desk.clock, Topic()).run([PLACE], lambda: 60_000)
    alerts.put(desk.table, an_alert(name="new#bb", at=NOW + 2 * MINUTE_MS))
    page = opened("alerts")
    rows = page.dataframe[0].value
    assert list(rows["what"]) == ["● New error in orders: KeyError", "● 3 dead letters in dlq",
                                  "● New error in orders: KeyError"]
    assert rows["told"].iloc[0] == "○ waits to be told"
    assert rows["told"].iloc[1].startswith("▲ tried 1 time: Not allowed: sns:Publish")
    assert rows["told"].iloc[2] == "✓ 23 Nov 18:53:21"
    assert "1 alert is not told yet" in read(page)


@pytest.mark.parametrize(("kind", "target"), [(AlertKind.NEW, "error"), (AlertKind.DEAD_LETTERS, "dead_letters"),
                                              (AlertKind.STOPPED, "redrive")])
def test_an_alert_leads_to_what_it_is_about(desk, opened, kind, target):
    alerts.put(desk.table, an_alert(kind=kind))
    page = choose(opened("alerts"), 0, 0)
    assert [link.proto.page for link in page.get("page_link")] == [target]
