from __future__ import annotations

from dashboard.advice import Advice, Topic
from dashboard.attention import Kind, findings
from dashboard.summaries import fleet
from dashboard.windows import window
from store.clock import DAY_MS, HOUR_MS
from store.recovery import Custody, Queue
from store.rollups import Rollup, Span
from tests.builders import NOW, PLACE, a_group

WINDOW = window("24h", NOW)


def of(*rollups, groups=(), queues=()):
    return findings(fleet(PLACE, WINDOW, rollups), WINDOW, [], groups, queues)


def a_rollup(function="orders", **facts):
    return Rollup(PLACE, function, WINDOW.starts[-1], Span.HOUR, **facts)


def a_queue(**facts):
    return Queue(**{"place": PLACE, "name": "orders-dlq", "arn": "a", "url": "u", "is_dead_letter_queue": True,
                    "seen_at": NOW, **facts})


def test_less_than_one_percent_of_errors_is_no_finding():
    assert of(a_rollup(invocations=1000, by_status={"ok": 991, "error": 9})) == []


def test_a_failing_function_names_its_most_frequent_error_and_since_when():
    group = a_group(first_seen=NOW - 2 * HOUR_MS, function="orders")
    old = a_group(fingerprint="ff" * 8, first_seen=NOW - 9 * DAY_MS, error_type="OldError")
    (finding,) = of(a_rollup(invocations=100, by_status={"ok": 88, "error": 12},
                             groups={group.fingerprint: 10, old.fingerprint: 2}), groups=[old, group])
    assert finding.words == "12.0 % errors, first seen 2 h ago with version 7"
    assert finding.detail == "KeyError: 'sku' (10)"
    assert finding.fingerprint == group.fingerprint


def test_errors_that_somebody_ignores_ask_for_no_attention():
    known, new = a_group(), a_group(fingerprint="ff" * 8, error_type="NewError")
    failing = a_rollup(invocations=100, by_status={"ok": 85, "error": 15}, groups={known.fingerprint: 12,
                                                                                  new.fingerprint: 3})
    whole = fleet(PLACE, WINDOW, [failing])
    (finding,) = findings(whole, WINDOW, [], [known, new], [], ignored={known.fingerprint})
    assert (finding.words[:12], finding.fingerprint) == ("3.0 % errors", new.fingerprint)
    assert findings(whole, WINDOW, [], [known, new], [], ignored={known.fingerprint, new.fingerprint}) == []


def test_a_failure_of_unknown_cause_is_still_a_finding():
    (finding,) = of(a_rollup(invocations=10, by_status={"crash": 10}))
    assert (finding.kind, finding.words, finding.fingerprint) == (Kind.ERRORS, "100 % errors", "")


def test_limits_that_were_hit_are_told_apart():
    found = of(a_rollup("thumbs", invocations=500, by_status={"ok": 491, "oom": 9}, memory_mb=512, max_memory_mb=512),
               a_rollup("ledger", invocations=500, by_status={"ok": 499, "timeout": 1}),
               a_rollup("close", invocations=500, by_status={"ok": 500}, memory_mb=128, max_memory_mb=126))
    assert [(one.subject, one.kind) for one in found] == [
        ("thumbs", Kind.OUT_OF_MEMORY), ("ledger", Kind.TIMEOUT), ("close", Kind.MEMORY)]
    assert found[0].words == "out of memory 9× at 512 MB, used up to 100 %"
    assert found[2].words == "used 98.4 % of 128 MB"


def test_a_watched_queue_says_when_its_oldest_message_expires():
    queue = a_queue(visible=7, retention_s=345_600, oldest_age_s=326_880)
    found = of(queues=[(queue, 7)])
    assert {one.kind: one.words for one in found} == {
        Kind.EXPIRY: "oldest message expires in 5 h 12 min", Kind.DEAD_LETTERS: "7 dead letters waiting"}


def test_captured_letters_do_not_expire():
    queue = a_queue(custody=Custody.CAPTURED, visible=7, retention_s=345_600, oldest_age_s=345_000)
    assert [one.kind for one in of(queues=[(queue, 7)])] == [Kind.DEAD_LETTERS]


def test_an_empty_or_unknown_queue_is_no_finding():
    assert of(queues=[(a_queue(visible=0, retention_s=100, oldest_age_s=99), 0), (a_queue(), None)]) == []


def test_advice_is_one_line_a_topic_below_everything_that_fails_now():
    advised = [Advice(Topic.RUNTIME, f"f{number}", "python3.8 is deprecated") for number in range(4)]
    advised.append(Advice(Topic.SWITCHED_OFF, "fulfil", "does not read orders"))
    failing = a_rollup(invocations=1000, by_status={"ok": 950, "timeout": 1, "error": 49})
    found = findings(fleet(PLACE, WINDOW, [failing]), WINDOW, [], [], [], advised)
    assert [(one.kind, one.subject, one.words) for one in found[-2:]] == [
        (Kind.CONFIGURATION, "fulfil", "does not read orders"),
        (Kind.CONFIGURATION, "f0", "python3.8 is deprecated; 3 functions more")]
    assert found[0].kind is not Kind.CONFIGURATION
