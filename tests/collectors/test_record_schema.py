"""Every record has the documented members, in their order, of their types and units; absent facts are null."""

import io
import json
from typing import Any

import pytest

from collectors.parse import Reading, printed
from collectors.sources import Source
from collectors.summary import Summary
from tests.collectors.stories import end, report, start
from tests.collectors.test_never_raises import LINES
from tests.collectors.test_sources import COPIES

TEXT, NULL, YES = (str,), (str, type(None)), (bool, type(None))
NUMBER, WHOLE = (int, float, type(None)), (int, type(None))
SCHEMA: dict[str, dict[str, tuple[type, ...]]] = {
    "invocation": {
        "kind": TEXT, "request_id": TEXT, "log_stream": NULL, "version": NULL, "status": TEXT, "error_type": NULL,
        "error_message": NULL, "stack": NULL, "cold_start": YES, "duration_ms": NUMBER, "billed_ms": NUMBER,
        "memory_mb": WHOLE, "max_memory_mb": WHOLE, "init_ms": NUMBER, "restore_ms": NUMBER, "trace_id": NULL,
        "tenant_id": NULL, "execution_arn": NULL, "started_at": WHOLE, "ended_at": WHOLE, "levels": (dict,),
    },
    "init": {
        "kind": TEXT, "log_stream": NULL, "status": TEXT, "phase": NULL, "init_type": NULL, "runtime_version": NULL,
        "error_type": NULL, "error_message": NULL, "stack": NULL, "init_ms": NUMBER, "restore_ms": NUMBER,
        "started_at": WHOLE, "ended_at": WHOLE,
    },
    "metric": {
        "kind": TEXT, "namespace": TEXT, "name": TEXT, "unit": TEXT, "values": (list,), "dimensions": (dict,),
        "timestamp": (int,), "request_id": NULL,
    },
    "unrecognised": {"kind": TEXT, "reason": TEXT, "sample": TEXT},
}  # fmt: skip
STATUSES = {"ok", "error", "timeout", "oom", "crash", "open"}
LEVELS = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}
MORE = [
    "INIT_REPORT Init Duration: 5.36 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint\n",
    json.dumps({"_aws": {"Timestamp": 5, "CloudWatchMetrics": [
        {"Namespace": "n", "Dimensions": [["s"]], "Metrics": [{"Name": "a"}, {"Name": "b", "Unit": 1}]}]},
        "s": "x", "a": [1, 2.5]}) + "\n",
]  # fmt: skip


def told_of(raw: str) -> list[dict[str, Any]]:
    source = Source(io.BufferedReader(io.BytesIO(raw.encode("utf-8", "replace"))), "test")
    return [json.loads(printed(record)) for record in Reading(Summary()).records(source)]


RECORDS = [
    record
    for raw in (*COPIES.values(), *(start() + line + "\n" + end() + report() for line in LINES), *MORE)
    for record in told_of(raw)
]


@pytest.mark.parametrize("kind", SCHEMA)
def test_records_have_the_documented_members_and_types(kind):
    found = [record for record in RECORDS if record["kind"] == kind]
    assert found, "a kind that is never printed is not tested"
    for record in found:
        assert list(record) == list(SCHEMA[kind])
        assert [name for name, value in record.items() if type(value) not in SCHEMA[kind][name]] == []


def test_statuses_and_levels_have_the_documented_names():
    invocations = [record for record in RECORDS if record["kind"] == "invocation"]
    assert {record["status"] for record in invocations} <= STATUSES
    assert {level for record in invocations for level in record["levels"]} <= LEVELS
    assert all(type(count) is int and count > 0 for record in invocations for count in record["levels"].values())


def test_open_invocations_have_no_costs_and_no_end():
    (record,) = told_of(start())
    assert record["status"] == "open"
    assert {record[name] for name in ("duration_ms", "billed_ms", "memory_mb", "ended_at", "init_ms")} == {None}


def test_trace_ids_are_bare_and_metric_values_are_numbers():
    assert all(record["trace_id"][:2] == "1-" for record in RECORDS if record.get("trace_id"))
    metrics = [record for record in RECORDS if record["kind"] == "metric"]
    assert all(type(value) in (int, float) for record in metrics for value in record["values"])
    assert all(type(value) is str for record in metrics for value in record["dimensions"].values())
