"""What a function's idempotency table says of letters that would be sent: whether the next attempt runs.

Which part of a message is the key is written in the function's code, so it has to be told: LAMPLIGHT_IDEMPOTENCY_KEYS,
a JSON list with one rule a function,
    {"function": "orders-fulfil", "table": "orders-idempotency", "prefix": "orders-fulfil.orders.fulfil.fulfil",
     "language": "python", "pointer": "/order_id"}
`prefix` is what stands before the # of its keys; `pointer` (RFC 6901) finds in the message what its key expression
selects. Without a rule nothing is known of a letter, and nothing is warned of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from operations import idempotency, json_patch, payloads
from operations.errors import UnknownKeySchema
from operations.idempotency import Language, RecordState, key_for
from operations.plan import READ_AT_ONCE, Plan
from operations.preflight import Warning, WarningKind
from store import dead_letters
from store.clock import Clock
from store.errors import SettingsError, StoreError
from store.recovery import DeadLetter
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_LOOKED = 200
"""Records read for one plan; the sentence says when there are more letters."""
SETTING = "LAMPLIGHT_IDEMPOTENCY_KEYS"
_SAID = {
    RecordState.COMPLETED: (WarningKind.STORED_RESULT,
                            "ran already: the function would return the stored result and do nothing"),
    RecordState.RUNNING: (WarningKind.LOCKED, "is held by an invocation that may still run: it would be refused"),
    RecordState.STUCK: (WarningKind.STUCK, "is held by a record without a time limit: it would be refused"),
}


@dataclass(frozen=True, slots=True)
class KeyRule:
    """How one function's keys are made."""

    function: str
    table: str
    prefix: str
    language: str
    pointer: str = ""


@dataclass
class Protection:
    """Gathers the keys of letters, then asks the tables."""

    client: DynamoDBClient
    rules: tuple[KeyRule, ...]
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Message id → table and key."""
    without: list[str] = field(default_factory=list)

    def note(self, letter: DeadLetter) -> None:
        """Work out the key of a letter whose function has a rule."""
        for rule in self.rules:
            if rule.function == letter.function:
                key = key_of(rule, letter)
                if key is None:
                    self.without.append(letter.message_id)
                else:
                    self.keys[letter.message_id] = rule.table, key

    def warnings(self, now: int) -> Iterator[Warning]:
        """What the records say at `now` (epoch ms). Raises UnknownKeySchema or StoreError."""
        states: dict[RecordState, list[str]] = defaultdict(list)
        described = cache(partial(idempotency.describe, self.client))
        for message_id, (table, key) in list(self.keys.items())[:MAX_LOOKED]:
            record = idempotency.look(self.client, table, key, schema=described(table))
            if record:
                states[record.state(now)].append(message_id)
        more = f" Of {len(self.keys):,} the first {MAX_LOOKED} were looked at." if len(self.keys) > MAX_LOOKED else ""
        for state, (kind, said) in _SAID.items():
            if states[state]:
                yield _warning(kind, states[state], f"{said}.{more}")
        if self.without:
            yield _warning(WarningKind.UNPROTECTED, self.without,
                           "holds nothing its function's key could be made of: each attempt would run.")


def checked(table: Table, planned: Plan, client: DynamoDBClient, listed: tuple[KeyRule, ...]) -> Plan:
    """The plan with what idempotency tables say of the letters that would run. `listed` is `rules` of the setting.

    Raises UnknownKeySchema when a table is no idempotency table, or StoreError."""
    protection = Protection(client, listed)
    ids = planned.runnable if listed else ()
    for start in range(0, len(ids), READ_AT_ONCE):
        some = ids[start:start + READ_AT_ONCE]
        for letter in dead_letters.get_many(table, planned.place, planned.queue, some).values():
            protection.note(letter)
    return replace(planned, warnings=(*planned.warnings, *protection.warnings(table.clock())))


def proof(client: DynamoDBClient, listed: tuple[KeyRule, ...], clock: Clock) -> Callable[[DeadLetter], str]:
    """What shows that a redriven letter was processed: its record is completed. Nothing when that cannot be known,
    be it that there is no rule, no record, or no permission to look."""
    described = cache(partial(idempotency.describe, client))  # DescribeTable is throttled at a few calls a second

    def shown(letter: DeadLetter) -> str:
        for rule in listed:
            key = key_of(rule, letter) if rule.function == letter.function else None
            try:
                record = idempotency.look(client, rule.table, key, schema=described(rule.table)) if key else None
            except (StoreError, UnknownKeySchema):
                continue
            if record and record.state(clock()) is RecordState.COMPLETED:
                return f"its idempotency record {record.key} in {rule.table} is completed"
        return ""
    return shown


def key_of(rule: KeyRule, letter: DeadLetter) -> str | None:
    """The key the function would make for this letter, or None when what it is made of is not there."""
    try:
        return key_for(json_patch.value_at(payloads.text(letter), rule.pointer), rule.prefix, rule.language)
    except (ValueError, UnknownKeySchema):
        return None


def rules(text: str) -> tuple[KeyRule, ...]:
    """The rules of the setting; none when it is empty. Raises SettingsError."""
    try:
        listed: Any = json.loads(text or "[]")
        found = tuple(KeyRule(**rule) for rule in listed)
    except (ValueError, TypeError, RecursionError) as error:
        raise SettingsError(SETTING, "is no list of rules",
                            "Each has function, table, prefix, language and pointer.") from error
    for rule in found:
        if not all(isinstance(getattr(rule, one.name), str) for one in fields(rule)):
            raise SettingsError(SETTING, "holds a rule with something else than text")
        if rule.language not in set(Language):
            raise SettingsError(SETTING, f"names the language {rule.language!r}", f"Use {', '.join(Language)}.")
    return found


def _warning(kind: WarningKind, message_ids: list[str], said: str) -> Warning:
    letters = "1 letter" if len(message_ids) == 1 else f"{len(message_ids):,} letters"
    return Warning(kind, len(message_ids), f"{letters}: each {said}", tuple(message_ids))
