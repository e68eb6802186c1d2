"""Releasing a record, as far as the page goes; `operations.release` decides."""

from __future__ import annotations

import pytest

from operations import idempotency
from store import audit_log
from tests.builders import NOW, PLACE
from tests.dashboard.conftest import read
from tests.dashboard.desk import RECORDS

KEY = "pay#stuck"
OLD = {"id": KEY, "status": "INPROGRESS", "expiration": NOW // 1000 + 600}
"""Under the default window of an hour it was made 50 minutes ago."""
SAFE = "the process was killed, checked by hand"


def stands(desk):
    return idempotency.look(desk.connection.clients.dynamodb, RECORDS, KEY) is not None


def release_button(page):
    return next(one for one in page.button if one.label == "Release the key")


def press(page, reason=SAFE):
    page.text_input(key="release_reason").input(reason)
    release_button(page).click().run()
    assert not page.exception, [error.value for error in page.exception]
    return page


def test_a_stuck_key_is_released_with_a_reason_in_the_audit(desk, opened):
    desk.records(OLD)
    page = press(opened("idempotency", key=KEY))
    assert "Released: the next attempt with this key runs" in page.success[0].value
    assert "There is no record of this key" in read(page)
    assert not stands(desk)
    (entry,) = audit_log.entries(desk.table, PLACE, NOW)
    assert (entry.reason, entry.outcome, entry.actor) == (SAFE, "released", "ada@example.com")
    assert not page.run().success


def test_two_presses_are_one_release(desk, opened, monkeypatch):
    """The second half of a double click arrives with the record that was shown."""
    from dashboard.components import record_detail
    desk.records(OLD)
    act = record_detail._act

    def twice(*request):
        act(*request)
        act(*request)
    monkeypatch.setattr(record_detail, "_act", twice)
    page = press(opened("idempotency", key=KEY))
    assert len(page.success) == 1
    assert not page.error
    assert len(audit_log.entries(desk.table, PLACE, NOW)) == 1


def test_a_short_reason_is_asked_for_again(desk, opened):
    desk.records(OLD)
    page = press(opened("idempotency", key=KEY), "ok")
    assert "A reason of at least 8 letters" in read(page)
    assert stands(desk)


def test_what_moved_meanwhile_is_not_released(desk, opened):
    desk.records(OLD)
    page = opened("idempotency", key=KEY)
    desk.records({**OLD, "status": "COMPLETED"})
    assert "is not what was shown any more" in read(press(page))
    assert stands(desk)


def test_while_its_invocation_may_run_there_is_nothing_to_press(desk, opened):
    desk.records({**OLD, "expiration": NOW // 1000 + 3_590})
    page = opened("idempotency", key=KEY)
    assert release_button(page).disabled
    assert "Its invocation may still be running until" in read(page)


@pytest.mark.parametrize("window", ["5 minutes", "7 days"])
def test_the_window_of_the_function_decides_when_it_is_safe(desk, opened, window):
    desk.records({**OLD, "expiration": NOW // 1000 + 3_590})
    page = opened("idempotency", key=KEY)
    page.selectbox[0].select(window).run()
    assert release_button(page).disabled is (window == "5 minutes")


@pytest.mark.parametrize("row", [
    {"status": "COMPLETED", "data": "1"}, {"in_progress_expiration": NOW - 1}, {"in_progress_expiration": NOW + 60_000},
    {"expiration": 1}, {"status": "odd"},
])
def test_only_stuck_records_can_be_released(desk, opened, row):
    desk.records({**OLD, **row})
    assert "Release the key" not in [one.label for one in opened("idempotency", key=KEY).button]


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_only_those_who_may_can_release(desk, opened, role, writes):
    desk.records(OLD)
    page = opened("idempotency", key=KEY)
    desk.become(role=role, writes=writes)
    allowed = writes and role != "viewer"
    page = press(page)  # drawn while it was allowed
    assert stands(desk) is not allowed
    if not allowed:
        assert ("release takes operator" if writes else "Writes are off") in read(page)
        assert release_button(page).disabled
        assert "Takes the role operator, with writes on." in read(page)


def test_a_record_says_until_when_it_is_locked(desk, opened):
    desk.records({**OLD, "in_progress_expiration": NOW + 60_000})
    assert "locked until 23 Nov 18:54:20" in read(opened("idempotency", key=KEY))
