"""Every item says which layout it has: those of earlier days are read, those of later ones refused."""

from __future__ import annotations

from typing import Any

import pytest

from store import (
    commands,
    dead_letters,
    functions,
    health,
    jobs,
    looks,
    parked,
    places,
    pushing,
    readings,
)
from store.commands import Command, Kind
from store.configured import Alias, Configuration
from store.errors import StoreError
from store.items import from_item
from store.looks import Look
from store.places import KnownPlace
from store.pushing import PushedGroup
from store.readings import SourceReading
from store.records import (
    CollectorRun,
    Deploy,
    ErrorGroup,
    FunctionInfo,
    Invocation,
    MetricPoint,
    MetricSeries,
    Status,
    Unrecognised,
)
from store.recovery import Queue
from tests.builders import NOW, PLACE, QUEUE, FakeClock, a_job, a_letter
from tests.collectors.memory import MemoryTable
from tests.dashboard.seed import seed

FUNCTION = "fulfil"
HERE = {"account": "123456789012", "region": "eu-central-1"}


@pytest.fixture(scope="module")
def world() -> MemoryTable:
    """A table with items of every kind there is a writer for."""
    table = MemoryTable(FakeClock(NOW))
    seed(table, PLACE, NOW, hours=2)
    functions.put_configuration(table, Configuration(PLACE, FUNCTION, aliases=(Alias("live", "3", {"4": 0.1}),)))
    functions.put_deploy(table, Deploy(PLACE, FUNCTION, NOW, "3"))
    places.enter(table, [KnownPlace(PLACE, home=True, seen_at=NOW)])
    readings.put(table, PLACE, "logs", [SourceReading("a", NOW, NOW)], {})
    health.advance(table, PLACE, "reconciled", None, NOW)
    pushing.enter(table, PushedGroup(PLACE, "/aws/lambda/x"))
    parked.put(table, PLACE, "kinesis", "no reason", b"data")
    looks.put(table, Look(PLACE, QUEUE, NOW, 800, complete=True, seen=1, new=1))
    commands.create(table, Command(PLACE, "c-1", Kind.LOOK, QUEUE, "ada", "admin", "why", NOW, NOW))
    dead_letters.capture(table, a_letter("m-long", body="long " * 200_000))
    jobs.create(table, a_job(), ["m-1"])
    return table


def test_every_item_says_its_layout(world):
    assert [key for key, item in world.items.items() if not item.get("v", {}).get("N", "").isdigit()] == []
    assert len({key.pk.partition("#")[0] for key in world.items}) >= 18


def test_no_way_out_of_the_table_gives_an_item_of_a_later_layout():
    table = MemoryTable(FakeClock(NOW))
    functions.put(table, FunctionInfo(PLACE, FUNCTION, "g"))
    health.advance(table, PLACE, "reconciled", None, NOW)
    for item in table.items.values():
        item["v"] = {"N": "99"}
    ways: list[Any] = [lambda: functions.get(table, PLACE, FUNCTION), lambda: list(functions.of_place(table, PLACE)),
                       lambda: health.checkpoint(table, PLACE, "reconciled"), lambda: table.get_many(table.items)]
    for way in ways:
        with pytest.raises(StoreError, match="schema version 99") as refused:
            way()
        assert "Update Lamplight everywhere" in refused.value.advice


@pytest.mark.parametrize("kind", ["A", "AUDIT", "CMD", "CMDS", "DEP", "DRIFT", "EG", "FLEET", "HEALTH", "I", "JOB",
                                  "JOBS", "PARK", "PARKED", "PLACES", "PUSH", "Q", "REG", "U", "X", "XS"])
def test_each_kind_of_a_later_layout_is_refused(world, kind):
    found = [key for key in world.items if key.pk.partition("#")[0] == kind]
    assert found
    later = MemoryTable(FakeClock(NOW))
    later.items[found[0]] = {**world.items[found[0]], "v": {"N": "99"}}
    with pytest.raises(StoreError):
        list(later.query(found[0].pk))


EARLIER: tuple[tuple[Any, dict[str, Any], Any], ...] = (
    (FunctionInfo, {"place": HERE, "name": FUNCTION, "log_group": "g", "memory_mb": 512, "version": "7", "seen_at": 5},
     FunctionInfo(PLACE, FUNCTION, "g", memory_mb=512, version="7", seen_at=5, layers=(), details_at=0,
                  deleted_at=None)),
    (Deploy, {"place": HERE, "function": FUNCTION, "at": NOW, "version": "7", "code_sha256": "s"},
     Deploy(PLACE, FUNCTION, NOW, "7", "s", changes=(), code=True)),
    (CollectorRun, {"place": HERE, "collector": "logs", "finished_at": 9, "took_ms": 1, "read": 2, "wrote": 3},
     CollectorRun(PLACE, "logs", 9, 1, 2, 3, calls=0, paid_metrics=0)),
    (MetricSeries, {"namespace": "AWS/Lambda", "name": "Errors", "unit": "Count", "source": "cloudwatch"},
     MetricSeries("AWS/Lambda", "Errors", "Count", {}, "cloudwatch", ())),
    (MetricPoint, {"at": 60_000, "count": 1, "total": 2.0}, MetricPoint(60_000, 1, 2.0)),
    (Queue, {"place": HERE, "name": QUEUE, "arn": "a", "url": "u"}, Queue(PLACE, QUEUE, "a", "u")),
    (ErrorGroup, {"place": HERE, "fingerprint": "f", "function": FUNCTION, "error_type": "E", "message": "m",
                  "status": "error", "first_seen": 1, "last_seen": 2},
     ErrorGroup(PLACE, "f", FUNCTION, "E", "m", Status.ERROR, 1, 2)),
    (Invocation, {"request_id": "r", "log_stream": "s", "status": "ok"}, Invocation("r", "s", Status.OK, events=0)),
    (Unrecognised, {"place": HERE, "source": "s", "reason": "r", "sample": "x", "at": 1, "event_id": "e"},
     Unrecognised(PLACE, "s", "r", "x", 1, "e")),
    (PushedGroup, {"place": HERE, "group": "g"}, PushedGroup(PLACE, "g")),
)


@pytest.mark.parametrize(("kind", "item", "record"), EARLIER, ids=lambda value: getattr(value, "__name__", ""))
def test_an_item_as_the_first_lamplight_wrote_it_is_read_with_what_it_lacks_left_open(kind, item, record):
    assert from_item(kind, {"pk": "x", "sk": "y", "v": 1, **item}) == record
    assert from_item(kind, {**item, "a_fact_of_another_day": True}) == record


def test_what_is_open_in_an_earlier_job_and_letter_is_what_it_was_then():
    letter, job = a_letter(), a_job()
    table = MemoryTable(FakeClock(NOW))
    jobs.create(table, job, ["m-1"])
    dead_letters.capture(table, letter)
    for item in table.items.values():
        for late in ("fence", "ramp", "not_before", "destination", "pause_asked", "pause_consumers_of", "edit_id"):
            item.pop(late, None)
    assert jobs.get(table, job.id) == job
    assert dead_letters.get(table, PLACE, letter.queue, letter.message_id) == letter
