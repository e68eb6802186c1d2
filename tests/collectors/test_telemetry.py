"""Batches of the Telemetry API, as extensions keep them: each event counts as if it stood alone."""

import io
import json
from typing import Any

import pytest

from collectors.parse import Reading
from collectors.sources import Source
from collectors.summary import Summary
from tests.collectors.stories import A, B

T = "2026-11-23T19:12:31.752Z"


def event(kind: str, record: object) -> dict[str, Any]:
    return {"time": T, "type": kind, "record": record}


def life(who: str) -> list[dict[str, Any]]:
    return [
        event("platform.start", {"requestId": who, "version": "3"}),
        event("function", f"[ERROR]\t{T}\t{who}\tfailed\n"),
        event("function", {"timestamp": T, "level": "WARN", "requestId": who, "message": "careful"}),
        event("extension", "[INFO] sent"), event("extension", {"level": "ERROR", "message": "not sent"}),
        event("platform.extension", {"name": "x", "state": "Ready", "events": ["INVOKE"]}),
        event("platform.runtimeDone", {"requestId": who, "status": "success"}),
        event("platform.report", {"requestId": who, "status": "success", "metrics": {"durationMs": 12.5}}),
    ]  # fmt: skip


def records(text: str) -> list[dict[str, Any]]:
    return list(Reading(Summary()).records(Source(io.BufferedReader(io.BytesIO(text.encode())), "batch.json")))


WAYS = {
    "one list": json.dumps(life(A) + life(B)),
    "a list a line": json.dumps(life(A)) + "\n" + json.dumps(life(B)),
    "lists, cut anywhere": json.dumps(life(A)[:3]) + "\n" + json.dumps(life(A)[3:] + life(B)),
    "printed over several lines": json.dumps(life(A) + life(B), indent=2),
    "events, one a line": "\n".join(map(json.dumps, life(A) + life(B))),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_is_read_event_by_event(way):
    found = records(WAYS[way])
    assert [(one["kind"], one["request_id"], one["status"], one["duration_ms"]) for one in found] == [
        ("invocation", A, "ok", 12.5), ("invocation", B, "ok", 12.5)]
    assert [one["levels"] for one in found] == [{"ERROR": 1, "WARN": 1}] * 2


@pytest.mark.parametrize(("text", "kinds"), [
    (json.dumps(life(A))[:-30], ["unrecognised"]),
    ('[{"time":"","type":"platform.report","record":{"tracing":}}]', ["unrecognised"]),
    (json.dumps([*life(A), {"a": 1}]), ["unrecognised"]),
    ('[{"time": "", "type": "", "record": {}}]', []), ("[1, 2]", []), ("[{}]", []), ("[]", []),
], ids=["cut", "not json", "with something else in it", "of no type", "numbers", "empty object", "empty"])  # fmt: skip
def test_what_is_not_wholly_a_batch_is_no_batch(text, kinds):
    assert [one["kind"] for one in records(text)] == kinds
