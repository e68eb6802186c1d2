"""What tools print of log events: `aws logs tail`, `sam logs`, exports to S3. Time, perhaps the stream, the message.

    2026-11-23T19:12:31.752000+00:00 2026/11/23/[$LATEST]20bd… START …     aws logs tail (detailed, json)
    2026/11/23/[$LATEST]20bd… 2026-11-23T19:12:31.752000 START …           sam logs
    2026-11-23T19:12:31.752Z START …                                       export to S3
    2026-11-23T19:12:31 START …                                            aws logs tail --format short

A message's further lines stand without any of it. Time and message alone look like many a logger's own line: they are
believed from the first one on whose message is the platform's.
"""

from __future__ import annotations

import re

from collectors.events import LogEvent
from collectors.payloads import epoch_ms

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)?"
_STREAM = r"\d{4}/\d\d/\d\d/[^\s\[\]]{0,140}\[[^\s\[\]]{1,128}\][0-9a-f]{32}"
_PLATFORM = r"START RequestId: |END RequestId: |REPORT RequestId: |INIT_START |INIT_REPORT |RESTORE_START |\{\""
_TAILED = re.compile(rf"({_TIME}) ({_STREAM}) ?(.*)", re.DOTALL)
_SAM = re.compile(rf"({_STREAM}) ({_TIME}) ?(.*)", re.DOTALL)
_STAMPED = re.compile(rf"({_TIME}) (.*)", re.DOTALL)
_CERTAIN = re.compile(rf"{_TIME} (?:{_PLATFORM})")
_COLOURS = re.compile(r"\x1b\[[0-9;]{0,8}m")
MAX_PREFIX = 400
"""Time, stream and colours; what a user prints further on is not searched."""
MAX_EVENT = 1_048_576
"""CloudWatch takes no longer event: lines beyond it belong to no event of a transcript."""


class Transcript:
    """Puts the lines of one input back together as events. `stream` stands where a transcript names none."""

    def __init__(self, source: str, stream: str) -> None:
        self._source, self._stream = source, stream
        self._stamped = False
        self._open: tuple[int, str] | None = None
        """Time and stream of the event whose lines are held."""
        self._lines: list[str] = []
        self._size = 0

    def take(self, line: str) -> list[LogEvent] | None:
        """The events that are complete with this line, or None when it is no line of a transcript."""
        begun = self._begin(line)
        if begun is None:
            if self._open is None:
                return None
            if self._size + len(line) <= MAX_EVENT:
                self._lines.append(line)
                self._size += len(line) + 1
                return []
            begun = (*self._open, line)
        done = self.finish()
        time, stream, words = begun
        self._open, self._lines, self._size = (time, stream), [words] if words else [], len(words)
        return done

    def finish(self) -> list[LogEvent]:
        """The event whose lines are held, if any: nothing of it follows any more."""
        if self._open is None:
            return []
        (time, stream), message = self._open, "\n".join(self._lines)
        self._open, self._lines, self._size = None, [], 0
        if not message:
            return []
        group = self._source if stream == self._stream else ""
        return [LogEvent("", time, message, group, stream)]

    def _begin(self, line: str) -> tuple[int, str, str] | None:
        """Time, stream and words, if a line begins an event."""
        if line[:1] == "\x1b":
            line = _COLOURS.sub("", line[:MAX_PREFIX]) + line[MAX_PREFIX:]
        if line[:1] != "2":
            return None
        if found := _TAILED.match(line):
            time, stream, words = found.groups()
        elif found := _SAM.match(line):
            stream, time, words = found.groups()
        elif self._stamped or _CERTAIN.match(line):
            found = _STAMPED.match(line)
            if found is None:
                return None
            self._stamped = True
            (time, words), stream = found.groups(), self._stream
        else:
            return None
        return epoch_ms(time), stream, words
