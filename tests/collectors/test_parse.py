"""`python -m collectors parse`: every input, the documented records, exit codes."""

import base64
import gzip
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from click.testing import CliRunner

from collectors.__main__ import main
from tests.collectors.stories import STREAM, A, B, end, report, start, told

ROOT = Path(__file__).parents[2]
UNCAUGHT = (
    "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\xa0\xa0File \"/var/task/h.py\", line 2, in handler"
)
EVENTS = told(
    [start(), UNCAUGHT, end(), report(extra="\nXRAY TraceId: 1-6ac7d561-0edfbbd4045df83612f1477d\t"), start(B)]
)
DOCUMENT = {
    "messageType": "DATA_MESSAGE", "logGroup": "/aws/lambda/orders", "logStream": STREAM,
    "logEvents": [{"id": event.id, "timestamp": event.timestamp, "message": event.message} for event in EVENTS],
}  # fmt: skip
FILTERED = [
    {
        "eventId": event.id,
        "timestamp": event.timestamp,
        "message": event.message,
        "logStreamName": STREAM,
        "ingestionTime": 1,
    }
    for event in EVENTS
]
PACKED = base64.b64encode(gzip.compress(json.dumps(DOCUMENT).encode(), mtime=0)).decode()
INPUTS = {
    "document": json.dumps(DOCUMENT),
    "pretty document": json.dumps(DOCUMENT, indent=2),
    "list": json.dumps([DOCUMENT]),
    "awslogs": json.dumps({"awslogs": {"data": PACKED}}),
    "base64 alone": PACKED,
    "kinesis": json.dumps({"Records": [{"kinesis": {"data": PACKED}}]}),
    "answer": json.dumps({"events": FILTERED}),
    "pretty answer": json.dumps({"events": FILTERED}, indent=4),
    "events, one a line": "\n".join(json.dumps(event) for event in FILTERED),
}
INVOCATION_KEYS = [
    "kind", "request_id", "log_stream", "version", "status", "error_type", "error_message", "stack", "cold_start",
    "duration_ms", "billed_ms", "memory_mb", "max_memory_mb", "init_ms", "restore_ms", "trace_id", "tenant_id",
    "execution_arn",
    "started_at",
    "ended_at", "levels",
]  # fmt: skip


def parsed(text: str | bytes, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, ["parse", *arguments], input=text)
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in INPUTS.items()])
def test_every_input_tells_the_same_invocations(text, packed):
    raw = text.encode()
    failed, unfinished = parsed(gzip.compress(raw, mtime=0) if packed else raw)
    assert list(failed) == INVOCATION_KEYS
    assert (failed["request_id"], failed["status"], failed["error_type"]) == (A, "error", "KeyError")
    assert (failed["log_stream"], failed["trace_id"]) == (STREAM, "1-6ac7d561-0edfbbd4045df83612f1477d")
    assert (failed["started_at"], failed["ended_at"]) == (EVENTS[0].timestamp, EVENTS[3].timestamp)
    assert (failed["levels"], failed["init_ms"]) == ({"ERROR": 1}, None)
    assert (unfinished["request_id"], unfinished["status"], unfinished["duration_ms"]) == (B, "open", None)


def test_raw_lines_are_read_with_stacks_and_reports_cut_at_their_line_breaks():
    raw = "\r\n".join(event.message.strip("\n") for event in EVENTS)
    failed, unfinished = parsed(raw)
    assert (failed["status"], failed["error_type"], failed["started_at"]) == ("error", "KeyError", None)
    assert failed["stack"].endswith("in handler")
    assert failed["trace_id"] == "1-6ac7d561-0edfbbd4045df83612f1477d"
    assert unfinished["status"] == "open"


def test_raw_platform_json_brings_its_own_times():
    lines = [
        {"time": "2026-11-23T19:12:31.752Z", "type": "platform.start", "record": {"requestId": A, "version": "7"}},
        {
            "time": "2026-11-23T19:12:32.000Z",
            "type": "platform.report",
            "record": {"requestId": A, "metrics": {"durationMs": 1}},
        },
    ]
    (record,) = parsed("\n".join(json.dumps(line) for line in lines))
    assert (record["started_at"], record["ended_at"], record["version"]) == (1795461151752, 1795461152000, "7")


def test_metrics_inits_and_what_is_not_recognised_are_records_too():
    blob = {
        "_aws": {"Timestamp": 5, "CloudWatchMetrics": [
            {"Namespace": "n", "Dimensions": [["s"]], "Metrics": [{"Name": "a"}]}]},
        "s": "x", "a": [1, 2.5],
    }  # fmt: skip
    lines = [
        "INIT_REPORT Init Duration: 5.36 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint",
        json.dumps(blob),
        "REPORT RequestId: " + A + "\tDuration: x ms",
    ]
    kinds = {record["kind"]: record for record in parsed("\n".join(lines))}
    assert kinds["metric"] == {
        "kind": "metric", "namespace": "n", "name": "a", "unit": "None", "values": [1, 2.5], "dimensions": {"s": "x"},
        "timestamp": 5, "request_id": None,
    }  # fmt: skip
    assert kinds["unrecognised"] == {
        "kind": "unrecognised", "reason": "a REPORT line with a value that is not a number: 'x ms'", "sample": lines[2],
    }  # fmt: skip
    assert (kinds["init"]["status"], kinds["init"]["init_ms"]) == ("error", 5.36)


def test_files_are_read_one_after_another(tmp_path):
    for name, request_id in (("a.log", A), ("b.log", B)):
        (tmp_path / name).write_text(start(request_id) + end(request_id) + report(request_id))
    records = parsed("", str(tmp_path / "a.log"), str(tmp_path / "b.log"))
    assert [record["request_id"] for record in records] == [A, B]


def test_a_missing_file_is_a_usage_error_with_advice():
    result = CliRunner().invoke(main, ["parse", "/nowhere/at.all"])
    assert result.exit_code == 2
    sentence = "Cannot read /nowhere/at.all: No such file or directory. Check the name; - is standard input."
    assert sentence in result.output


def test_a_folder_is_a_usage_error_with_advice(tmp_path):
    result = CliRunner().invoke(main, ["parse", str(tmp_path)])
    assert result.exit_code == 2
    assert f"it is a folder. Name the files in it: {tmp_path}/*" in result.output


def test_strict_exits_1_when_something_was_not_recognised():
    text = f"REPORT RequestId: {A}\tDuration: x ms"
    assert [record["kind"] for record in parsed(text, "--strict", code=1)] == ["unrecognised"]
    assert parsed("hello", "--strict") == []


def test_damaged_gzip_is_told_and_what_came_before_is_kept():
    raw = gzip.compress((start() + end() + report() + "x\n" * 10_000).encode(), mtime=0)[:-9]
    kinds = [record["kind"] for record in parsed(raw)]
    assert sorted(kinds) == ["invocation", "unrecognised"]


def test_half_surrogates_are_printed_as_escapes():
    line = '{"level":"ERROR","log_level":"ERROR","errorMessage":"\\ud800","errorType":"E"}'
    (record,) = parsed("\n".join([start(), line, end(), report()]))
    assert record["error_message"] == "\ud800"


@pytest.mark.parametrize("name", ["document", "answer", "events, one a line", "awslogs"])
def test_the_same_and_overlapping_files_are_counted_once(name, tmp_path):
    whole, copy, part = tmp_path / "whole", tmp_path / "copy", tmp_path / "part"
    whole.write_text(INPUTS[name])
    copy.write_text(INPUTS[name])
    part.write_text(json.dumps({"events": FILTERED[1:]}))
    alone = parsed("", str(whole))
    assert parsed("", str(whole), str(copy), str(whole), str(part)) == alone


def test_a_file_of_raw_lines_named_twice_is_read_once(tmp_path):
    path = tmp_path / "raw.log"
    path.write_text(start() + end() + report())
    (tmp_path / "link").symlink_to(path)
    assert len(parsed("", str(path), str(path), str(tmp_path / "link"))) == 1


def test_an_invocation_cut_between_two_files_is_one(tmp_path):
    for name, part in (("a", FILTERED[:2]), ("b", FILTERED[2:])):
        (tmp_path / name).write_text(json.dumps({"events": part}))
    failed, unfinished = parsed("", str(tmp_path / "a"), str(tmp_path / "b"))
    assert (failed["status"], failed["started_at"], unfinished["status"]) == ("error", EVENTS[0].timestamp, "open")


def run(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "collectors", "parse", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, **options)


def test_a_reader_that_has_enough_ends_it_quietly(tmp_path):
    (tmp_path / "much").write_text((start() + end() + report()) * 20_000)
    with run(str(tmp_path / "much")) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


@pytest.fixture
def ctrl_c():
    """A shell that starts us in the background has Ctrl-C ignored, and what we start inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_shows_what_was_read_and_exits_130():
    with run("--summary") as process:
        assert process.stdin
        process.stdin.write((start() + end() + report()).encode() * 5_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert err.endswith(b"Stopped by Ctrl-C: not everything was read.\n")
    assert b"events from 1 input" in out


def test_progress_is_shown_on_a_terminal_alone(tmp_path):
    ours, theirs = pty.openpty()
    (tmp_path / "much").write_text((start() + end() + report()) * 60_000)
    command = [sys.executable, "-m", "collectors", "parse", str(tmp_path / "much")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = os.read(ours, 1_000)
        assert process.wait(60) == 0
    os.close(ours)
    assert b"events, " in shown or shown == b"\r\x1b[K"


def test_lines_that_are_no_lambda_logs_are_said_so():
    result = CliRunner().invoke(main, ["parse"], input="hello\n" * 3)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No invocation in 3 lines: are these logs of Lambda functions?" in result.stderr
