"""Contract of decisions about error groups, on moto and on MiniStack; when a decision no longer holds."""

from __future__ import annotations

import pytest

from store import triage
from store.clock import HOUR_MS
from store.errors import ConditionLost
from store.table import Table
from store.triage import Triage, TriageState, regresses
from tests.builders import NOW, PLACE

PRINT = "00112233aabbccdd"


def resolved(**facts) -> Triage:
    return Triage(**{"place": PLACE, "fingerprint": PRINT, "function": "orders", "state": TriageState.RESOLVED,
                     "by": "ada", "at": NOW, "reason": "fixed the price table", **facts})


def test_of_two_people_who_saw_the_same_decision_the_first_one_decides(table: Table):
    first = triage.save(table, None, resolved())
    with pytest.raises(ConditionLost):
        triage.save(table, None, resolved(by="grace"))
    second = triage.save(table, first, resolved(state=TriageState.IGNORED, until=NOW + HOUR_MS))
    with pytest.raises(ConditionLost):
        triage.save(table, first, resolved(by="grace"))
    assert triage.get(table, PLACE, PRINT) == second
    assert list(triage.of_place(table, PLACE)) == [second]


def test_a_regression_is_noted_once_and_never_over_a_newer_decision(table: Table):
    seen = triage.save(table, None, resolved())
    assert triage.regress(table, seen, NOW + 5, "8")
    assert not triage.regress(table, seen, NOW + 6, "9")
    standing = triage.get(table, PLACE, PRINT)
    assert standing is not None
    assert (standing.state, standing.regressed_at, standing.regressed_version) == (TriageState.REGRESSED, NOW + 5, "8")


@pytest.mark.parametrize(("decided", "at", "version", "deployed", "expected"), [
    (resolved(), NOW - 1, "7", None, False),
    (resolved(), NOW + 1, "7", None, True),
    (resolved(version="8"), NOW + 1, "7", None, False),
    (resolved(version="8"), NOW + 1, "8", None, True),
    (resolved(version="8"), NOW + 1, "10", None, True),
    (resolved(version="8"), NOW + 1, "$LATEST", None, True),
    (resolved(next_deploy=True), NOW + 1, "$LATEST", None, False),
    (resolved(next_deploy=True), NOW + 10, "$LATEST", NOW + 20, False),
    (resolved(next_deploy=True), NOW + 30, "$LATEST", NOW + 20, True),
    (resolved(state=TriageState.IGNORED), NOW + 1, "9", None, False),
    (resolved(state=TriageState.REGRESSED), NOW + 1, "9", None, False),
], ids=["before it", "after it", "older version", "the fixed version", "a later version", "latest",
        "no deploy yet", "before the deploy", "after the deploy", "ignored", "told already"])
def test_only_a_failure_that_should_have_the_fix_regresses_a_group(decided, at, version, deployed, expected):
    assert regresses(decided, at, version, deployed) is expected


def test_what_is_ignored_comes_back_at_its_time_or_after_so_many_failures():
    ignored = resolved(state=TriageState.IGNORED, until=NOW + HOUR_MS, more=10)
    assert ignored.standing(NOW, 9) is TriageState.IGNORED
    assert ignored.standing(NOW + HOUR_MS, 0) is TriageState.UNRESOLVED
    assert ignored.standing(NOW, 10) is TriageState.UNRESOLVED
