"""Releasing a stuck idempotency record: compare and delete, only when nothing can be running behind it.

A COMPLETED record is never released: its side effect would happen twice."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from operations import audit, permissions
from operations.errors import NotReleasable, RecordMoved
from operations.idempotency_record import IdempotencyRecord, RecordState, Schema
from operations.permissions import Action, Actor
from operations.redrive import kept_reason
from store.clock import MINUTE_MS, SECOND_MS, Clock, iso
from store.errors import ConditionLost
from store.faults import translated
from store.items import marshal
from store.records import Place
from store.recovery import AuditEntry
from store.table import Condition, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_TIMEOUT_S = 900
"""The longest a Lambda function runs."""
GRACE_MS = MINUTE_MS
"""For clocks that differ, and for an invocation that is just being stopped."""


def releasable_at(record: IdempotencyRecord, window_s: int, timeout_s: int = MAX_TIMEOUT_S) -> int | None:
    """Epoch ms from which nothing can be running behind a stuck record; None when the row has no expiry.

    No library stores when a record was made, so it is the expiry less `window_s`, the function's
    `expires_after_seconds`. A window said too long would make the record look older than it is: ask, never guess."""
    if record.expires_at is None:
        return None
    return record.expires_at - window_s * SECOND_MS + timeout_s * SECOND_MS + GRACE_MS


def refusal(record: IdempotencyRecord, now: int, window_s: int, timeout_s: int = MAX_TIMEOUT_S) -> NotReleasable | None:
    """Why the record must not be released at `now` (epoch ms), or None."""
    state = record.state(now)
    if state is RecordState.COMPLETED:
        return NotReleasable("It completed; releasing it would let the side effect happen again.",
                             "Duplicates get the stored result, which is what the record is for.")
    if state is not RecordState.STUCK:
        return NotReleasable(f"It is {state}, not stuck.", record.explanation(now))
    safe = releasable_at(record, window_s, timeout_s)
    if safe is None:
        return NotReleasable("It has no expiry, so nobody can tell how old it is.", "Ask its owner.")
    if now < safe:
        return NotReleasable(f"Its invocation may still be running until {iso(safe)}.", "Wait until then.")
    return None


def release(client: DynamoDBClient, table: Table, place: Place, clock: Clock, actor: Actor, writes: bool, *,  # noqa: PLR0913
            record: IdempotencyRecord, reason: str, window_s: int, timeout_s: int = MAX_TIMEOUT_S) -> None:
    """Delete the record if it is still exactly what was shown. Audited.

    `window_s` is the function's idempotency window, `timeout_s` its timeout, both seconds. Raises NotAllowed,
    ReasonRequired, NotReleasable, RecordMoved, or StoreError; then nothing was deleted."""
    permissions.enforce(actor, Action.RELEASE, writes)
    kept = kept_reason(reason)
    now = clock()
    refused = refusal(record, now, window_s, timeout_s)
    if refused:
        raise refused
    with audit.audited(table, clock, _entry(place, now, actor, record, kept)) as act:
        _delete_as_shown(client, record)
        act.outcome = "released"


def _delete_as_shown(client: DynamoDBClient, record: IdempotencyRecord) -> None:
    try:
        with translated(record.table):
            client.delete_item(TableName=record.table, Key=marshal(record.address), **_as_shown(record).arguments())
    except ConditionLost as lost:
        raise RecordMoved(record.key) from lost


def _as_shown(record: IdempotencyRecord) -> Condition:
    """Every attribute equals what was read, and those whose coming would mean progress are still absent."""
    shown = {name: value for name, value in record.item.items()
             if name not in record.address and re.fullmatch(r"\w+", name, re.ASCII)}
    progress = ("result", "error") if record.schema is Schema.CLASSIC else ("data", "in_progress_expiration")
    absent = [name for name in progress if name not in shown]
    clauses = [f"#{name} = :{name}" for name in shown] + [f"attribute_not_exists(#{name})" for name in absent]
    return Condition(" AND ".join(clauses), shown, (*shown, *absent))


def _entry(place: Place, now: int, actor: Actor, record: IdempotencyRecord, reason: str) -> AuditEntry:
    name = hashlib.sha256(f"{record.table}/{record.key}".encode()).hexdigest()[:16]
    details = {"status": record.status, "expires at": iso(record.expires_at) if record.expires_at else "",
               **{str(part): value for part, value in record.address.items()}}
    return AuditEntry(place, f"release-{name}", now, actor.name, actor.role, Action.RELEASE,
                      f"{record.table}/{record.key}", reason, details)
