"""How an invocation ended: every old and new way of failing, and what must not pass for one."""

import pytest

from store.records import Status
from tests.collectors.stories import A, B, closed, end, fold, only, report, start, told

IMPORT = (
    "[ERROR] Runtime.ImportModuleError: Unable to import module 'h': No module named 'x'\n"
    "Traceback (most recent call last):"
)
UNCAUGHT = (
    "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\xa0\xa0File \"/var/task/h.py\", line 2, in handler"
)
NODE = (
    "2026-11-23T19:11:29.835Z\tundefined\tERROR\tUncaught Exception \t"
    '{"errorType":"Error","errorMessage":"x","stack":["Error: x"]}'
)
KILLED = f"RequestId: {A} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n"
EXITED = f"RequestId: {A} Error: Runtime exited without providing a reason\nRuntime.ExitError\n"
TIMEOUT = f"2024-03-04T17:22:38.033Z {A} Task timed out after 3.00 seconds\n\n"

STORIES: list[tuple[str, list[str], tuple[Status, str | None, str | None]]] = [
    ("ok", [start(), end(), report()], (Status.OK, None, None)),
    ("new timeout", [start(), end(), report(extra="Status: timeout")], (Status.TIMEOUT, None, None)),
    (
        "old timeout before END",
        [start(), TIMEOUT, end(), report(duration=3004.92)],
        (Status.TIMEOUT, None, "Task timed out after 3.00 seconds"),
    ),
    (
        "old timeout after REPORT",
        [start(), end(), report(duration=3004.92), TIMEOUT],
        (Status.TIMEOUT, None, "Task timed out after 3.00 seconds"),
    ),
    (
        "both timeouts",
        [start(), TIMEOUT, end(), report(duration=3000, extra="Status: timeout")],
        (Status.TIMEOUT, None, "Task timed out after 3.00 seconds"),
    ),
    (
        "emulator's timeout",
        [start(), "Task timed out after 3.00 seconds", end(), report(duration=3001)],
        (Status.TIMEOUT, None, "Task timed out after 3.00 seconds"),
    ),
    (
        "out of memory by type",
        [start(), end(), report(used=128, extra="Status: error\tError Type: Runtime.OutOfMemory")],
        (Status.OOM, "Runtime.OutOfMemory", None),
    ),
    (
        "out of memory by kill",
        [start(), KILLED, end(), report(used=127)],
        (Status.OOM, "Runtime.ExitError", "Runtime exited with error: signal: killed"),
    ),
    (
        "killed with memory to spare",
        [start(), KILLED, end(), report(used=60)],
        (Status.CRASH, "Runtime.ExitError", "Runtime exited with error: signal: killed"),
    ),
    (
        "out of memory by its last words",
        [start(), "FATAL ERROR: JavaScript heap out of memory", EXITED, end(), report()],
        (Status.OOM, "Runtime.ExitError", "FATAL ERROR: JavaScript heap out of memory"),
    ),
    ("MemoryError", [start(), "[ERROR] MemoryError: ", end(), report()], (Status.OOM, "MemoryError", "")),
    (
        "clean exit",
        [start(), EXITED, end(), report()],
        (Status.CRASH, "Runtime.ExitError", "Runtime exited without providing a reason"),
    ),
    (
        "status error without words",
        [start(), end(), report(extra="Status: error\tError Type: Runtime.Unknown")],
        (Status.CRASH, "Runtime.Unknown", None),
    ),
    (
        "status failure",
        [start(), end(), report(extra="Status: failure\tError Type: Sandbox.Failure")],
        (Status.CRASH, "Sandbox.Failure", None),
    ),
    (
        "node dies of an exception",
        [start(), NODE, end(), report(extra="Status: error\tError Type: Runtime.ExitError")],
        (Status.CRASH, "Error", "x"),
    ),
    (
        "init fails twice",
        [
            "INIT_START Runtime Version: python:3.12.v43\n", IMPORT,
            "INIT_REPORT Init Duration: 229.04 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n",
            IMPORT,
            "INIT_REPORT Init Duration: 998.15 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.Unknown\n",
            start(), end(),
            report(extra="Status: error\tError Type: Runtime.Unknown"),
        ],
        (Status.ERROR, "Runtime.ImportModuleError", "Unable to import module 'h': No module named 'x'"),
    ),
    (
        "init fails, then succeeds inside the invoke",
        [
            "INIT_START Runtime Version: python:3.12.v43\n", IMPORT,
            "INIT_REPORT Init Duration: 229.04 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n",
            start(), end(), report(),
        ],
        (Status.OK, None, None),
    ),
    (
        "json error of a node function",
        [
            f'{{"time":"2026-11-23T19:12:31.752Z","type":"platform.start","record":{{"requestId":"{A}"}}}}',
            f'{{"timestamp":"x","level":"ERROR","requestId":"{A}","message":{{"errorType":"ImportModuleError","errorMessage":'
            '"no","stackTrace":["x"]}}',
            f'{{"time":"x","type":"platform.report","record":{{"requestId":"{A}","status":"error","metrics":{{"durationMs":1}}}}}}',
        ],
        (Status.ERROR, "Runtime.ImportModuleError", "no"),
    ),
    (
        "json error that was caught",
        [
            f'{{"type":"platform.start","record":{{"requestId":"{A}"}}}}',
            f'{{"level":"ERROR","requestId":"{A}","message":{{"errorType":"E","errorMessage":"no","stackTrace":["x"]}}}}',
            f'{{"type":"platform.report","record":{{"requestId":"{A}","status":"success","metrics":{{"durationMs":1}}}}}}',
        ],
        (Status.OK, None, None),
    ),
    ("last words in an ok run", [start(), "Killed", end(), report()], (Status.OK, None, None)),
    (
        "a timeout of something else, printed",
        [start(), "Task timed out after 3.00 seconds", "trying again", end(), report(duration=9_000)],
        (Status.OK, None, None),
    ),
    ("a timeout line in a short run", [start(), TIMEOUT, end(), report(duration=20)], (Status.OK, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "verdict"), [pytest.param(lines, v, id=name) for name, lines, v in STORIES])
def test_the_status_is_decided_by_everything_the_lines_say(lines, verdict):
    invocation = only(*lines)
    assert (invocation.status, invocation.error_type, invocation.error_message) == verdict
    assert bool(invocation.lines) == invocation.status.failed


@pytest.mark.parametrize(("lines", "verdict"), [pytest.param(lines, v, id=name) for name, lines, v in STORIES])
def test_the_status_stands_among_other_invocations_of_the_stream(lines, verdict):
    around = [start(B), "x", end(B), report(B)]
    invocations = closed(*around, *lines, *around)
    assert [invocation.status for invocation in invocations] == [Status.OK, verdict[0], Status.OK]


FORGERIES = [
    ("another's REPORT", [report(B, duration=1)]),
    ("its own REPORT", [report(A, duration=1, extra="Status: timeout")]),
    ("its own START", [start(A)]),
    ("another's START", [start(B)]),
    ("another's START and words", [start(B), '{"level":"INFO","message":"x"}']),
    ("another's END", [end(B)]),
    ("another's exit", [f"RequestId: {B} Error: Runtime exited without providing a reason\n"]),
    ("its own exit, and it goes on logging", [EXITED, f"[INFO]\t2026-11-23T19:12:31.752Z\t{A}\tstill here"]),
    ("a platform line in a sentence", ["they said " + report(A)]),
]


@pytest.mark.parametrize("prints", [pytest.param(prints, id=name) for name, prints in FORGERIES])
def test_a_printed_platform_line_makes_no_invocation(prints):
    assembler = fold(told([start(), *prints, end(), report(duration=50)]))
    (invocation,) = assembler.closed()
    assert (invocation.request_id, invocation.status, invocation.duration_ms) == (A, Status.OK, 50)
    assert assembler.open() == []


INIT = "INIT_START Runtime Version: java:21.v1\n"
COLD: list[tuple[str, list[str], bool | None]] = [
    ("init duration", [start(), end(), report(extra="Init Duration: 5.00 ms")], True),
    ("restore duration", [start(), end(), report(extra="Restore Duration: 5.00 ms")], True),
    ("init start without init duration", [INIT, start(), end(), report()], True),
    ("neither", [start(), end(), report()], False),
    ("the logger says so", [start(), '{"level":"INFO","message":"x","cold_start":true}', end(), report()], True),
    (
        "provisioned concurrency",
        [
            '{"type":"platform.initStart","record":{"initializationType":"provisioned-concurrency"}}',
            start(),
            end(),
            report(),
        ],
        False,
    ),
]


@pytest.mark.parametrize(("lines", "cold"), [pytest.param(lines, cold, id=name) for name, lines, cold in COLD])
def test_a_cold_start_is_known_by_whichever_sign_there_is(lines, cold):
    assert only(*lines).cold_start is cold


def test_only_the_first_invocation_after_an_init_is_cold():
    lines = [INIT, start(A), end(A), report(A), start(B), end(B), report(B)]
    assert [invocation.cold_start for invocation in closed(*lines)] == [True, False]


def test_failed_and_unattached_inits_are_told():
    failed = "INIT_REPORT Init Duration: 5.36 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint\n"
    assembler = fold(told([INIT, failed, INIT, "INIT_REPORT Init Duration: 13316.04 ms\n"]))
    assembler.finish()
    first, second = assembler.inits()
    assert (first.status, first.phase, first.error_type, first.init_ms) == (
        "error",
        "init",
        "Runtime.InvalidEntrypoint",
        5.36,
    )
    assert (second.status, second.init_ms, second.runtime_version) == ("success", 13316.04, "java:21.v1")
    assert assembler.inits() == []
