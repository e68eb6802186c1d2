"""What speaks against sending now: known, counted, named; what is not known is not warned of."""

from __future__ import annotations

import pytest

from operations.plan import plan
from operations.preflight import Warning, WarningKind
from store import audit_log, dead_letters, error_groups, functions, jobs, queues
from store.clock import DAY_MS, HOUR_MS
from store.records import FunctionInfo
from store.recovery import (
    Custody,
    Destination,
    Edit,
    JobResult,
    JobState,
    LetterState,
    Outcome,
    Queue,
    Way,
)
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, a_group, a_job, a_letter
from tests.operations.bench import Bench, a_queue

GROUP = "00112233aabbccdd"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders-fulfil"


def warned(bench: Bench, *message_ids: str) -> dict[WarningKind, Warning]:
    return {one.kind: one for one in plan(bench.table, PLACE, QUEUE, message_ids or ("m-1",)).warnings}


def a_function(bench: Bench, **facts: object) -> None:
    functions.put(bench.table, FunctionInfo(PLACE, "orders-fulfil", "/aws/lambda/orders-fulfil", version="$LATEST",
                                            seen_at=NOW, **facts))  # type: ignore[arg-type]


def a_source(bench: Bench, **facts: object) -> None:
    queues.put(bench.table, Queue(PLACE, "orders-fulfil", SOURCE_ARN, "https://orders", **{
        "consumers": ("orders-fulfil",), "seen_at": NOW, **facts}))  # type: ignore[arg-type]
    queues.put(bench.table, a_queue(seen_at=NOW))


def redriven_before(bench: Bench, *outcomes: tuple[str, Outcome, str]) -> None:
    """A finished redrive: message id, outcome and error group of each letter."""
    job = a_job(id="job-0", state=JobState.DONE, total=len(outcomes))
    jobs.create(bench.table, job, [message_id for message_id, _, _ in outcomes])
    for message_id, outcome, fingerprint in outcomes:
        dead_letters.capture(bench.table, a_letter(message_id, state=LetterState(outcome), job_id="job-0",
                                                   fingerprint=fingerprint))
        jobs.put_results(bench.table, "job-0", [JobResult(f"{QUEUE}/{message_id}", outcome, NOW)])


def test_a_letter_of_which_nothing_is_known_is_warned_of_nothing(bench: Bench):
    bench.letters("m-1")
    assert warned(bench) == {}


def test_a_group_that_came_back_whole_is_warned_of_before_the_next_try(bench: Bench):
    redriven_before(bench, ("m-a", Outcome.RETURNED, GROUP), ("m-b", Outcome.RETURNED, GROUP),
                    ("m-c", Outcome.SUCCEEDED, "another group"))
    bench.letters("m-1", "m-2", fingerprint=GROUP, previous=f"{QUEUE}/m-a", life=2, error_type="KeyError",
                  function="orders-fulfil")
    found = warned(bench, "m-1", "m-2")[WarningKind.CAME_BACK]
    assert (found.count, found.letters) == (2, ("m-1", "m-2"))
    assert found.sentence.startswith("2 letters of KeyError in orders-fulfil: the last redrive of this group, job-0 ")


def test_a_group_of_which_one_went_through_is_not(bench: Bench):
    redriven_before(bench, ("m-a", Outcome.RETURNED, GROUP), ("m-b", Outcome.PRESUMED, GROUP))
    bench.letters("m-1", fingerprint=GROUP, previous=f"{QUEUE}/m-a", life=2)
    assert warned(bench) == {}


@pytest.mark.parametrize(("changed", "seen", "warns"), [
    (NOW - HOUR_MS, NOW - 60_000, True),
    (NOW - 30_000, NOW - 60_000, False),
    (NOW - 30_000, NOW - 10_000, True),
    (None, NOW - 60_000, False),
])
def test_a_function_that_was_not_changed_since_it_failed_is_warned_of(bench: Bench, changed: int | None, seen: int,
                                                                      warns: bool):
    bench.letters("m-1", function="orders-fulfil", fingerprint=GROUP, sent_at=NOW - 60_000)
    error_groups.observe(bench.table, a_group(last_seen=seen, first_seen=seen, last_version="$LATEST"))
    a_function(bench, last_modified=changed)
    assert (WarningKind.SAME_VERSION in warned(bench)) is warns


def test_which_published_version_runs_now_is_not_guessed(bench: Bench):
    bench.letters("m-1", function="orders-fulfil", fingerprint=GROUP)
    error_groups.observe(bench.table, a_group(last_version="7"))
    a_function(bench, last_modified=NOW - DAY_MS)
    assert warned(bench) == {}


def test_a_destination_that_is_not_there_any_more_is_warned_of(bench: Bench):
    bench.letters("m-1")
    queues.put(bench.table, a_queue(seen_at=NOW))
    found = warned(bench)[WarningKind.DESTINATION_GONE]
    assert found.sentence == "1 letter: orders-fulfil was not there when this account was last looked at."
    a_source(bench)
    assert warned(bench) == {}
    a_source(bench, seen_at=NOW - DAY_MS)
    assert list(warned(bench)) == [WarningKind.DESTINATION_GONE]


def test_a_destination_whose_reader_rests_is_warned_of(bench: Bench):
    bench.letters("m-1")
    a_source(bench, resting=("orders-fulfil",))
    assert warned(bench)[WarningKind.PAUSED].sentence.endswith(
        "nothing reads orders-fulfil now; the event source mapping of orders-fulfil is switched off.")


@pytest.mark.parametrize("destination", [Destination(Way.SEND, SOURCE_ARN), Destination(Way.INVOKE, FUNCTION_ARN)])
def test_a_function_that_may_not_run_at_all_is_warned_of(bench: Bench, destination: Destination):
    bench.letters("m-1", destination=destination)
    a_source(bench)
    queues.put(bench.table, a_queue(seen_at=NOW, sources=(SOURCE_ARN, FUNCTION_ARN)))
    a_function(bench, reserved_concurrency=0)
    assert "reserved concurrency of 0" in warned(bench)[WarningKind.THROTTLED].sentence


def test_deadlines_are_warned_of_a_day_before(bench: Bench):
    bench.letters("m-1", custody=Custody.WATCHED, expires_at=NOW + HOUR_MS)
    bench.letters("m-2", custody=Custody.WATCHED, expires_at=NOW)
    bench.letters("m-3", custody=Custody.WATCHED, expires_at=NOW + 2 * DAY_MS)
    found = warned(bench, "m-1", "m-2", "m-3")
    assert {kind: one.letters for kind, one in found.items()} == {WarningKind.EXPIRING: ("m-1",),
                                                                  WarningKind.EXPIRED: ("m-2",)}
    assert "the first at 2026-11-23T19:53:20" in found[WarningKind.EXPIRING].sentence


def test_ambiguous_and_edited_letters_are_counted(bench: Bench):
    bench.letters("m-1", ambiguous=1, edit=Edit("e1", "{}", "s", "o", NOW, "ada", "why"))
    bench.letters("m-2")
    found = warned(bench, "m-1", "m-2")
    assert {kind: one.letters for kind, one in found.items()} == {WarningKind.MAY_HAVE_ARRIVED: ("m-1",),
                                                                  WarningKind.EDITED: ("m-1",)}


def test_letters_that_would_not_run_are_not_warned_of(bench: Bench):
    bench.letters("m-1", state=LetterState.SUCCEEDED, ambiguous=1)
    assert warned(bench) == {}


def test_a_redrive_asked_for_over_warnings_names_them_in_the_audit(bench: Bench):
    bench.ask(bench.letters("m-1", ambiguous=1))
    (entry,) = audit_log.entries(bench.table, PLACE, NOW)
    assert entry.details["warnings"] == "may have arrived before (1)"
