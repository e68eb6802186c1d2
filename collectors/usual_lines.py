"""The usual lane, line by line: what an invocation that goes well says, read without making anything of it.

Every method here answers one question about a line: is it certain that, in this invocation, it means no more than a
level, a request id, a cold start, a trace or metrics? If not, the whole invocation is left to the general path
(`recognise`, `folding`), which knows everything. So nothing is decided here that is not decided there in the same way;
`tests/collectors/test_usual.py` holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from collectors import platform_json, platform_text, structured_json, tracebacks
from collectors.documents import object_in
from collectors.json_errors import first_text
from collectors.json_plans import PLANS, Facts, plan_for
from collectors.levels import quiet_levels
from collectors.lines import Line, Metrics, Said, Started
from collectors.platform_json import Costs
from collectors.recognise import plain, recognise
from collectors.shapes import trace_of
from collectors.stitching import kind_of
from collectors.tabbed_logs import STAMP_OF_LINE

GO_ON, ENDED, WHOLE, UNUSUAL = range(4)
REPORT_HEAD = len("REPORT RequestId: ") + 36
QUIET = quiet_levels()
_BRACKETED = {f"[{value}]": level for value, level in QUIET.items() if isinstance(value, str)}
_TABBED = re.compile(STAMP_OF_LINE.pattern + r"\t([^\t]*)\t([^\t]*)\t(\{)?")
_PLAIN_TAIL = Said("")[10:]
"""What a line says beyond level, request id, error, cold start, trace, tenant and version, when it says nothing."""
RUNTIME_DONE = "platform.runtimeDone"
_PLATFORM = (RUNTIME_DONE, "platform.report")
_TRACEBACK = tracebacks.PYTHON

NO_COSTS: Costs = (None, None, None, None, None, None)


class Usual:
    """What the lines of one invocation have said so far, from its START on."""

    # What most invocations never say stands here once: setting it on each costs 0.3 µs.
    trace_id: str | None = None
    tenant_id: str | None = None
    cold: bool | None = None
    metrics: tuple[tuple[int, Metrics], ...] = ()
    structured = False
    more = 0
    """Lines it says beyond one for each event; less one for each of metrics, which say nothing of the invocation."""
    costs: Costs | None = None
    """What its REPORT says, once it was read."""

    def __init__(self, request_id: str, version: str | None) -> None:
        self.request_id, self.version = request_id, version
        self.levels: dict[str, int] = {}

    def read(self, messages: Sequence[str], begin: int) -> int:
        """Read from the line after START on. The index after the REPORT; the number of messages if they end before
        it; -1 if this is no usual invocation."""
        step, at, lanes, other, json = GO_ON, begin, _LANES.get, Usual._printed, self._json
        end = "" if self.structured else f"END RequestId: {self.request_id}\n"
        for at in range(begin, len(messages)):  # noqa: B007
            message = messages[at]
            first = message[:1]
            if first == "{":
                step = json(message, at)
            else:
                step = ENDED if message == end else lanes(first, other)(self, message, at)
            if step:
                break
        if step == GO_ON:
            return len(messages)
        if step == ENDED:
            return self._reported(messages, at + 1)
        return at + 1 if step == WHOLE else -1

    def _reported(self, messages: Sequence[str], at: int) -> int:
        if at == len(messages):
            return at
        message = messages[at]
        found = platform_text.USUAL_COSTS.fullmatch(message, REPORT_HEAD)
        if found is None or message[:REPORT_HEAD] != "REPORT RequestId: " + self.request_id:
            return -1
        duration, billed, size, used, init, trace = found.groups()
        self.costs = (float(duration), float(billed), int(size), int(used), None if init is None else float(init), None)
        if trace is not None:
            self.trace_id = trace
            self.more += 1
        return at + 1

    def _json(self, message: str, at: int) -> int:  # noqa: C901
        """A logger's line, taken in as the plan for its keys says, unless there is none yet, or a value in it is not
        what such a line has there. Half of all lines come by here: one call each."""
        try:
            document = orjson.loads(message)
        except orjson.JSONDecodeError:
            return UNUSUAL
        try:
            level_key, level, message_key, id_key, cold_key, facts = PLANS[tuple(document)]  # type: ignore[misc]
            if level_key is not None:
                level = QUIET[document[level_key]]
        except (KeyError, TypeError):
            return self._unplanned(document, message, at)
        words = document[message_key] if message_key is not None else ""
        if type(words) is not str or words[:1] == "{" or (id_key is not None and document[id_key] != self.request_id):
            return self._unplanned(document, message, at)
        if cold_key is not None:
            if type(document[cold_key]) is not bool:
                return self._unplanned(document, message, at)
            self.cold = document[cold_key]
        if level is not None:
            levels = self.levels
            levels[level] = levels[level] + 1 if level in levels else 1
        if facts is not None and ((self.trace_id is None and facts[0]) or (self.version is None and facts[1])):
            self._facts(facts, document)
        return GO_ON

    def _unplanned(self, document: dict[str, Any], message: str, at: int) -> int:
        plan_for(document)
        if "record" in document:
            return self._platform(document, message)
        return self._said(structured_json.read(document, message), message, at)

    def _facts(self, facts: Facts, document: dict[str, Any]) -> None:
        """What the first line to say it decides."""
        if facts.trace and self.trace_id is None:
            self.trace_id = trace_of(first_text(document, facts.trace))
        if facts.version and self.version is None:
            self.version = first_text(document, facts.version)

    def _platform(self, document: dict[str, Any], message: str) -> int:
        kind, record = document.get("type"), document["record"]
        if not self.structured or kind not in _PLATFORM or "_aws" in document or type(record) is not dict:
            return UNUSUAL
        if record.get("requestId") != self.request_id or "\n" in message[:-1] or not platform_json.went_well(record):
            return UNUSUAL
        if kind == RUNTIME_DONE:
            self.trace_id = self.trace_id or platform_json.trace(record)
            return GO_ON
        self.costs = platform_json.costs(record)
        self.trace_id = platform_json.trace(record) or self.trace_id
        return WHOLE

    def _bracketed(self, message: str, at: int) -> int:
        """Python's logger in text format."""
        self._count(message)
        fields = message.split("\t", 3)
        level = _BRACKETED.get(fields[0])
        if level is None or len(fields) < 4 or fields[2] != self.request_id or _TRACEBACK in fields[3]:
            return self._said(recognise(message), message, at)
        self.levels[level] = self.levels.get(level, 0) + 1
        return GO_ON

    def _tabbed(self, message: str, at: int) -> int:
        """Node's and .NET's loggers in text format."""
        self._count(message)
        found = _TABBED.match(message)
        if found is not None:
            who, label, brace = found.groups()
            level = QUIET.get(label)
            if level is not None and who == self.request_id and brace is None and "Task timed" not in message:
                self.levels[level] = self.levels.get(level, 0) + 1
                return GO_ON
        return self._said(recognise(message), message, at)

    def _ended(self, message: str, at: int) -> int:
        if message[:15] == "END RequestId: ":
            self._count(message)
            return ENDED if message[15:].rstrip() == self.request_id and not self.structured else UNUSUAL
        return self._printed(message, at)

    def _printed(self, message: str, at: int) -> int:
        self._count(message)
        return GO_ON if plain(message) else self._said(recognise(message), message, at)

    def _count(self, message: str) -> None:
        inner = message.count("\n", 0, -1)
        if inner:
            self.more += inner

    def _said(self, line: Line, message: str, at: int) -> int:
        """A line that the general path's own recogniser had to read: usual if it says no more than usual lines do."""
        if type(line) is Metrics:
            self.metrics = (*self.metrics, (at, line))
            self.more -= 1
            return GO_ON
        if type(line) is not Said or line[10:] != _PLAIN_TAIL or line.request_id not in (None, self.request_id):
            return UNUSUAL
        if kind_of(line, message) is not None:
            return UNUSUAL
        if line.level is not None:
            self.levels[line.level] = self.levels.get(line.level, 0) + 1
        if line.request_id is not None or line.cold_start is not None:
            self.cold = line.cold_start if line.cold_start is not None else self.cold
            self.trace_id = self.trace_id or line.trace_id
            self.tenant_id = self.tenant_id or line.tenant_id
            self.version = self.version or line.version
        return GO_ON


_LANES: dict[str, Callable[[Usual, str, int], int]] = {
    "{": Usual._json, "[": Usual._bracketed, "2": Usual._tabbed, "E": Usual._ended,
}  # fmt: skip
"""By a line's first character; any other is a print's, or nothing usual."""


def start_of(message: str) -> Usual | None:
    """An invocation begun by this message, in either format, or None when it is no START."""
    if message[:1] == "S":
        found = platform_text.USUAL_START.fullmatch(message)
        return Usual(*found.groups()) if found is not None else None
    if message[:1] != "{" or '"platform.start"' not in message[:200]:
        return None
    document = object_in(message)
    if document is None or "_aws" in document or type(document.get("record")) is not dict:
        return None
    line = platform_json.read(document, message) if document.get("type") == "platform.start" else None
    if type(line) is not Started or line.managed:
        return None
    usual = Usual(line.request_id, line.version)
    usual.structured, usual.trace_id, usual.tenant_id = True, line.trace_id, line.tenant_id
    return usual
