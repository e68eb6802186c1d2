"""Command rows: what a person asks the worker to do to AWS. A page writes the row, a worker with its own role takes
it under a lease, and the row then says what came of it. Redrives are larger commands of their own: `store.jobs`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from store import keys
from store.errors import ConditionLost
from store.items import Item, from_item, to_item
from store.records import Place
from store.table import Condition, Table


class Kind(StrEnum):
    """What can be asked for."""

    LOOK = "look into a queue"
    ARCHIVE = "archive letters"
    EXTEND = "extend retention"
    SWITCH = "switch custody"
    MOVE = "move everything back"
    STOP_MOVE = "stop moving"
    FORGET = "forget discarded letters"


class CommandState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"

    @property
    def open(self) -> bool:
        return self in (CommandState.ASKED, CommandState.RUNNING)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing asked for. `subject` is the queue it is about; `arguments` are the kind's own words.

    Not begun by `expires_at` (epoch ms), it never will be: nobody wants last week's click carried out."""

    place: Place
    id: str
    kind: Kind
    subject: str
    actor: str
    role: str
    reason: str
    asked_at: int
    expires_at: int
    arguments: Mapping[str, str] = field(default_factory=dict)
    message_ids: tuple[str, ...] = ()
    state: CommandState = CommandState.ASKED
    attempts: int = 0
    """Times a worker began it; more than one when a worker died in it, or it takes more than one slice."""
    started_at: int | None = None
    finished_at: int | None = None
    ended_as: CommandState | None = None
    """How it ended, written before the audit hears of it; `state` follows."""
    outcome: str | None = None
    """What came of it, or how far it is, as a sentence."""
    details: Mapping[str, str] = field(default_factory=dict)
    lease_owner: str | None = None
    lease_until: int = 0
    fence: int = 0
    """Grows with every lease; a worker with an older number can no longer write the row."""


def create(table: Table, command: Command) -> bool:
    """Leave it for the worker. True when it is new: the same id twice is one command."""
    # The history first: a row that no history names would be carried out and never shown.
    table.put(keys.command_history(command.place, command.asked_at, command.id), {"v": 1, "command": command.id})
    return table.put_if_absent(keys.command(command.id), _item(command))


def get(table: Table, command_id: str) -> Command | None:
    item = table.get(keys.command(command_id))
    return from_item(Command, item) if item else None


def open_commands(table: Table) -> Iterator[Command]:
    """Commands that have no outcome yet, oldest first. From an index, so seconds old: `lease` reads the truth."""
    for item in table.query_open(keys.open_commands()):
        yield from_item(Command, item)


def open_of(table: Table, place: Place, queue: str) -> list[Command]:
    """Open commands about one queue, oldest first. One that nobody began in time is not coming."""
    now = table.clock()
    return [one for one in open_commands(table) if (one.place, one.subject) == (place, queue)
            and (one.state is not CommandState.ASKED or now <= one.expires_at)]


def recent(table: Table, place: Place, limit: int = 50) -> list[Command]:
    """The newest commands of a place, finished ones included."""
    rows = table.query(keys.command_history(place, 0, "").pk, newest_first=True, limit=limit)
    items = table.get_many(keys.command(row["command"]) for row in rows)
    return sorted((from_item(Command, item) for item in items), key=lambda command: command.asked_at, reverse=True)


def lease(table: Table, command: Command, owner: str, now: int, until: int) -> Command | None:
    """Take the command for this worker until `until` (epoch ms); None while another holds it."""
    free = Condition(
        "#fence = :fence AND (#lease_until < :now OR #lease_owner = :owner)",
        {"fence": command.fence, "now": now, "owner": owner}, ("fence", "lease_until", "lease_owner"),
    )
    changes = {"lease_owner": owner, "lease_until": until, "fence": command.fence + 1}
    try:
        return from_item(Command, table.update(keys.command(command.id), changes, free))
    except ConditionLost:
        return None


def save(table: Table, command: Command) -> Command:
    """Write what the leasing worker knows. Raises ConditionLost when another worker has taken the lease."""
    item = _item(command)
    names = ("state", "attempts", "started_at", "finished_at", "ended_as", "outcome", "details",
             "lease_owner", "open", "open_at")
    changes = {**{name: item.get(name) for name in names}, "lease_until": command.lease_until}
    condition = Condition("#fence = :mine", {"mine": command.fence}, ("fence",))
    return from_item(Command, table.update(keys.command(command.id), changes, condition))


def released(command: Command) -> Command:
    """The command with its lease given up, for the save that ends a slice."""
    return replace(command, lease_owner=None, lease_until=0)


def _item(command: Command) -> Item:
    item = to_item(command)
    if command.state.open:
        item |= {"open": keys.open_commands(), "open_at": command.asked_at}
    return item
