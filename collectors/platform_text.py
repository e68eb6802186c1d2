"""Platform lines in text format: START, END, REPORT, INIT_*, RESTORE_*, faults, extensions.

All are anchored at the start of the event and need a UUID where the platform writes one: people print
sentences that mention `START RequestId:`. Fields are read by key, never by position: every field after Duration
is optional and their order differs between runtimes and years.
"""

from __future__ import annotations

import re

from collectors.json_errors import plain_type
from collectors.lines import (
    Ended,
    Fault,
    Ignored,
    InitReported,
    InitStarted,
    Line,
    Reported,
    Started,
    Traced,
    unrecognised,
)
from collectors.shapes import STAMP, UUID, Shape, trace_of

START = re.compile(rf"START RequestId: ({UUID})([ \t]+)Version: ([^\s\\]{{1,128}})\s*")
_END = re.compile(rf"END RequestId: ({UUID})\s*")
_REPORT = re.compile(rf"REPORT RequestId: ({UUID})(?=\s|$)")
_PLAIN_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
USUAL_START = re.compile(rf"START RequestId: ({_PLAIN_UUID}) Version: ([^\s\\]{{1,128}})\n?")
"""What Lambda writes; `START` reads what is pasted as well, in twice the time."""
USUAL_COSTS = re.compile(
    r"\tDuration: (\d{1,9}\.\d\d) ms\tBilled Duration: (\d{1,9}) ms\tMemory Size: (\d{1,6}) MB\t"
    r"Max Memory Used: (\d{1,6}) MB(?:\tInit Duration: (\d{1,9}\.\d\d) ms)?\t?"
    r"(?:\nXRAY TraceId: (1-[0-9a-f]{8}-[0-9a-f]{24})\tSegmentId: [0-9a-f]{16}(?:\tSampled: (?:true|false))?\t?)?\n?"
)
"""What follows the request id in nine of ten REPORT lines, traced or not, in one match of 0.8 µs; every other layout is
read field by field, in 10."""
_USUAL_REPORT = re.compile(rf"REPORT RequestId: ({_PLAIN_UUID}){USUAL_COSTS.pattern}")
_SEPARATOR = re.compile(r"\t|\n|\r| {2,}")
"""Real lines separate fields by tabs; copies out of consoles and documents flatten them to blanks."""
_KEY = re.compile(
    r"(?:^|(?<=\s))(Billed Restore Duration|Restore Duration|Init Duration|Billed Duration|Duration|Memory Size|"
    r"Max Memory Used|Status|Error ?Type|Phase|XRAY TraceId|SegmentId|Sampled): "
)
"""Longest first: `Billed Restore Duration:` ends in two other keys."""
_NUMBER = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(?: ?(?:ms|MB))?")
_OLD_TIMEOUT = re.compile(rf"(?:{STAMP})[ \t]({UUID}) Task timed out after (\d{{1,4}}\.\d\d) seconds\s*")
_FAULT = re.compile(rf"RequestId: ({UUID})\s+(.*)", re.DOTALL)
_RUNTIME_VERSION = re.compile(r"(?:INIT|RESTORE)_START\s+Runtime Version: (\S+)")
_EXIT = re.compile(r"(?:Error: )?([Rr]untime exited|Process exited before completing request)")
_TYPE = re.compile(r"(?:\s+|^)((?:Runtime|Extension|Function|Sandbox)\.[A-Z]\w{1,100})\s*$")
_ENVIRONMENT = re.compile(r"[A-Z]+\s+(?:Name|State|Events|Types): ")
_UNKNOWN = "Unknown application error occurred"
_NAME = re.compile(r"[A-Za-z][\w.:]{1,200}(?:<[\w:]{1,200}>)?")
_BARE_TIMEOUT = re.compile(r"Task timed out after \d{1,4}\.\d\d seconds\s*")

MAX_REPORT_CHARS = 4_000
"""Real REPORT lines stay under 600 characters; a longer one is somebody's prose."""


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in _SEPARATOR.split(text):
        key, colon, value = part.strip().partition(": ")
        if colon:
            if ": " in value:
                fields |= _flattened(part)
            else:
                fields.setdefault(key.removeprefix("XRAY "), value.strip())
    return fields


def _flattened(part: str) -> dict[str, str]:
    keys = list(_KEY.finditer(part))
    if not keys:
        return {}
    ends = [key.start() for key in keys[1:]] + [len(part)]
    return {
        key.group(1).removeprefix("XRAY "): part[key.end() : end].strip() for key, end in zip(keys, ends, strict=True)
    }


def _number(value: str | None) -> float | None:
    if value is None:
        return None
    found = _NUMBER.fullmatch(value)
    if found is None:
        raise ValueError(value)
    return float(found.group(1))


def _whole(value: str | None) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def start(text: str) -> Line | None:
    found = START.fullmatch(text)
    if found is None:
        return None
    request_id, blank, version = found.groups()
    return Started(request_id, version, managed=blank == "\t")


def _end(text: str) -> Line | None:
    found = _END.fullmatch(text)
    return Ended(found.group(1)) if found else None


def report(text: str) -> Line | None:
    """A REPORT, or why it cannot be read; None for what only resembles one."""
    usual = _USUAL_REPORT.fullmatch(text)
    if usual is not None:
        who, duration, billed, size, used, init, trace = usual.groups()
        init_ms = float(init) if init is not None else None
        return Reported(who, float(duration), float(billed), int(size), int(used), init_ms, None, None, None, trace)
    found = _REPORT.match(text)
    if found is None:
        return None
    if len(text) > MAX_REPORT_CHARS:
        return unrecognised("a REPORT line longer than any the platform writes", text)
    fields = _fields(text[found.end() :])
    try:
        line = _reported(found.group(1), fields)
    except ValueError as wrong:
        return unrecognised(f"a REPORT line with a value that is not a number: {str(wrong)[:40]!r}", text)
    if line.duration_ms is None:
        return unrecognised("a REPORT line without a duration", text)
    return line


def _reported(request_id: str, fields: dict[str, str]) -> Reported:
    get = fields.get
    return Reported(
        request_id,
        _number(get("Duration")),
        _number(get("Billed Duration")),
        _whole(get("Memory Size")),
        _whole(get("Max Memory Used")),
        _number(get("Init Duration")),
        _number(get("Restore Duration")),
        get("Status"),
        get("Error Type") or get("ErrorType"),
        trace_of(get("TraceId")),
    )


def _xray(text: str) -> Line | None:
    trace = trace_of(text[:80])
    return Traced(trace) if trace else None


def _init_start(text: str) -> Line | None:
    """Images and provided runtimes may have no version to tell."""
    found = _RUNTIME_VERSION.match(text[:400])
    if found is None and text.strip() not in ("INIT_START", "RESTORE_START"):
        return None
    return InitStarted(found.group(1) if found else None, restore=text.startswith("RESTORE"))


def _init_report(text: str) -> Line | None:
    kind, _, rest = text.partition(" ")
    fields = _fields(rest[:MAX_REPORT_CHARS])
    restore = kind == "RESTORE_REPORT"
    try:
        duration = _number(fields.get("Restore Duration" if restore else "Init Duration"))
    except ValueError as wrong:
        return unrecognised(f"an {kind} line with a value that is not a number: {str(wrong)[:40]!r}", text)
    if duration is None:
        return unrecognised(f"an {kind} line without a duration", text)
    error_type = fields.get("Error Type") or fields.get("ErrorType")
    return InitReported(duration, fields.get("Phase"), fields.get("Status"), error_type, restore=restore)


def _fault(text: str) -> Line | None:
    """`Error: <words>`, then the type on a line of its own, or behind blanks where a copy was flattened."""
    found = _FAULT.match(text)
    if found is None or len(text) > MAX_REPORT_CHARS or "\\n" in text:
        return None
    request_id, words = found.groups()
    if words.startswith("Status: "):
        return _managed_fault(request_id, words)
    typed = _TYPE.search(words)
    if _EXIT.match(words) is None and (typed is None or not words.startswith("Error: ")):
        return _fault_timeout(request_id, words)
    sentence = (words[: typed.start()] if typed else words).partition("\n")[0].removeprefix("Error:").strip()
    kind = typed.group(1) if typed else ("Runtime.ExitError" if "untime exited" in sentence else None)
    return Fault("exit", request_id, kind, sentence or None)


def _fault_timeout(request_id: str, words: str) -> Line | None:
    """What a caller is told since 2024, in a caller's log."""
    sentence = words.removeprefix("Error: ").strip()
    return Fault("timeout", request_id, None, sentence) if _BARE_TIMEOUT.fullmatch(sentence) else None


def _managed_fault(request_id: str, words: str) -> Line:
    fields = _fields(words[:MAX_REPORT_CHARS])
    error_type = fields.get("ErrorType") or fields.get("Error Type")
    return Fault("timeout" if fields.get("Status") == "timeout" else "exit", request_id, error_type)


def _old_timeout(text: str) -> Line | None:
    if len(text) > 200:
        return None
    found = _OLD_TIMEOUT.fullmatch(text)
    if found is None:
        return None
    return Fault("timeout", found.group(1), None, f"Task timed out after {found.group(2)} seconds")


def _bare_timeout(text: str) -> Line | None:
    return Fault("timeout", None, None, text.strip()) if _BARE_TIMEOUT.fullmatch(text[:100]) else None


def _unknown_error(text: str) -> Line | None:
    """The type behind it is the platform's, or what Ruby's runtime gave it: `Init<LoadError>`."""
    kind = text[len(_UNKNOWN) :].strip()
    return Fault("exit", None, plain_type(kind) if _NAME.fullmatch(kind) else "Runtime.Unknown", _UNKNOWN)


def _image(text: str) -> Line | None:
    """Why a container could not be started; the INIT_REPORT after it has the type."""
    words = text[len("IMAGE") :].strip()
    if not words.startswith(("Launch error: ", "Invalid task config: ")):
        return None
    return Fault("crash", None, None, words.partition("\t")[0][:MAX_REPORT_CHARS])


def _ignored(what: str) -> Shape:
    return Shape(
        what.lower(),
        what,
        "the environment speaks of itself, not of an invocation",
        lambda text: Ignored(what.lower()) if _ENVIRONMENT.match(text[:100]) else None,
    )


def _escaped(text: str) -> Line | None:
    """A line whose tabs and line ends arrive as a backslash and a letter: its sender escaped it twice."""
    if "\\" not in text or len(text) > MAX_REPORT_CHARS or (text[0] == "2" and " Task timed " not in text[:100]):
        return None
    plain = text.replace("\\t", "\t").replace("\\r", "").replace("\\n", "\n")
    readings = (read(plain) for read in (start, _end, report, _fault, _old_timeout))
    return next((line for line in readings if line is not None), None)


SHAPES = (
    Shape("start", "START RequestId: ", "has the version; Managed Instances put a tab before it", start),
    Shape("end", "END RequestId: ", "an END proves that the START before it was real", _end),
    Shape("report", "REPORT RequestId: ", "one or two lines, tabs or blanks, any order of fields", report),
    Shape("xray line", "XRAY TraceId: ", "a REPORT cut at its line break by whoever copied it", _xray),
    Shape("init start", "INIT_START ", "the only line with the runtime version in text format", _init_start),
    Shape("restore start", "RESTORE_START ", "SnapStart's init", _init_start),
    Shape("init report", "INIT_REPORT ", "failed inits, and every SnapStart publish", _init_report),
    Shape("restore report", "RESTORE_REPORT ", "SnapStart's restore, ok or not", _init_report),
    Shape("fault", "RequestId: ", "the process or the sandbox ended; before 2024 the only sign of it", _fault),
    Shape("old timeout", "2", "before 2024, and still in some partitions, an own line", _old_timeout),
    Shape("bare timeout", "Task timed out", "an emulator's; counts only as a long run's last line", _bare_timeout),
    Shape("unknown error", _UNKNOWN, "after an init that failed twice", _unknown_error),
    *(Shape("escaped " + prefix.strip(": "), prefix, "forwarders and test suites escape twice", _escaped)
      for prefix in ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "RequestId: ", "2")),
    Shape("image", "IMAGE", "a container that could not be started says why", _image),
    _ignored("EXTENSION"),
    _ignored("TELEMETRY"),
    _ignored("LOGS"),
)  # fmt: skip
