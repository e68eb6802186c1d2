"""Dead letters as the Recover pages list them: grouped by cause, filtered, in rows. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import pandas as pd

from dashboard import masking, phrasing
from store.recovery import Custody, DeadLetter, LetterState

UNKNOWN_CAUSE = "cause unknown"
PREVIEW = 120
STATES = {
    LetterState.DEAD: "dead",
    LetterState.CLAIMED: "being sent",
    LetterState.SENT: "on the way",
    LetterState.SUCCEEDED: "succeeded",
    LetterState.PRESUMED: "presumed processed",
    LetterState.RETURNED: "returned",
    LetterState.NEEDS_OPERATOR: "needs an operator",
    LetterState.DISCARDED: "discarded",
    LetterState.QUARANTINED: "under quarantine",
    LetterState.GONE: "gone from its queue",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Letters that died of one cause."""

    name: str
    function: str | None
    letters: tuple[DeadLetter, ...]

    @property
    def id(self) -> str:
        """For links: the same cause has the same id tomorrow."""
        return hashlib.sha256(f"{self.name}\0{self.function or ''}".encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def bodies(self) -> int:
        """Distinct bodies: forty copies of one poison message are one problem."""
        return len({letter.body_sha256 for letter in self.letters})

    @property
    def first(self) -> int:
        return min(died(letter) for letter in self.letters)

    @property
    def last(self) -> int:
        return max(died(letter) for letter in self.letters)


def died(letter: DeadLetter) -> int:
    """When it came to us, epoch ms: a dead letter carries its first send, not its death."""
    return letter.captured_at


def cause_of(letter: DeadLetter) -> str:
    """`KeyError: 'sku'`, or that nobody knows: an SQS dead letter carries no reason of its own."""
    if not letter.error_type and not letter.error_message:
        return UNKNOWN_CAUSE
    return phrasing.line(": ".join(filter(None, (letter.error_type, letter.error_message))), PREVIEW)


def by_cause(letters: Sequence[DeadLetter]) -> list[Cause]:
    """Causes, the most letters first. By their words: to a reader, two rows that say the same are one."""
    groups: dict[tuple[str, str], list[DeadLetter]] = {}
    for letter in letters:
        groups.setdefault((cause_of(letter), letter.function or ""), []).append(letter)
    causes = [Cause(cause_of(found[0]), found[0].function, tuple(found)) for found in groups.values()]
    return sorted(causes, key=lambda cause: (-len(cause.letters), cause.name))


def matching(letters: Sequence[DeadLetter], words: str, revealed: bool = True) -> list[DeadLetter]:
    """Letters whose body, id, cause, function or attributes hold every word, whatever its case. Who may not read
    bodies and attributes cannot find out by searching either."""
    wanted = words.casefold().split()
    return [letter for letter in letters if all(word in _searched(letter, revealed) for word in wanted)]


def _searched(letter: DeadLetter, revealed: bool) -> str:
    said = [letter.message_id, letter.error_type, letter.error_message, letter.function, letter.problem]
    if revealed:
        said += [letter.body, *(f"{name} {value.string or ''}" for name, value in letter.attributes.items())]
    return " ".join(filter(None, said)).casefold()


def expiry(letter: DeadLetter, now: int) -> str:
    """When its queue forgets it, at a glance: `in 3 d`, `expired`, or that the table keeps it."""
    if letter.custody is Custody.CAPTURED or letter.archived_at is not None:
        return "kept here"
    if letter.expires_at is None:
        return "unknown"
    return phrasing.ago(letter.expires_at, now) if letter.expires_at > now else "expired"


def frame(letters: Sequence[DeadLetter], zone: tzinfo, now: int, revealed: bool = True) -> pd.DataFrame:
    """One row a letter, in the order given."""
    return pd.DataFrame({
        "state": [STATES[letter.state] + (", edited" if letter.edit else "") for letter in letters],
        "cause": [cause_of(letter) for letter in letters],
        "function": [letter.function or phrasing.NONE for letter in letters],
        "body": [phrasing.line(letter.body if revealed else masking.masked(letter.body), PREVIEW)
                 for letter in letters],
        "expires": [expiry(letter, now) for letter in letters],
        "died": pd.to_datetime([died(letter) for letter in letters], unit="ms", utc=True).tz_convert(zone),
        "receives": pd.Series([letter.receive_count for letter in letters], dtype="Int64"),
        "life": [letter.life for letter in letters],
        "message": [letter.message_id for letter in letters],
    })


def causes_frame(causes: Sequence[Cause], now: int, zone: tzinfo) -> pd.DataFrame:
    """One row a cause. First and last are when letters came to us."""
    return pd.DataFrame({
        "messages": [len(cause.letters) for cause in causes],
        "cause": [cause.name for cause in causes],
        "function": [cause.function or phrasing.NONE for cause in causes],
        "bodies": [cause.bodies for cause in causes],
        "first": [phrasing.minute(cause.first, now, zone) for cause in causes],
        "last": [phrasing.minute(cause.last, now, zone) for cause in causes],
    })
