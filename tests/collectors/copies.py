"""The same events as every tool prints, exports or wraps them."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from collectors.events import LogEvent

GROUP = "/aws/lambda/orders"


def iso(event: LogEvent, spec: str = "microseconds") -> str:
    return datetime.fromtimestamp(event.timestamp / 1000, UTC).isoformat(timespec=spec)


def document(events: Sequence[LogEvent]) -> dict[str, object]:
    """What a subscription sends, decoded."""
    return {
        "messageType": "DATA_MESSAGE", "owner": "1", "logGroup": GROUP, "logStream": events[0].log_stream,
        "subscriptionFilters": ["f"],
        "logEvents": [{"id": event.id, "timestamp": event.timestamp, "message": event.message} for event in events],
    }  # fmt: skip


def filtered(events: Sequence[LogEvent]) -> list[dict[str, object]]:
    """What FilterLogEvents answers with."""
    return [
        {"logStreamName": event.log_stream, "timestamp": event.timestamp, "message": event.message, "ingestionTime": 1,
         "eventId": event.id}
        for event in events
    ]  # fmt: skip


def got(events: Sequence[LogEvent]) -> dict[str, object]:
    """What GetLogEvents answers with: no ids, no stream."""
    told = [{"timestamp": event.timestamp, "message": event.message, "ingestionTime": 1} for event in events]
    return {"events": told, "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}


def packed(events: Sequence[LogEvent]) -> str:
    """A subscription's payload: base64 of gzip."""
    return base64.b64encode(gzip.compress(json.dumps(document(events)).encode(), mtime=0)).decode()


def tailed(events: Sequence[LogEvent], colours: bool = False) -> str:
    """`aws logs tail`, detailed."""
    on, off = ("\x1b[32m", "\x1b[0m") if colours else ("", "")
    return "".join(f"{on}{iso(e)}{off} {on}{e.log_stream}{off} {e.message}".rstrip() + "\n" for e in events)


def tailed_short(events: Sequence[LogEvent]) -> str:
    """`aws logs tail --format short`: no zone, no stream."""
    return "".join(f"{iso(event, 'seconds')[:19]} {event.message}".rstrip() + "\n" for event in events)


def with_awslogs(events: Sequence[LogEvent], times: bool = False) -> str:
    """`awslogs get`, with `--timestamp` or without."""
    return "".join(f"{GROUP} {e.log_stream} {iso(e, 'milliseconds')[:23] + 'Z ' if times else ''}{e.message}".rstrip()
                   + "\n" for e in events)


def with_saw(events: Sequence[LogEvent]) -> str:
    return "".join(f"[{iso(e, 'seconds')[:19]}Z] ({e.log_stream}) {e.message}".rstrip() + "\n" for e in events)


def as_text(events: Sequence[LogEvent], named: bool = False) -> str:
    """`--output text` of get-log-events, or of filter-log-events, which names event and stream."""
    return "".join((f"EVENTS\t{e.id}\t{e.timestamp}\t{e.log_stream}\t" if named else f"EVENTS\t{e.timestamp}\t")
                   + f"{e.message}\t{e.timestamp}\n" for e in events)


def as_table(events: Sequence[LogEvent]) -> str:
    """The console's search results, copied."""
    rule = "-" * 99
    rows = (f"| {event.timestamp} | {event.message.rstrip().ljust(80)} |" for event in events)
    return "\n".join([rule, "|   timestamp   |  message  |", "|---------------|-----------|", *rows, rule])


def from_sam(events: Sequence[LogEvent]) -> str:
    """`sam logs`."""
    return "".join(f"{event.log_stream} {iso(event)[:26]} {event.message}".rstrip() + "\n" for event in events)


def exported(events: Sequence[LogEvent]) -> str:
    """An export to S3: the file's name says the stream."""
    return "".join(f"{iso(event, 'milliseconds')[:23]}Z {event.message}".rstrip() + "\n" for event in events)


def insights(events: Sequence[LogEvent]) -> list[dict[str, str]]:
    """Rows of Insights, newest first."""
    rows = []
    for number, event in enumerate(events):
        time = iso(event, "milliseconds")[:23].replace("T", " ")
        rows.append({"@timestamp": time, "@message": event.message, "@logStream": event.log_stream,
                     "@log": f"1:{GROUP}", "@ptr": f"p{number}"})  # fmt: skip
    return rows[::-1]


def query_results(events: Sequence[LogEvent]) -> dict[str, object]:
    """What GetQueryResults answers with."""
    rows = [[{"field": name, "value": value} for name, value in row.items()] for row in insights(events)]
    return {"results": rows, "statistics": {"recordsMatched": 4.0}, "status": "Complete"}


def as_csv(events: Sequence[LogEvent]) -> str:
    """Insights' CSV."""
    out = io.StringIO()
    rows = insights(events)
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def console_csv(events: Sequence[LogEvent]) -> str:
    """What the console's log viewer downloads."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["timestamp", "message"])
    writer.writerows([event.timestamp, event.message] for event in events)
    return out.getvalue()
