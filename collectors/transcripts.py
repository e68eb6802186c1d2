"""What tools print of log events: time, stream or group, the message, in the order of each tool.

    2026-11-23T19:12:31.752000+00:00 2026/11/23/[$LATEST]20bd… START …     aws logs tail (detailed, json)
    2026/11/23/[$LATEST]20bd… 2026-11-23T19:12:31.752000 START …           sam logs
    /aws/lambda/pay 2026/11/23/[$LATEST]20bd… START …                      awslogs get, perhaps with a time
    [2026-11-23T19:12:31Z] (2026/11/23/[$LATEST]20bd…) START …             saw
    EVENTS⇥1795461151999⇥START …⇥1795461151752                             aws logs get-log-events --output text
    | 1795461151752 | START … |                                            the console's search results, copied
    2026-11-23T19:12:31.752Z START …                                       export to S3
    2026-11-23T19:12:31 START …                                            aws logs tail --format short

A message's further lines stand without any of it. Time and message alone look like many a logger's own line: they are
believed from the first one on whose message is the platform's.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from collectors.events import LogEvent
from collectors.payloads import epoch_ms

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?"
_STREAM = r"\d{4}/\d\d/\d\d/[^\s\[\]]{0,140}\[[^\s\[\]]{1,128}\][0-9a-f]{32}"
_PLATFORM = (
    r"START RequestId: |END RequestId: |REPORT RequestId: |INIT_START |INIT_REPORT |RESTORE_START |RESTORE_REPORT |\{\""
)
_FORMS = {
    first: tuple(re.compile(form, re.DOTALL) for form in forms)
    for first, forms in {
        "2": (rf"(?P<time>{_TIME})[ \t](?P<stream>{_STREAM})[ \t]?(?P<words>.*)",
              rf"(?P<stream>{_STREAM}) {{1,20}}(?:(?P<time>{_TIME}) ?)?(?P<words>.*)"),
        "/": (rf"(?P<group>/[\w./#-]{{1,511}}) {{1,20}}(?P<stream>{_STREAM}) {{1,20}}(?:(?P<time>{_TIME}) )?"
              rf"(?:{_TIME} )?(?P<words>.*)",),
        "[": (rf"\[(?P<time>{_TIME})\] \((?P<stream>{_STREAM})\) ?(?P<words>.*)",),
        "E": (r"EVENTS\t(?:\d{56}\t)?\d{13}\t" rf"(?:(?P<stream>{_STREAM})\t)?(?P<words>.*)",),
        "|": (r"\| {1,20}(?P<time>\d{13}) {1,20}\| (?P<words>.*)",),
    }.items()
}  # fmt: skip
"""By a line's first character. A tool that prints neither group nor stream is known by its form."""
_STAMPED = re.compile(rf"(?P<time>{_TIME})[ \t](?P<words>.*)", re.DOTALL)
_CERTAIN = re.compile(rf"{_TIME}[ \t](?:{_PLATFORM})")
_TIME_BEHIND = re.compile(r"\n?\t(\d{13})(?:\nSEARCHEDLOGSTREAMS\t.*)?$")
"""Text output has the members of an event by name: the time stands behind the message."""
_RULE = re.compile(r"[|-]{3,}$|\| +timestamp +\| +message +\|$")
_COLOURS = re.compile(r"\x1b\[[0-9;]{0,8}m")
MAX_PREFIX = 700
"""Time, group, stream and colours; what a user prints further on is not searched."""
MAX_EVENT = 1_048_576
"""CloudWatch takes no longer event: lines beyond it belong to no event of a transcript."""


class _Begun(NamedTuple):
    time: int
    group: str
    stream: str
    words: str
    form: str = ""
    """The first character of a form that puts something behind the message as well."""


class Transcript:
    """Puts the lines of one input back together as events. `stream` stands where a transcript names none."""

    def __init__(self, source: str, stream: str) -> None:
        self._source, self._stream = source, stream
        self._stamped = False
        self._open: _Begun | None = None
        """The event whose lines are held."""
        self._lines: list[str] = []
        self._size = 0

    def take(self, line: str) -> list[LogEvent] | None:
        """The events that are complete with this line, or None when it is no line of a transcript."""
        begun = self._begin(line)
        if begun is None:
            if self._open is None:
                return [] if line[:1] == "|" and _RULE.match(line) else None
            if self._size + len(line) <= MAX_EVENT:
                if not _RULE.match(line):
                    self._lines.append(line)
                    self._size += len(line) + 1
                return []
            begun = self._open._replace(words=line)
        done = self.finish()
        self._open, self._lines, self._size = begun, [begun.words] if begun.words else [], len(begun.words)
        return done

    def finish(self) -> list[LogEvent]:
        """The event whose lines are held, if any: nothing of it follows any more."""
        if self._open is None:
            return []
        (time, group, stream, _, form), message = self._open, "\n".join(self._lines)
        self._open, self._lines, self._size = None, [], 0
        if form == "|":
            message = message.rstrip().removesuffix("|").rstrip()
        behind = _TIME_BEHIND.search(message[-2_000:]) if form == "E" else None
        if behind is not None:
            time, message = epoch_ms(behind.group(1)), message[: len(message) - len(behind.group())]
        if not message:
            return []
        return [LogEvent("", time, message, group or (self._source if stream == self._stream else ""), stream)]

    def _begin(self, line: str) -> _Begun | None:
        """Time, group, stream and words, if a line begins an event."""
        if line[:1] == "\x1b":
            line = _COLOURS.sub("", line[:MAX_PREFIX]) + line[MAX_PREFIX:]
        for form in _FORMS.get(line[:1], ()):
            if found := form.match(line):
                return self._begun(found, line[0])
        if line[:1] == "2" and (self._stamped or _CERTAIN.match(line)) and (found := _STAMPED.match(line)):
            self._stamped = True
            return self._begun(found)
        return None

    def _begun(self, found: re.Match[str], form: str = "") -> _Begun:
        said = found.groupdict()
        time = epoch_ms(said["time"]) if said.get("time") else 0
        return _Begun(time, said.get("group") or "", said.get("stream") or self._stream, said["words"], form)
