"""Who may do what. Asked twice: to draw a button, and again by whoever acts. What is not known is denied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from operations.errors import NotAllowed

ROLES = ("viewer", "operator", "admin")
"""From the least to the most; a role may do what those before it may."""


class Action(StrEnum):
    REDRIVE = "redrive"
    REDRIVE_ELSEWHERE = "redrive elsewhere"
    PAUSE = "pause"
    RESUME = "resume"
    PAUSE_CONSUMER = "pause a consumer"
    RESUME_CONSUMER = "resume a consumer"
    CANCEL = "cancel"
    RELEASE = "release"
    REVEAL = "reveal"
    LOOK = "look into queues"
    RESCUE = "rescue"
    MOVE = "move everything back"
    SWITCH = "switch custody"
    DISCARD = "discard"
    EDIT = "edit"
    EXPORT = "export"
    IMPORT = "import"
    UNQUARANTINE = "release from quarantine"
    TRIAGE = "decide about errors"


_NEEDED = {
    Action.REDRIVE: "operator",
    Action.REDRIVE_ELSEWHERE: "admin",
    Action.PAUSE: "operator",
    Action.RESUME: "operator",
    Action.PAUSE_CONSUMER: "operator",
    Action.RESUME_CONSUMER: "operator",
    Action.CANCEL: "operator",
    Action.RELEASE: "operator",
    Action.TRIAGE: "operator",
    Action.REVEAL: "operator",
    Action.LOOK: "operator",
    Action.RESCUE: "operator",
    Action.MOVE: "operator",
    Action.SWITCH: "admin",
    Action.DISCARD: "operator",
    Action.EDIT: "admin",
    Action.EXPORT: "operator",
    Action.IMPORT: "admin",
    Action.UNQUARANTINE: "admin",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or whoever signs for one, and the role that was established for them."""

    name: str
    role: str


def needed(action: Action) -> str:
    """The lowest role that may do this. An action nobody placed takes the highest."""
    return _NEEDED.get(action, ROLES[-1])


def can(actor: Actor, action: Action, writes: bool) -> bool:
    """Whether the actor may act now. With writes off nobody may; an unknown role or a nameless actor never."""
    if not writes or actor.role not in ROLES or not actor.name.strip():
        return False
    return ROLES.index(actor.role) >= ROLES.index(needed(action))


def enforce(actor: Actor, action: Action, writes: bool) -> None:
    """Raises NotAllowed, naming what it takes, unless the actor may act now."""
    if can(actor, action, writes):
        return
    if not writes:
        raise NotAllowed(f"Writes are off, so nobody can {action}.", "Set LAMPLIGHT_WRITES=on where this runs.")
    role = needed(action)
    raise NotAllowed(f"{actor.name or 'An actor without a name'} is {actor.role or 'without a role'}; "
                     f"to {action} takes {role}.", f"Ask for the role {role}, or somebody who has it.", role)
