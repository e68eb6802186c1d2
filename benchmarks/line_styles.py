"""The lines one invocation writes, in the styles people use: what a benchmark's corpus is made of.

Shapes and lengths are those of real functions: Powertools lines of 450 characters, runtime lines of 180, EMF of 500.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

WORDS = (
    "order accepted", "payment authorised", "stock reserved for 3 items", "cache miss, asking the catalogue",
    "customer notified", "price recalculated after voucher", "record written to orders-table", "event published",
)  # fmt: skip
TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "/var/task/app/handler.py", line 41, in handler\n    return charge(order)\n'
    '  File "/var/task/app/payments.py", line 118, in charge\n    raise CardDeclined(f"card {card} declined")\n'
)


@dataclass
class Call:
    """One invocation to be told: who, when (epoch ms), and what happens in it."""

    rng: Random
    function: str
    request_id: str
    trace: str
    at: int
    cold: bool
    failed: bool

    @property
    def stamp(self) -> str:
        """The moment as loggers write it."""
        return iso(self.at)

    @property
    def words(self) -> str:
        """What a line is about; numbers differ from line to line."""
        return f"{self.rng.choice(WORDS)} ({self.rng.randrange(10**6)})"


Logger = Callable[[Call], str]


def iso(at: int) -> str:
    """Epoch ms as `2026-11-23T19:12:31.752Z`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def _json(**members: object) -> str:
    return json.dumps(members, separators=(",", ":")) + "\n"


def powertools(call: Call) -> str:
    return _json(level="INFO", location=f"handler:{call.rng.randrange(20, 90)}", message=call.words,
                 timestamp=call.stamp, service="orders", cold_start=call.cold, function_name=call.function,
                 function_memory_size="512",
                 function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{call.function}",
                 function_request_id=call.request_id, correlation_id=f"{call.rng.getrandbits(64):016x}",
                 xray_trace_id=call.trace)


def pino(call: Call) -> str:
    return _json(level=30, time=call.at, pid=8, hostname="169.254.66.13", reqId=f"{call.rng.getrandbits(32):08x}",
                 awsRequestId=call.request_id, orderId=call.rng.randrange(10**9), msg=call.words)


def guide(call: Call) -> str:
    return _json(timestamp=call.stamp, level="info", message=call.words, requestId=call.request_id,
                 functionName=call.function, functionVersion="$LATEST", traceId=call.trace)


def structlog(call: Call) -> str:
    return _json(order_id=call.rng.randrange(10**9), event=call.words, logger="orders", level="info",
                 timestamp=call.stamp)


def python_json(call: Call) -> str:
    return _json(timestamp=call.stamp, level="INFO", message=call.words, logger="root", requestId=call.request_id)


def node_json(call: Call) -> str:
    return _json(timestamp=call.stamp, level="INFO", requestId=call.request_id, message=call.words)


def python_text(call: Call) -> str:
    return f"[INFO]\t{call.stamp}\t{call.request_id}\t{call.words}\n"


def node_text(call: Call) -> str:
    return f"{call.stamp}\t{call.request_id}\tINFO\t{call.words}\n"


def plain_print(call: Call) -> str:
    return f"{call.words}: done in {call.rng.randrange(900)} ms\n"


def emf(call: Call) -> str:
    metrics = [{"Name": "OrdersPlaced", "Unit": "Count"}, {"Name": "Checkout", "Unit": "Milliseconds"}]
    aws = {"Timestamp": call.at, "CloudWatchMetrics": [
        {"Namespace": "Shop", "Dimensions": [["service"], ["service", "function_name"]], "Metrics": metrics}]}
    return _json(_aws=aws, service="orders", function_name=call.function, function_request_id=call.request_id,
                 OrdersPlaced=[1.0], Checkout=[float(call.rng.randrange(900))])


def uncaught_text(call: Call) -> str:
    """As Python's runtime writes it: after its own type and message, blanks as U+00A0."""
    card = call.rng.randrange(10**8)
    return f"[ERROR] CardDeclined: card {card} declined\n" + TRACEBACK.replace("  ", "\xa0\xa0")


def uncaught_json(call: Call) -> str:
    return _json(timestamp=call.stamp, log_level="ERROR", errorMessage=f"card {call.rng.randrange(10**8)} declined",
                 errorType="CardDeclined", requestId=call.request_id, stackTrace=TRACEBACK.splitlines()[1:])


def logged_error(call: Call) -> str:
    """An error the function caught and logged: the invocation is ok."""
    return _json(level="ERROR", location="charge:118", message="charge failed, will retry", timestamp=call.stamp,
                 service="orders", cold_start=call.cold, function_request_id=call.request_id,
                 exception=TRACEBACK + "CardDeclined: card declined", exception_name="CardDeclined")


def text_format(call: Call, said: list[str]) -> list[str]:
    """The platform's lines in text format around what was said."""
    lasted = call.rng.randrange(200, 90_000) / 100
    init = f"\tInit Duration: {call.rng.randrange(20_000, 90_000) / 100:.2f} ms" if call.cold else ""
    xray = f"\nXRAY TraceId: {call.trace}\tSegmentId: {call.rng.getrandbits(64):016x}\tSampled: true"
    before = ["INIT_START Runtime Version: python:3.12.v43\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:"
              f"{'5a' * 32}\n"] if call.cold else []
    return [
        *before, f"START RequestId: {call.request_id} Version: $LATEST\n", *said, f"END RequestId: {call.request_id}\n",
        f"REPORT RequestId: {call.request_id}\tDuration: {lasted:.2f} ms\tBilled Duration: {int(lasted) + 1} ms\t"
        f"Memory Size: 512 MB\tMax Memory Used: {call.rng.randrange(70, 200)} MB{init}\t"
        f"{xray if call.rng.random() < 0.3 else ''}\n",
    ]  # fmt: skip


def json_format(call: Call, said: list[str]) -> list[str]:
    """The platform's events in JSON format around what was said."""
    lasted = call.rng.randrange(200, 90_000) / 100
    status: dict[str, object] = {"status": "success"}
    if call.failed:
        status = {"status": "error", "errorType": "CardDeclined"}
    tracing = {"spanId": f"{call.rng.getrandbits(64):016x}", "type": "X-Amzn-Trace-Id",
               "value": f"Root={call.trace};Parent={call.rng.getrandbits(64):016x};Sampled=1"}
    metrics: dict[str, object] = {"durationMs": lasted, "billedDurationMs": int(lasted) + 1, "memorySizeMB": 512,
                                  "maxMemoryUsedMB": call.rng.randrange(70, 200)}
    if call.cold:
        metrics["initDurationMs"] = call.rng.randrange(20_000, 90_000) / 100
    spans = [{"name": "responseLatency", "start": call.stamp, "durationMs": round(lasted / 2, 3)}]
    told: list[tuple[str, dict[str, object]]] = [
        ("platform.start", {"requestId": call.request_id, "version": "$LATEST", "tracing": tracing}),
        ("platform.runtimeDone", {"requestId": call.request_id, **status, "tracing": tracing, "spans": spans,
                                  "metrics": {"durationMs": lasted, "producedBytes": 148}}),
        ("platform.report", {"requestId": call.request_id, "metrics": metrics, "tracing": tracing, **status}),
    ]  # fmt: skip
    start, done, report = (_json(time=call.stamp, type=kind, record=record) for kind, record in told)
    init = {"initializationType": "on-demand", "phase": "init", "runtimeVersion": "python:3.12.v43"}
    before = [_json(time=call.stamp, type="platform.initStart", record=init)] if call.cold else []
    return [*before, start, *said, done, report]
