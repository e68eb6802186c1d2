"""Stacks that arrive one line an event, put together again.

Unframed output (container images, printStackTrace, emulators) makes an event of every line. A line that can begin a
stack is held until one comes that does not go on with it; then the whole is recognised as one text.
"""

from __future__ import annotations

import re

from collectors.events import LogEvent
from collectors.levels import is_error
from collectors.lines import Fault, Line, Said, Uncaught, Unrecognised
from collectors.tracebacks import JVM_THROWN, PYTHON

MAX_LINES = 2_000
MAX_CHARS = 256_000
"""A stack longer than this is cut into two records: memory stays bounded, nothing is dropped."""
_FRAMES = re.compile(
    r"\s+at |\t\.\.\. \d|Caused by: |\s+Suppressed: |\s*---> |\s+--- End of|\s+\[CIRCULAR|\s+\{$|\s*\}$"
)
_GO = re.compile(
    r"\s*$|\t|goroutine \d|\[signal |created by |panic: |exit status |runtime: |[\w./*()\[\]{}-]{1,300}\(.*\)$"
)
_RUST = re.compile(r"stack backtrace:|note: |\s{1,4}\d{1,4}: |\s+at |$")
_REPORT = re.compile(
    r"\s*(?:Init |Billed |Restore |Billed Restore )?Duration: |\s*(?:Max Memory Used|Memory Size|Status|Error Type): |"
    r"\s*XRAY TraceId: |\s*SegmentId: |\s*Sampled: "
)
_REPORT_HEAD = re.compile(r"REPORT RequestId: \S{36}\s*")
_JSON_HEADS = ("Error raised from handler method", "Critical exception from handler", "Init error when loading handler")
"""Ruby's runtime puts the sentence before the first brace."""
_PYTHON = re.compile(rf"[ \xa0\t|+]|{re.escape(PYTHON)}")
_PYTHON_CHAIN = re.compile(rf"\s*$|During handling of |The above exception |{re.escape(PYTHON)}")
_JVM_FIRST = re.compile(rf"(?:.{{0,500}}: )?({JVM_THROWN})(?:: .{{0,2000}})?\s*$")
_DOTNET_OR_NODE = re.compile(r"(?:Unhandled exception\. )?[A-Za-z][\w.]{0,200}(?:Exception|Error): ")
_DOTNET_CORE = re.compile(r".{0,500}: \w{1,150}(?:Exception|Error)$")
"""Before .NET 5 the type stood behind the message."""
STACK_MARKS = ("Exception", "Error", "Throwable")
"""Without one of these a print begins no stack."""
_PLATFORM = (
    "START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_", "RESTORE_", "RequestId: ", "EXTENSION\t",
)  # fmt: skip


def kind_of(line: Line, text: str) -> str | None:
    """Which kind of stack a line begins, or None. Only single lines begin one: a whole stack needs no more."""
    if text[:1] == "{":
        return "json" if text.rstrip() == "{" else None
    if isinstance(line, Unrecognised):
        return "report" if text[:1] == "R" and _REPORT_HEAD.fullmatch(text[:80]) else None
    if isinstance(line, Said):
        if line.level is not None and not is_error(line.level):
            return None
    elif not isinstance(line, Uncaught | Fault) or text.startswith(_PLATFORM):
        return None
    text = text.rstrip("\r\n")
    if "\n" in text or "\r" in text:
        return None
    return _kind_of_single(line, text)


def _kind_of_single(line: Line, text: str) -> str | None:
    if text.startswith((PYTHON, "[ERROR]")):
        return "python"
    if text.startswith(("panic: ", "fatal error: ")):
        return "go"
    if text.startswith("thread '"):
        return "rust"
    if text.endswith("{") and text.startswith(_JSON_HEADS):
        return "json"
    if isinstance(line, Said) and line.level is not None:
        return "frames"
    words = text.rpartition("\t")[2]
    if ("Exception" in words or "Error" in words or "Throwable" in words) and (
        _JVM_FIRST.match(words[:3_000]) or _DOTNET_OR_NODE.match(words) or _DOTNET_CORE.match(words[:3_000])
    ):
        return "frames"
    return None


class Block:
    """A stack being put together: what its first line was recognised as, and the lines that went on with it."""

    __slots__ = ("event", "finished", "kind", "line", "size", "texts")

    def __init__(self, kind: str, line: Line, event: LogEvent) -> None:
        self.kind, self.line, self.event = kind, line, event
        self.texts = [event.message.rstrip("\r\n")]
        self.size = len(event.message)
        self.finished = False
        """Whether a Python traceback has had its last line; only a chained one may follow."""

    @property
    def text(self) -> str:
        """All lines as one."""
        return "\n".join(self.texts)

    def takes(self, message: str) -> bool:
        """Add the next message if it goes on with this stack; False when it does not."""
        if len(self.texts) >= MAX_LINES or self.size + len(message) > MAX_CHARS or message.startswith(_PLATFORM):
            return False
        if not self._continues(message):
            return False
        self.texts.append(message.rstrip("\r\n"))
        self.size += len(message)
        return True

    def _continues(self, text: str) -> bool:
        if self.kind == "python":
            return self._continues_python(text)
        if self.kind == "go":
            return _GO.match(text[:1_000]) is not None
        if self.kind == "rust":
            # A head that ends in a colon has its message in the next line.
            says = len(self.texts) == 1 and self.texts[0].endswith(":")
            return says or _RUST.match(text) is not None
        if self.kind == "report":
            return _REPORT.match(text) is not None
        if self.kind == "json":
            done, self.finished = self.finished, text.startswith("}")
            return not done
        if len(self.texts) == 1:
            return self._continues_head(text)
        return _FRAMES.match(text) is not None

    def _continues_head(self, text: str) -> bool:
        """Java says class and message twice when nobody caught it; a logger's words may precede a traceback."""
        if text.startswith(PYTHON):
            self.kind = "python"
            return True
        said = _JVM_FIRST.match(self.texts[0][:3_000])
        return _FRAMES.match(text) is not None or (said is not None and text.startswith(said.group(1)))

    def _continues_python(self, text: str) -> bool:
        if self.finished:
            self.finished = _PYTHON_CHAIN.match(text) is None or not text.startswith(PYTHON)
            return _PYTHON_CHAIN.match(text) is not None
        if _PYTHON.match(text):
            return True
        if len(self.texts) == 1 and not self.texts[0].startswith(PYTHON):
            return False
        # An uncaught error names its exception first and does not repeat it; a printed one names it last.
        self.finished = True
        return bool(text.strip()) and not self.texts[0].startswith("[ERROR] ")
