"""What pages ask for and the worker does, other than redrives: one row a command.

    ASKED ─► RUNNING ─► DONE | FAILED | REFUSED        asked once by id; intent in the audit before the row
       └─ nobody began it in time ─► EXPIRED            outcome in the audit before the row closes

A worker can die anywhere: the next one begins the same command again, so whatever carries one out must come to the
same end twice. Permission is decided again here, not by whoever wrote the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from operations import audit, collisions, permissions
from operations.errors import OtherPlace
from operations.permissions import Action, Actor
from operations.redrive import kept_reason
from store import audit_log, commands
from store.clock import MINUTE_MS, Clock
from store.commands import Command, CommandState, Kind
from store.errors import ConditionLost, LamplightError, OperationRefused
from store.records import Place
from store.recovery import AuditEntry
from store.table import Table

WITHIN_MS = 15 * MINUTE_MS
"""How long a command waits for a worker, which comes every minute."""
LEASE_MS = 2 * MINUTE_MS
"""What the worker's function is given to run."""
RESERVE_MS = 20_000
"""Left on the clock when a command is begun; one that needs more says so by what it returns."""
MAX_ATTEMPTS = 3
"""Workers that may die in one command before it is given up."""

NEEDS: Mapping[Kind, Action] = {
    Kind.LOOK: Action.LOOK,
    Kind.ARCHIVE: Action.RESCUE,
    Kind.EXTEND: Action.RESCUE,
    Kind.SWITCH: Action.SWITCH,
    Kind.MOVE: Action.MOVE,
    Kind.STOP_MOVE: Action.CANCEL,
    Kind.FORGET: Action.DISCARD,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of a command, in a sentence, with counted numbers. `over` is False while it goes on by itself and
    only wants to be looked at again by the next worker."""

    outcome: str
    details: Mapping[str, str] = field(default_factory=dict)
    over: bool = True


TOO_LATE = Ending("No worker took it in time; nothing was done.")
TimeLeft = Callable[[], int]
Handler = Callable[[Command, TimeLeft], Ending]
"""Carries out one kind. Raises OperationRefused when it must not be done, any other LamplightError when it failed."""
Handlers = Mapping[Kind, Handler]


def ask(table: Table, clock: Clock, actor: Actor, writes: bool, command: Command) -> Command:
    """Leave `command` for the worker; `new` makes one. The id is made where the button is drawn: the same one again,
    as in a double click, returns the command that stands. Raises NotAllowed, ReasonRequired, CommandNotPossible or
    AlreadyRedriving when something else has the queue's messages in hand, or StoreError."""
    permissions.enforce(actor, NEEDS[command.kind], writes)
    standing = commands.get(table, command.id)
    if standing:
        return standing
    collisions.refuse(table, command)
    now = clock()
    command = replace(command, actor=actor.name, role=actor.role, reason=kept_reason(command.reason), asked_at=now,
                      expires_at=now + WITHIN_MS)
    audit.announce(table, entry_of(command))
    if not commands.create(table, command):
        first = commands.get(table, command.id)
        if first and first.asked_at != now:
            audit_log.put_outcome(table, entry_of(command), "already asked", now, {"command": command.id})
        return first or command
    return command


def new(place: Place, command_id: str, kind: Kind, queue: str, reason: str, **facts: object) -> Command:
    """A command as `ask` takes it: who and when are filled in there. `facts`: `arguments`, `message_ids`."""
    return Command(place, command_id, kind, queue, "", "", reason, 0, 0, **facts)  # type: ignore[arg-type]


def run(table: Table, clock: Clock, handlers: Handlers, owner: str, left_ms: TimeLeft,
        here: Place | None = None) -> list[Command]:
    """Carry out every open command this worker can lease, oldest first; those it worked on, as they stand then. `here`
    is the place the handlers act in: commands of another are refused.

    Raises StoreError when the open commands cannot be read."""
    done = []
    for found in list(commands.open_commands(table)):
        if left_ms() < RESERVE_MS:
            break
        now = clock()
        leased = commands.lease(table, found, owner, now, now + LEASE_MS)
        if leased is None or not leased.state.open:
            continue
        # A lost lease or a table that fails is this command's bad luck: it stays open, the others still run.
        with suppress(LamplightError):
            done.append(_carried_out(table, clock, _of_place(handlers, leased, here), leased, left_ms))
    return done


def _of_place(handlers: Handlers, command: Command, here: Place | None) -> Handlers:
    """The handlers, or one that refuses: they act in one place, and in another a queue of the same name is another."""
    if here is None or command.place == here:
        return handlers

    def refuse(_command: Command, _left_ms: TimeLeft) -> Ending:
        """Stands for the handler."""
        raise OtherPlace(command.place, here)

    return {command.kind: refuse}


def entry_of(command: Command) -> AuditEntry:
    """The audit entry of a command; asker and worker mean the same one."""
    details = dict(command.arguments)
    if command.message_ids:
        details["count"] = str(len(command.message_ids))
    return AuditEntry(command.place, command.id, command.asked_at, command.actor, command.role, NEEDS[command.kind],
                      command.subject, command.reason, {"command": str(command.kind), **details})


def _carried_out(table: Table, clock: Clock, handlers: Handlers, command: Command, left_ms: TimeLeft) -> Command:
    now = clock()
    if command.ended_as:
        return _sealed(table, command)
    audit.announce(table, entry_of(command))  # once more: whoever wrote the row may have left it out
    if command.state is CommandState.ASKED and now > command.expires_at:
        return _closed(table, command, now, CommandState.EXPIRED, TOO_LATE)
    if command.attempts >= MAX_ATTEMPTS:
        given_up = Ending(f"{MAX_ATTEMPTS} workers began it and none came to an end; look at what it was about.")
        return _closed(table, command, now, CommandState.FAILED, given_up)
    command = commands.save(table, replace(command, state=CommandState.RUNNING, attempts=command.attempts + 1,
                                           started_at=command.started_at or now))
    state, ending = _tried(handlers, command, left_ms)
    if not ending.over:
        # An end of a slice is no death: only those count.
        return commands.save(table, commands.released(replace(command, attempts=0, outcome=ending.outcome,
                                                              details=ending.details)))
    return _closed(table, command, clock(), state, ending)


def _tried(handlers: Handlers, command: Command, left_ms: TimeLeft) -> tuple[CommandState, Ending]:
    try:
        permissions.enforce(Actor(command.actor, command.role), NEEDS[command.kind], writes=True)
        return CommandState.DONE, handlers[command.kind](command, left_ms)
    except OperationRefused as refused:
        return CommandState.REFUSED, Ending(refused.sentence)
    except ConditionLost:
        raise
    except LamplightError as error:
        return CommandState.FAILED, Ending(error.sentence)


def _closed(table: Table, command: Command, now: int, state: CommandState, ending: Ending) -> Command:
    return _sealed(table, commands.save(table, replace(command, ended_as=state, finished_at=now,
                                                       outcome=ending.outcome, details=ending.details)))


def _sealed(table: Table, command: Command) -> Command:
    """The audit before the state, and both from what the row says: a worker killed between them repeats only this."""
    state, at = command.ended_as or command.state, command.finished_at or command.asked_at
    audit_log.put_outcome(table, entry_of(command), state, at, {"outcome": command.outcome or "", **command.details})
    return commands.save(table, commands.released(replace(command, state=state)))
