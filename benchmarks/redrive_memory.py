"""`python -m benchmarks.redrive_memory N`: redrive N messages that are made up as they are read; prints peak memory
in KB. Table and destination are the cheapest there can be, so what grows is the worker."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from operations import worker
from operations.senders import SendResult, ok
from store import jobs, keys, letter_items
from store.bodies import pack
from store.items import Item, to_item
from store.keys import Key
from store.records import Place
from store.recovery import Custody, DeadLetter, Destination, Job, Queue, Shape, Way
from store.table import Condition, Table, Write

PLACE = Place("123456789012", "us-east-1")
SOURCE, DEAD = "arn:aws:sqs:us-east-1:123456789012:source", "arn:aws:sqs:us-east-1:123456789012:dead"
BODY = "x" * 500


class MadeUp(Table):
    """Letters and results made as they are asked for; one job and one queue that are kept."""

    def __init__(self, messages: int) -> None:
        super().__init__(cast(Any, None), "made-up", lambda: 0)
        self.messages, self.sent = messages, 0
        job = Job(PLACE, "job", "dead", "bench", "operator", "to measure", messages, 0)
        self.rows: dict[Key, Item] = {keys.job("job"): to_item(job), keys.queue(PLACE, "dead"): to_item(
            Queue(PLACE, "dead", DEAD, "https://dead", True, Custody.CAPTURED, sources=(SOURCE,)))}

    def get(self, key: Key) -> Item | None:
        return self.rows.get(key)

    def put(self, key: Key, item: Item, condition: Condition | None = None) -> None:
        return

    def update(self, key: Key, changes: Mapping[str, Any], condition: Condition | None = None) -> Item:
        self.rows[key] = {**self.rows[key], **{name: value for name, value in changes.items() if value is not None}}
        return self.rows[key]

    def write_together(self, writes: Sequence[Write]) -> None:
        self.sent += sum(len(write.changes.get("sent", ())) for write in writes)

    def query(self, pk: str, prefix: str = "", **_: Any) -> Iterator[Item]:
        """The selection, or what was sent of it."""
        many, together = (self.messages, jobs.IDS_PER_PART) if prefix == "S#" else (self.sent, 10)
        for start in range(0, many, together):
            ids = [f"00000000-0000-4000-8000-{n:012d}" for n in range(start, min(many, start + together))]
            yield {"message_ids": ids} if prefix == "S#" else {"sent": [[f"dead/{one}", 0, one, 0] for one in ids]}

    def query_open(self, work: str, **_: Any) -> Iterator[Item]:
        yield self.rows[keys.job("job")]

    def get_many(self, wanted: Iterable[Key]) -> list[Item]:
        return [_row(key.sk.removeprefix("M#")) for key in wanted]


class Taking:
    """A destination that takes everything."""

    def pack(self, letters: Iterable[DeadLetter]) -> list[list[DeadLetter]]:
        listed = list(letters)
        return [listed[start:start + 10] for start in range(0, len(listed), 10)]

    def send(self, batch: Sequence[DeadLetter]) -> list[SendResult]:
        return [ok(letter.message_id) for letter in batch]


def _row(message_id: str) -> Item:
    letter = DeadLetter(PLACE, "dead", message_id, BODY, "00", Shape.SQS_REDRIVE, Destination(Way.SEND, SOURCE), 0)
    return {**letter_items.journal(letter), **letter_items.facts(letter), "packed": pack(BODY)[0]}


def main(messages: int) -> None:
    """Raises RuntimeError when not all were sent."""
    report = worker.run(MadeUp(messages), lambda: 0, {Way.SEND: Taking()}, "bench", lambda: 3_600_000, time.sleep)
    if report.sent != messages:
        raise RuntimeError(f"{report.sent} of {messages} were sent: {report}")
    sys.stdout.write(f"{_peak_kb()}\n")


def _peak_kb() -> int:
    """This process's own peak; getrusage's is inherited from whoever started it."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


if __name__ == "__main__":
    main(int(sys.argv[1]))
