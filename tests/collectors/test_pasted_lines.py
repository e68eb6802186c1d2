"""Lines as other people paste, escape, flatten and keep them: each still says what it said when it was written."""

import pytest

from collectors.lines import (
    Ended,
    Fault,
    Ignored,
    InitReported,
    InitStarted,
    Line,
    Reported,
    Said,
    Started,
    Uncaught,
)
from collectors.recognise import recognise

ID = "7c9567b5-107b-4a6c-8798-0157ac21db52"
DOC = "6bc28136-xmpl-4365-b021-0ce6b2e64ab0"
TRACE = "1-63dcd2d1-25f90b9d1c753a783547f4dd"
NOW = "2020-01-31T22:12:58.534Z"
REPORT = f"REPORT RequestId: {ID}"
SILENT = "runtime exited without providing a reason"
STACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in f'

PASTED: list[tuple[str, str, Line]] = [
    ("start, escaped twice", f"START RequestId: {ID} Version: $LATEST\\n", Started(ID, "$LATEST")),
    ("end, escaped twice", f"END RequestId: {ID}\\n", Ended(ID)),
    ("report, escaped twice", f"{REPORT}\\tDuration: 3003.16 ms\\tBilled Duration: 3000 ms\\tMemory Size: "
     "128 MB\\tMax Memory Used: 48 MB\\tInit Duration: 127.02 ms\\t\\n", Reported(ID, 3003.16, 3000, 128, 48, 127.02)),
    ("report with x-ray, escaped twice", f"{REPORT}\\tDuration: 1.76 ms\\tBilled Duration: 2 ms\\t"
     f"\\nXRAY TraceId: {TRACE}\\tSegmentId: 31255c3b19bd3637\\tSampled: true", Reported(ID, 1.76, 2, trace_id=TRACE)),
    ("timeout, escaped twice", f"2020-06-09T15:02:26.150Z {ID} Task timed out after 3.00 seconds\\n\\n",
     Fault("timeout", ID, None, "Task timed out after 3.00 seconds")),
    ("exit, escaped twice", f"RequestId: {ID} Error: Runtime exited with error: exit status 1\\nRuntime.ExitError\\n",
     Fault("exit", ID, "Runtime.ExitError", "Runtime exited with error: exit status 1")),
    ("start out of a document", f"START RequestId: {DOC} Version: $LATEST", Started(DOC, "$LATEST")),
    ("report out of a document", f"REPORT RequestId: {DOC}  Duration: 15.74 ms  Billed Duration: 16 ms Memory Size: "
     "128 MB Max Memory Used: 56 MB  Init Duration: 130.49 ms\nXRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1   "
     "SegmentId: 07f5xmpl2d1f6f85 Sampled: true   ",
     Reported(DOC, 15.74, 16, 128, 56, 130.49, trace_id="1-5e34a614-10bdxmplf1fb44f07bc535a1")),
    ("report with x-ray in the same line", f"{REPORT}\tDuration: 128.83 ms\tBilled Duration: 200 ms\tMemory "
     f"Size: 128 MB\tMax Memory Used: 74 MB\tInit Duration: 166.62 ms\tXRAY TraceId: {TRACE}\tSampled: true",
     Reported(ID, 128.83, 200, 128, 74, 166.62, trace_id=TRACE)),
    ("report, one field a line", f"{REPORT}\nDuration: 13.82 ms\nBilled Duration: 129 ms\nMemory Size: 512 "
     "MB\nMax Memory Used: 71 MB\nRestore Duration: 204.27 ms", Reported(ID, 13.82, 129, 512, 71, restore_ms=204.27)),
    ("report, cold and timed out, in blanks", f"{REPORT} Duration: 5000.00 ms Billed Duration: 5579 ms "
     "Memory Size: 3008 MB Max Memory Used: 113 MB Init Duration: 578.07 ms Status: timeout",
     Reported(ID, 5000.0, 5579, 3008, 113, 578.07, status="timeout")),
    ("init start in blanks", "INIT_START Runtime Version: python:3.11.v39     Runtime Version ARN: arn:aws:lambda:x",
     InitStarted("python:3.11.v39")),
    ("init report in blanks", "INIT_REPORT Init Duration: 10.17 ms Phase: init Status: error   Error Type: "
     "Runtime.ExitError", InitReported(10.17, "init", "error", "Runtime.ExitError")),
    ("init report without a blank before ms", "INIT_REPORT Init Duration: 45000ms  Phase: invoke  Status: success",
     InitReported(45000, "invoke", "success")),
    ("restore report in blanks", "RESTORE_REPORT Restore Duration: 1236.04 ms Status: error Error Type: "
     "Runtime.ExitError", InitReported(1236.04, None, "error", "Runtime.ExitError", restore=True)),
    ("extension in blanks", "EXTENSION  Name: lambda-adapter  State: Ready  Events: []", Ignored("extension")),
    ("extension of 2023", "EXTENSION\tName: x\tState: Registered\tEvents: [INVOKE,SHUTDOWN]\tError Type: "
     "Extension.InitError", Ignored("extension")),
    ("logs api", "LOGS\tName: cloudwatch_lambda_agent\tState: Subscribed\tTypes: [Platform]", Ignored("logs")),
    ("extension crashed", f"RequestId: {ID} Error: signal: terminated\nExtension.Crash",
     Fault("exit", ID, "Extension.Crash", "signal: terminated")),
    ("extension crashed, flattened", f"RequestId: {ID} Error: exit code 0 Extension.Crash",
     Fault("exit", ID, "Extension.Crash", "exit code 0")),
    ("sandbox failed", f"RequestId: {ID}\tStatus: failure\tErrorType: Sandbox.Failure",
     Fault("exit", ID, "Sandbox.Failure")),
    ("managed exit in lower case", f"RequestId: {ID} Error: {SILENT}\nRuntime.ExitError",
     Fault("exit", ID, "Runtime.ExitError", SILENT)),
    ("timeout as callers see it", f"RequestId: {ID} Error: Task timed out after 3.00 seconds",
     Fault("timeout", ID, None, "Task timed out after 3.00 seconds")),
    ("image that cannot be started", "IMAGE\tLaunch error: fork/exec /bootstrap: no such file\tEntrypoint: []\tCmd: "
     "[app]\tWorkingDir: [/]", Fault("crash", None, None, "Launch error: fork/exec /bootstrap: no such file")),
    ("a type and no words", f"RequestId: {ID} Error: Runtime.Unknown", Fault("exit", ID, "Runtime.Unknown")),
    ("serverless logs", f"2026-11-23 20:12:31.752 (+01:00)\t{ID}\tWARN\tcareful", Said("careful", "WARN", ID)),
    ("python error without a message", f"[ERROR] KeyError\n{STACK}", Uncaught("KeyError", "", STACK, level="ERROR")),
    ("unknown error, flattened", "Unknown application error occurred Runtime.Unknown",
     Fault("exit", None, "Runtime.Unknown", "Unknown application error occurred")),
    ("python logger in blanks", f"[INFO]  {NOW}    {DOC}    ## EVENT", Said("## EVENT", "INFO", DOC)),
    ("python error in blanks", f"[ERROR] {NOW} {ID} boom\n{STACK}\nKeyError: 'k'",
     Said(f"boom\n{STACK}\nKeyError: 'k'", "ERROR", ID, "KeyError", "'k'", f"{STACK}\nKeyError: 'k'")),
    ("node in blanks", f"{NOW}        {ID}    INFO   hello", Said("hello", "INFO", ID)),
    ("node outside an invocation, in blanks", f"{NOW} undefined WARN early", Said("early", "WARN")),
    ("node uncaught in blanks",
     f'{NOW} {ID} ERROR Invoke Error {{"errorType":"E","errorMessage":"no","stack":["E: no"]}}',
     Uncaught("E", "no", "E: no", ID, "ERROR")),
    (".net uncaught in a document", f"{NOW}\t{ID}\tfail\tSystem.ApplicationException: You caused a failure\n---> "
     "System.ArgumentException: input\nat A.F.T(String input) in C:\\F.cs:line 45",
     Uncaught("System.ApplicationException", "You caused a failure", "System.ApplicationException: You caused a failure"
     "\n---> System.ArgumentException: input\nat A.F.T(String input) in C:\\F.cs:line 45", ID, "ERROR")),
    ("java uncaught in a document", "woops: java.lang.Error\njava.lang.Error: woops\nat a.B.c(B.java:1)\n... 13 more",
     Uncaught("java.lang.Error", "woops", "java.lang.Error: woops\nat a.B.c(B.java:1)\n... 13 more")),
    ("python error glued to its END", f"[ERROR] KeyError: 'k'\n{STACK}\n    x['k']END RequestId: {ID}",
     Uncaught("KeyError", "'k'", f"{STACK}\n    x['k']", level="ERROR")),
]  # fmt: skip


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"], ids=["bare", "LF", "CRLF", "two LF"])
@pytest.mark.parametrize(("text", "line"), [pytest.param(text, line, id=name) for name, text, line in PASTED])
def test_a_pasted_line_says_what_it_said(text, line, end):
    if not text.endswith(ID) or end == "":
        assert recognise(text + end) == line
    assert recognise(text.replace("\n", "\r") + end.replace("\n\n", "\n")) == line


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text, _ in PASTED])
def test_a_pasted_line_inside_a_sentence_is_a_print(text):
    assert recognise("he wrote: " + text.partition("\n")[0]) == Said("he wrote: " + text.partition("\n")[0])


@pytest.mark.parametrize("text", [
    f"START RequestId: {ID} Version: \\t", f"END RequestId: {ID} \\o/", f"REPORT RequestId: {ID}\\",
    f"RequestId: {ID} Error: it broke", f"RequestId: {ID} Error: it broke\nSome.Type", "EXTENSION of the deadline",
    "LOGS\tare here", "IMAGE\tof a cat", f"2020-01-31 {ID} INFO hello",
])  # fmt: skip
def test_a_near_miss_is_a_print(text):
    assert recognise(text) == Said(text)
