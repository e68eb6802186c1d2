"""What is told of an error group: the first time, and when it comes back."""

from __future__ import annotations

from collectors import noticing
from store import alerts, error_groups, functions, triage
from store.alerts import AlertKind
from store.records import Deploy, Status
from store.triage import Triage, TriageState
from tests.builders import NOW, PLACE, an_invocation
from tests.collectors.memory import Killed, MemoryTable

NAME = "orders"


def failure(at: int, version: str = "7"):
    return an_invocation(event_id=f"event-{at}", status=Status.ERROR, error_type="KeyError", error_message="'sku'",
                         ended_at=at, version=version)


def told(table: MemoryTable) -> list[AlertKind]:
    return [alert.kind for alert in reversed(alerts.newest(table, PLACE, 50))]


def decide(table: MemoryTable, **facts) -> str:
    (group,) = error_groups.of_place(table, PLACE)
    triage.save(table, triage.get(table, PLACE, group.fingerprint), Triage(
        **{"place": PLACE, "fingerprint": group.fingerprint, "function": NAME, "state": TriageState.RESOLVED,
           "by": "ada", "at": NOW + 100, **facts}))
    return group.fingerprint


def test_a_new_group_is_told_once_however_often_it_is_seen():
    table = MemoryTable()
    for _ in range(3):
        noticing.notice(table, PLACE, NAME, [failure(NOW), failure(NOW + 1), failure(NOW + 2)])
    assert told(table) == [AlertKind.NEW]


def test_killed_between_alert_and_group_it_is_still_told_once():
    table = MemoryTable()
    table.writes_left = 1
    try:
        noticing.notice(table, PLACE, NAME, [failure(NOW)])
    except Killed:
        table.writes_left = None
    assert list(error_groups.of_place(table, PLACE)) == []
    noticing.notice(table, PLACE, NAME, [failure(NOW)])
    assert told(table) == [AlertKind.NEW]


def test_a_resolved_group_that_fails_in_the_fixed_version_is_a_regression_told_once():
    table = MemoryTable()
    noticing.notice(table, PLACE, NAME, [failure(NOW)])
    name = decide(table, version="8")
    noticing.notice(table, PLACE, NAME, [failure(NOW + 50), failure(NOW + 200)])
    assert told(table) == [AlertKind.NEW]
    noticing.notice(table, PLACE, NAME, [failure(NOW + 300, "8"), failure(NOW + 301, "8")])
    noticing.notice(table, PLACE, NAME, [failure(NOW + 400, "9")])
    assert told(table) == [AlertKind.NEW, AlertKind.REGRESSED]
    standing = triage.get(table, PLACE, name)
    assert standing is not None
    assert (standing.state, standing.regressed_version) == (TriageState.REGRESSED, "8")


def test_resolved_again_it_can_regress_again():
    table = MemoryTable()
    noticing.notice(table, PLACE, NAME, [failure(NOW)])
    decide(table)
    noticing.notice(table, PLACE, NAME, [failure(NOW + 200)])
    decide(table, at=NOW + 300)
    noticing.notice(table, PLACE, NAME, [failure(NOW + 400)])
    assert told(table) == [AlertKind.NEW, AlertKind.REGRESSED, AlertKind.REGRESSED]


def test_fixed_in_the_next_deploy_waits_for_that_deploy():
    table = MemoryTable()
    noticing.notice(table, PLACE, NAME, [failure(NOW, "$LATEST")])
    decide(table, next_deploy=True)
    noticing.notice(table, PLACE, NAME, [failure(NOW + 200, "$LATEST")])
    functions.put_deploy(table, Deploy(PLACE, NAME, NOW + 300, "$LATEST", "sha"))
    noticing.notice(table, PLACE, NAME, [failure(NOW + 250, "$LATEST")])
    assert told(table) == [AlertKind.NEW]
    noticing.notice(table, PLACE, NAME, [failure(NOW + 350, "$LATEST")])
    assert told(table) == [AlertKind.NEW, AlertKind.REGRESSED]


def test_an_alert_holds_no_words_that_may_be_personal():
    table = MemoryTable()
    failed = an_invocation(event_id="e", status=Status.ERROR, error_type="Refused", ended_at=NOW,
                           error_message="ada@example.com may not see order 88123 with eyJhbGciOiJIUzI1NiJ9.eyJz.c2ln")
    noticing.notice(table, PLACE, NAME, [failed])
    (alert,) = alerts.newest(table, PLACE, 1)
    assert not any(word in alert.message for word in ("ada@example.com", "88123", "eyJhbGciOiJIUzI1NiJ9"))
    assert "may not see order" in alert.message
