"""Switching a queue between the custodies: its capture's event source mapping on or off.

Safe at any moment, because both sides write the same row: see `collectors.custody`. What is in flight when it is
switched ends where it was going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from operations.commands import Ending, TimeLeft
from operations.errors import CommandNotPossible
from operations.rescue import listed
from store import queues
from store.commands import Command
from store.faults import translated
from store.queues import CAPTURE_SUFFIX
from store.recovery import Custody, Queue
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef as Mapping

ON = ("Enabled", "Enabling", "Creating")


@dataclass(frozen=True, slots=True)
class Switch:
    """Carries out `switch custody`; the argument `to` is `captured` or `watched`. Asked twice, the second finds it
    done."""

    table: Table
    client: LambdaClient
    allowed: Sequence[str]

    def __call__(self, command: Command, left_ms: TimeLeft) -> Ending:
        del left_ms  # three short calls
        queue = listed(self.table, command.place, command.subject, self.allowed)
        to = command.arguments.get("to", "")
        if to not in tuple(Custody):
            raise CommandNotPossible(f"There is no custody {to or 'without a name'}.", "Say captured or watched.")
        custody = Custody(to)
        mapping = self._mapping(queue)
        was = mapping.get("State", "")
        if (was in ON) is not (custody is Custody.CAPTURED):
            with translated(f"the capture of {queue.name}"):
                self.client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=custody is Custody.CAPTURED)
        queues.put(self.table, replace(queue, custody=custody))
        return Ending(_meaning(queue.name, custody), {"mapping": mapping["UUID"], "was": was})

    def _mapping(self, queue: Queue) -> Mapping:
        """The one that brings this queue to the capture. Raises CommandNotPossible."""
        with translated(f"event source mappings of {queue.name}"):
            page = self.client.list_event_source_mappings(EventSourceArn=queue.arn)
        for mapping in page["EventSourceMappings"]:
            if mapping["FunctionArn"].partition(":function:")[2].partition(":")[0].endswith(CAPTURE_SUFFIX):
                return mapping
        raise CommandNotPossible(f"Nothing captures {queue.name}, switched off or on.",
                                 "Give its ARN to one of the stack's parameters CapturedQueue1Arn to 5.")


def _meaning(name: str, custody: Custody) -> str:
    if custody is Custody.CAPTURED:
        return f"{name} is captured: its messages come into the table within a minute, and no longer expire."
    return f"{name} is watched: new messages stay in it until they expire. What the table has stays here."
