"""Who carries out which command: the table of `operations.commands`, put together with clients."""

from __future__ import annotations

from collectors import snapshots
from operations.commands import Ending, Handlers, TimeLeft
from operations.errors import CommandNotPossible
from operations.forget import Forget
from operations.move_task import Move, MoveTasks, StopMove
from operations.queue_inbox import QueueInbox
from operations.rescue import Archive, Extend
from operations.switching import Switch
from store.clients import Connection
from store.commands import Command, Kind


def errands(connection: Connection) -> Handlers:
    """One handler for each kind of command."""
    table, clock, clients = connection.table, connection.clock, connection.clients
    allowed = connection.settings.watched_queues
    tasks = MoveTasks(clients.queues, clients.sending_queues)

    def look(command: Command, left_ms: TimeLeft) -> Ending:
        """The argument `groups=stop` says that FIFO groups may stand still for it."""
        seen = snapshots.look(connection, command.subject, left_ms, command.arguments.get("groups") == "stop")
        if seen.refused:
            raise CommandNotPossible(seen.refused)
        how = "everything in it" if seen.complete else "not everything in it"
        locked = "" if seen.groups_locked_ms is None else f" Groups stood still for {seen.groups_locked_ms:,} ms."
        return Ending(
            f"Saw {seen.seen:,} messages, {how}; {seen.new:,} are new here, {seen.gone:,} are gone. It took "
            f"{seen.requests:,} requests, and each message counts one receive more.{locked}",
            {"seen": str(seen.seen), "new": str(seen.new), "gone": str(seen.gone), "requests": str(seen.requests),
             "complete": "yes" if seen.complete else "no", "problem": seen.problem or ""})

    return {
        Kind.LOOK: look,
        Kind.ARCHIVE: Archive(table, clock),
        Kind.EXTEND: Extend(table, clock, clients.queues, allowed),
        Kind.SWITCH: Switch(table, clients.functions, allowed),
        Kind.MOVE: Move(table, tasks, allowed),
        Kind.STOP_MOVE: StopMove(table, tasks, allowed),
        Kind.FORGET: Forget(table, clock, QueueInbox(clients.queues), allowed),
    }
