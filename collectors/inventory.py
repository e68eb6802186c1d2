"""Every function as it is configured, and what changed about it.

The list of functions is read in every run: fifty functions a call. What the list does not tell costs three to five
calls a function, so it is asked for when a function is new or has changed, again while that is recent, and else once an
hour; and in one run of so many functions only that the rest of the account's 15 calls a second stay for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from collectors.changes import deploy_between
from collectors.configuration import Details, epoch_ms, hashed
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import functions
from store.clock import HOUR_MS, MINUTE_MS
from store.configured import Configuration, EventSource
from store.faults import translated
from store.records import FunctionInfo, Place
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LOOK_AGAIN_MS = HOUR_MS
"""Concurrency, destinations and aliases change without a trace in ListFunctions."""
RECENT_MS = 15 * MINUTE_MS
"""After a change more follows: a version is published, an alias shifted step by step."""
LOOKED_INTO = 50
"""Functions a run, about 250 calls: four a second on average, of 15 that Lambda's control plane takes."""
Sources = Mapping[str, Sequence[EventSource]]
"""Event source mappings by the function's name."""


def listed(client: LambdaClient) -> Iterator[Mapping[str, Any]]:
    """The configuration of every function, as ListFunctions gives it. Raises PermissionDenied, Throttled."""
    marker: str | None = None
    while True:
        paging: dict[str, Any] = {"Marker": marker} if marker else {}
        with translated("functions"):
            page = client.list_functions(**paging)
        yield from page["Functions"]
        marker = page.get("NextMarker")
        if not marker:
            return


def take_in(table: Table, client: LambdaClient, tally: Tally, time_left_ms: TimeLeft,
            sources: Sources | None = None) -> list[tuple[str, FunctionInfo]]:
    """Bring the inventory up to date. Returns (ARN, function) of every function there is. `sources` is None when the
    event source mappings could not be listed: what is known of them stays."""
    known = {info.name: info for info in functions.of_place(table, tally.place)}
    look = _Look(table, tally, Details(client, tally), time_left_ms, sources)
    found = [(str(wire["FunctionArn"]), described(tally.place, wire, tally.clock())) for wire in listed(client)]
    tally.read += len(found)
    # Those longest not looked into first; a new one never was.
    order = sorted(found, key=lambda one: known[one[1].name].details_at if one[1].name in known else 0)
    taken = {info.name: look.at(info, known.get(info.name)) for _, info in order}
    for gone in known.keys() - taken.keys():
        look.miss(known[gone])
    return [(arn, taken[info.name]) for arn, info in found]


def described(place: Place, wire: Mapping[str, Any], now: int) -> FunctionInfo:
    """The record of one function's configuration as the Lambda API spells it. Of environment variables nothing is
    kept: they may be secrets."""
    name = str(wire["FunctionName"])
    logging = wire.get("LoggingConfig") or {}
    return FunctionInfo(
        place, name, logging.get("LogGroup") or f"/aws/lambda/{name}",
        runtime=wire.get("Runtime") or wire.get("PackageType"),
        memory_mb=wire.get("MemorySize"),
        timeout_s=wire.get("Timeout"),
        architecture=next(iter(wire.get("Architectures") or ()), None),
        version=wire.get("Version"),
        code_sha256=wire.get("CodeSha256"),
        last_modified=epoch_ms(wire.get("LastModified")),
        dead_letter_arn=(wire.get("DeadLetterConfig") or {}).get("TargetArn") or None,
        tracing=(wire.get("TracingConfig") or {}).get("Mode"),
        log_format=logging.get("LogFormat"),
        seen_at=now,
        storage_mb=(wire.get("EphemeralStorage") or {}).get("Size"),
        package_bytes=wire.get("CodeSize"),
        layers=tuple(layer["Arn"] for layer in wire.get("Layers") or ()),
        snap_start=(wire.get("SnapStart") or {}).get("ApplyOn"),
        vpc_id=(wire.get("VpcConfig") or {}).get("VpcId") or None,
        application_log_level=logging.get("ApplicationLogLevel"),
        system_log_level=logging.get("SystemLogLevel"),
    )


@dataclass
class _Look:
    table: Table
    tally: Tally
    details: Details
    time_left_ms: TimeLeft
    sources: Sources | None
    looked_into: int = field(default=0)

    def at(self, info: FunctionInfo, standing: FunctionInfo | None) -> FunctionInfo:
        """Enter one function if it is another than it was, and look into it if it is time. Returns it with all that
        is known."""
        info = self._carried(info, standing)
        changed = standing is None or replace(info, seen_at=standing.seen_at) != standing
        deeper = self._worth(info, changed)
        if not changed and not deeper:
            return info
        before = functions.configuration(self.table, info.place, info.name)
        parts = before if self.sources is None else replace(before, sources=tuple(self.sources.get(info.name, ())))
        if deeper:
            self.looked_into += 1
            info, parts = self.details.of(info, parts, changed)
        self._enter(info, standing, parts, before)
        return info

    def miss(self, standing: FunctionInfo) -> None:
        """A function that is listed no more stays, and says so; one known by its logs alone never was listed."""
        if standing.code_sha256 is not None and standing.deleted_at is None:
            functions.put(self.table, replace(standing, deleted_at=self.tally.clock()))
            self.tally.wrote += 1

    def _carried(self, info: FunctionInfo, standing: FunctionInfo | None) -> FunctionInfo:
        if self.sources is not None:
            info = replace(info, sources_hash=hashed(self.sources.get(info.name, ())))
        if standing is None:
            return info
        return replace(
            info, reserved_concurrency=standing.reserved_concurrency, on_failure_arn=standing.on_failure_arn,
            on_success_arn=standing.on_success_arn, details_at=standing.details_at,
            sources_hash=standing.sources_hash if self.sources is None else info.sources_hash,
        )

    def _worth(self, info: FunctionInfo, changed: bool) -> bool:
        if self.time_left_ms() <= STOP_MS or self.looked_into >= LOOKED_INTO:
            return False
        recent = info.last_modified is not None and abs(info.seen_at - info.last_modified) < RECENT_MS
        return changed or recent or info.seen_at - info.details_at >= LOOK_AGAIN_MS

    def _enter(self, info: FunctionInfo, standing: FunctionInfo | None, parts: Configuration,
               before: Configuration) -> None:
        """The marker first, the function last: killed in between, the next look finds the same change."""
        deploy = deploy_between(standing, info, before, parts)
        if deploy is not None and not self._marked(deploy.changes, standing, info):
            functions.put_deploy(self.table, deploy)
        if parts != before:
            functions.put_configuration(self.table, parts)
            self.tally.wrote += 1
        functions.put(self.table, info)
        self.tally.wrote += 1

    def _marked(self, changes: Sequence[object], standing: FunctionInfo | None, info: FunctionInfo) -> bool:
        """Whether a look that was killed left the marker of these changes already: they have no time of their own."""
        if standing is None or not changes:
            return False
        since = functions.deploys(self.table, info.place, info.name, standing.seen_at, info.seen_at)
        return any(set(changes) <= set(one.changes) and one.code_sha256 == info.code_sha256 for one in since)
