"""The audit trail: append-only. An intent is one item, its outcome another; neither is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from store import keys
from store.clock import utc
from store.errors import StoreError
from store.items import from_item, to_item
from store.records import Place
from store.recovery import AuditEntry
from store.table import Table

INTENT, OUTCOME = "intent", "outcome"


def put_intent(table: Table, entry: AuditEntry) -> bool:
    """Write the intent before the act. True when it is new: the same act announced twice is one entry."""
    return table.put_if_absent(keys.audit_entry(entry.place, entry.at, entry.id, INTENT), to_item(entry))


def put_outcome(table: Table, entry: AuditEntry, outcome: str, at: int, details: Mapping[str, str]) -> None:
    """Write how it ended. The first outcome stands; a second, different one is an error, never an overwrite."""
    item = {"v": 1, "outcome": outcome, "outcome_at": at, "outcome_details": dict(details)}
    key = keys.audit_entry(entry.place, entry.at, entry.id, OUTCOME)
    if table.put_if_absent(key, item):
        return
    standing = table.get(key)
    if standing is None or standing["outcome"] != outcome:
        raise StoreError(f"The audit already holds another outcome for {entry.id}.")


def entries(table: Table, place: Place, month: int, limit: int = 200) -> list[AuditEntry]:
    """Entries of the UTC month that holds `month` (epoch ms), newest first, each with its outcome if it has one."""
    found: dict[str, AuditEntry] = {}
    outcomes: dict[str, dict[str, object]] = {}
    for item in table.query(keys.audit_entry(place, month, "", "").pk, newest_first=True, limit=2 * limit):
        stem, half = item["sk"].rsplit("#", 1)
        if half == OUTCOME:
            outcomes[stem] = {name: item[name] for name in ("outcome", "outcome_at", "outcome_details")}
        else:
            found[stem] = from_item(AuditEntry, item)
    return [replace(entry, **outcomes.get(stem, {})) for stem, entry in found.items()]  # type: ignore[arg-type]


def month_before(month: int) -> int:
    """An epoch ms within the month before the one that holds `month`."""
    first = utc(month).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(first.timestamp() * 1000) - 1
