"""Inits that failed are counted for their function, and told as an error of it when no invocation tells the same."""

import pytest

from collectors.failed_inits import NAME, NAMESPACE, counts, failed, sightings
from collectors.fingerprints import fingerprint
from collectors.pushed import Push
from store import error_groups
from store.batches import told as told_of
from store.clock import MINUTE_MS
from store.metrics import points, series_of_place
from store.records import Status
from tests.builders import NOW, PLACE
from tests.collectors.fakes import GROUP, STREAM, World
from tests.collectors.memory import MemoryTable
from tests.collectors.stories import end, fold, report, start, told

INIT = "INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:3\n"
TYPE = "Runtime.ImportModuleError"
IMPORT = f"[ERROR] {TYPE}: Unable to import module 'h': No module named 'x'\nTraceback (most recent call last):"
BROKEN = f"INIT_REPORT Init Duration: 229.04 ms\tPhase: init\tStatus: error\tError Type: {TYPE}\n"
AGAIN = BROKEN.replace("Phase: init", "Phase: invoke")
SLOW = "INIT_REPORT Init Duration: 10000.09 ms\tPhase: init\tStatus: timeout\n"
GONE = "RESTORE_REPORT Restore Duration: 12.50 ms\tStatus: error\tError Type: Runtime.ExitError\n"
FAILED = report(extra=f"Status: error\tError Type: {TYPE}")

STORIES = [
    ("provisioned concurrency", [INIT, IMPORT, BROKEN], 1, [(TYPE, Status.ERROR)]),
    ("one after another", [INIT, IMPORT, BROKEN, INIT, IMPORT, BROKEN], 2, [(TYPE, Status.ERROR)] * 2),
    ("too slow, then well inside the invocation", [INIT, SLOW, start(), end(), report()], 1,
     [("init timeout", Status.TIMEOUT)]),
    ("on demand, with its invocation", [INIT, IMPORT, BROKEN, IMPORT, AGAIN, start(), end(), FAILED], 1, []),
    ("a restore", ["RESTORE_START Runtime Version: java:21.v1\n", GONE], 1, [("Runtime.ExitError", Status.CRASH)]),
    ("out of memory", [INIT, BROKEN.replace(TYPE, "Runtime.OutOfMemory")], 1, [("Runtime.OutOfMemory", Status.OOM)]),
    ("a publish", [INIT, "INIT_REPORT Init Duration: 13316.04 ms\n"], 0, []),
    ("nothing but a start", [INIT], 0, []),
]


@pytest.mark.parametrize(("lines", "count", "groups"), [
    pytest.param(lines, count, groups, id=name) for name, lines, count, groups in STORIES])
def test_an_init_that_failed_is_counted_once_and_told_if_nothing_else_tells_it(lines, count, groups):
    assembler = fold(told(lines))
    assembler.finish()
    inits = failed(assembler.inits())
    assert sum(said.metric.values[0] for said in counts(inits)) == count
    assert [(seen.error_type, seen.status) for seen in sightings(PLACE, inits, assembler.closed())] == groups


def test_the_group_is_the_one_that_an_invocation_with_the_same_error_is_in():
    assembler = fold(told([INIT, IMPORT, BROKEN]))
    (seen,) = sightings(PLACE, failed(assembler.inits()), [])
    error = IMPORT.partition(": ")[2].partition("\n")[0]
    assert seen.fingerprint == fingerprint("orders", TYPE, error, "Traceback (most recent call last):")
    assert (seen.message, seen.function, seen.last_version) == (error, "orders", "$LATEST")


def test_pulled_they_are_an_error_of_the_function_and_a_count_however_often_they_are_read():
    world, at = World(), NOW - 30 * MINUTE_MS
    world.logs.put(GROUP, STREAM, (at, INIT), (at + 200, IMPORT), (at + 230, BROKEN))
    for _ in range(3):
        run = world.collect()
        world.clock.advance(MINUTE_MS)
    assert run.unrecognised == 0
    (group,) = error_groups.of_place(world.table, PLACE)
    assert (group.error_type, group.function, group.last_seen) == (TYPE, "orders-fulfil", at + 230)
    (series,) = series_of_place(world.table, PLACE)
    assert (series.namespace, series.name, series.dimensions) == (NAMESPACE, NAME, {"function_name": "orders-fulfil"})
    assert [point.total for point in points(world.table, PLACE, series, at - MINUTE_MS, NOW)] == [1.0]


def test_pushed_they_are_the_same():
    table = MemoryTable()
    events = [event._replace(timestamp=NOW - 1_000) for event in told([INIT, IMPORT, BROKEN])]
    push = Push(table, table.clock)
    for _ in range(2):
        push.take(PLACE, events)
    (group,) = error_groups.of_place(table, PLACE)
    assert (group.error_type, group.function) == (TYPE, "orders")
    samples = told_of(table, PLACE, "orders", NOW - MINUTE_MS, NOW + MINUTE_MS).samples
    assert [(one.series.name, one.point.total) for one in samples.values()] == [(NAME, 1.0)]
