"""What was asked of the worker, in words and rows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import pandas as pd

from dashboard import phrasing
from store.commands import Command, CommandState, Kind

STATES = {
    CommandState.ASKED: ("waiting for the worker", "blue", "hourglass_empty"),
    CommandState.RUNNING: ("running", "blue", "progress_activity"),
    CommandState.DONE: ("done", "green", "check_circle"),
    CommandState.FAILED: ("failed", "red", "error"),
    CommandState.REFUSED: ("refused", "orange", "block"),
    CommandState.EXPIRED: ("expired", "gray", "timer_off"),
}
"""In words, with colour and shape."""
KINDS = {
    Kind.LOOK: "Look into the queue",
    Kind.ARCHIVE: "Keep letters here",
    Kind.EXTEND: "Extend the retention",
    Kind.SWITCH: "Switch custody",
    Kind.MOVE: "Move everything back",
    Kind.STOP_MOVE: "Stop moving",
    Kind.FORGET: "Delete discarded copies",
}
ARGUMENTS = {"to": "to {}", "days": "to {} days", "rate": "at {} a second", "groups": "FIFO groups stand still"}


def state(command: Command, now: int) -> CommandState:
    """As it stands: nobody takes up one that waited too long, whoever writes that down."""
    late = command.state is CommandState.ASKED and now > command.expires_at
    return CommandState.EXPIRED if late else command.state


def what(command: Command) -> str:
    """`Keep letters here: 12 messages`, `Switch custody: to watched`."""
    parts = [ARGUMENTS.get(name, f"{name} {{}}").format(value) for name, value in command.arguments.items() if value]
    if command.message_ids:
        parts.insert(0, phrasing.plural(len(command.message_ids), "message"))
    return f"{KINDS[command.kind]}{': ' if parts else ''}{', '.join(parts)}"


def outcome(command: Command, now: int) -> str:
    """What came of it, how far it is, or when to expect the worker."""
    standing = state(command, now)
    if command.outcome:
        return command.outcome
    if standing is CommandState.ASKED:
        return "The worker takes it up within a minute."
    if standing is CommandState.EXPIRED:
        return "No worker took it in time; nothing was done."
    return phrasing.NONE


def frame(commands: Sequence[Command], now: int, zone: tzinfo) -> pd.DataFrame:
    """One row a command, in the order given."""
    return pd.DataFrame({
        "asked": pd.to_datetime([one.asked_at for one in commands], unit="ms", utc=True).tz_convert(zone),
        "state": [STATES[state(one, now)][0] for one in commands],
        "what": [what(one) for one in commands],
        "queue": [phrasing.line(one.subject, 80) for one in commands],
        "outcome": [phrasing.line(outcome(one, now), 300) for one in commands],
        "by": [phrasing.line(one.actor, 60) for one in commands],
        "reason": [phrasing.line(one.reason) for one in commands],
    })
