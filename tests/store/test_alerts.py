"""Alert rows: put once, claimed by one deliverer at a time, in order of time."""

from __future__ import annotations

from dataclasses import replace

from store import alerts
from store.alerts import Alert, AlertKind
from store.clock import MINUTE_MS
from store.table import Table
from tests.builders import NOW, PLACE

PRINT = "00112233aabbccdd"


def an_alert(name: str = f"new#{PRINT}", at: int = NOW) -> Alert:
    return Alert(PLACE, name, AlertKind.NEW, at, "orders", PRINT, "KeyError", "'sku'")


def waiting(table: Table) -> list[Alert]:
    return list(alerts.undelivered(table, PLACE, 10))


def test_an_alert_is_put_once_and_waits_until_it_is_delivered(table: Table):
    alert = an_alert()
    assert alerts.put(table, alert)
    assert not alerts.put(table, alert)
    assert alerts.stands(table, PLACE, alert.name)
    assert waiting(table) == [alert]
    claimed = alerts.claim(table, alert, NOW + MINUTE_MS)
    assert claimed is not None
    assert waiting(table) == [claimed]
    assert alerts.delivered(table, claimed, NOW + 7, "message-1")
    assert waiting(table) == []
    (kept,) = alerts.newest(table, PLACE, 10)
    assert (kept.delivered_at, kept.told_as, kept.attempts) == (NOW + 7, "message-1", 1)


def test_one_deliverer_claims_it_and_a_stale_reading_claims_nothing(table: Table):
    alert = an_alert()
    alerts.put(table, alert)
    claimed = alerts.claim(table, alert, NOW + MINUTE_MS)
    assert claimed is not None
    assert alerts.claim(table, alert, NOW + MINUTE_MS) is None
    alerts.delivered(table, claimed, NOW, "message-1")
    assert alerts.claim(table, alert, NOW + MINUTE_MS) is None


def test_whoever_was_overtaken_neither_marks_it_nor_puts_it_off(table: Table):
    alert = an_alert()
    alerts.put(table, alert)
    slow = alerts.claim(table, alert, NOW)
    assert slow is not None
    assert alerts.claim(table, slow, NOW + MINUTE_MS) is not None
    assert not alerts.delivered(table, slow, NOW, "message-1")
    assert not alerts.put_off(table, slow, NOW, "denied")
    assert [alert.problem for alert in waiting(table)] == [None]


def test_a_refused_one_keeps_waiting_with_its_reason(table: Table):
    alerts.put(table, an_alert())
    claimed = alerts.claim(table, an_alert(), NOW)
    assert claimed is not None
    alerts.put_off(table, claimed, NOW + MINUTE_MS, "Not allowed: sns:Publish.")
    assert waiting(table) == [replace(claimed, retry_at=NOW + MINUTE_MS, problem="Not allowed: sns:Publish.")]


def test_the_newest_come_first_whether_they_were_told_or_not(table: Table):
    for number in range(4):
        alerts.put(table, an_alert(f"new#{number}", NOW + number))
    claimed = alerts.claim(table, an_alert("new#1", NOW + 1), NOW)
    assert claimed is not None
    alerts.delivered(table, claimed, NOW + 9, "message-1")
    assert [alert.name for alert in alerts.newest(table, PLACE, 3)] == ["new#3", "new#2", "new#1"]


def test_its_number_names_the_same_alert_everywhere():
    assert an_alert().id == replace(an_alert(), attempts=3, problem="denied").id
    assert an_alert().id != an_alert("new#other").id
