"""Functions as they are configured, and their deploys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.tally import STOP_MS, Tally, TimeLeft
from store import functions
from store.clock import MINUTE_MS
from store.errors import PermissionDenied, TableMissing
from store.faults import translated
from store.records import Deploy, FunctionInfo, Place
from store.table import Table

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LOOK_AGAIN_MS = 10 * MINUTE_MS
"""Concurrency and destinations change without a trace in ListFunctions and cost two calls a function."""


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


def take_in(table: Table, client: LambdaClient, tally: Tally, time_left_ms: TimeLeft) -> list[tuple[str, FunctionInfo]]:
    """Bring the inventory up to date. Returns (ARN, function) of every function there is."""
    known = {info.name: info for info in functions.of_place(table, tally.place)}
    details = _Details(client, tally)
    found = []
    for wire in listed(client):
        info = described(tally.place, wire, tally.clock())
        standing = known.get(info.name)
        info = _with_details(info, standing)
        if _worth_looking(info, standing) and time_left_ms() > STOP_MS:
            info = details.of(info)
            _enter(table, info, standing)
            tally.wrote += 1
        tally.read += 1
        found.append((str(wire["FunctionArn"]), info))
    return found


def described(place: Place, wire: Mapping[str, Any], now: int) -> FunctionInfo:
    """The record of one function's configuration as the Lambda API spells it."""
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
        last_modified=_epoch_ms(wire.get("LastModified")),
        dead_letter_arn=(wire.get("DeadLetterConfig") or {}).get("TargetArn") or None,
        tracing=(wire.get("TracingConfig") or {}).get("Mode"),
        log_format=logging.get("LogFormat"),
        seen_at=now,
    )


def deploy_between(before: FunctionInfo | None, after: FunctionInfo) -> Deploy | None:
    """The deploy that lies between two looks at a function, if its code or version is another."""
    if before is None or before.code_sha256 is None:
        return None
    if (before.code_sha256, before.version) == (after.code_sha256, after.version):
        return None
    at = after.seen_at if after.last_modified is None else min(after.last_modified, after.seen_at)
    return Deploy(after.place, after.name, at, after.version or "$LATEST", after.code_sha256)


def _enter(table: Table, info: FunctionInfo, standing: FunctionInfo | None) -> None:
    """The marker first: killed in between, the next look finds the same change."""
    deploy = deploy_between(standing, info)
    if deploy is not None:
        functions.put_deploy(table, deploy)
    functions.put(table, info)


def _with_details(info: FunctionInfo, standing: FunctionInfo | None) -> FunctionInfo:
    if standing is None:
        return info
    return replace(info, reserved_concurrency=standing.reserved_concurrency, on_failure_arn=standing.on_failure_arn)


def _worth_looking(info: FunctionInfo, standing: FunctionInfo | None) -> bool:
    if standing is None or info.seen_at - standing.seen_at >= LOOK_AGAIN_MS:
        return True
    return replace(info, seen_at=standing.seen_at) != standing


class _Details:
    """What ListFunctions does not tell. A call that one function's answer denies is not made for the others."""

    def __init__(self, client: LambdaClient, tally: Tally) -> None:
        self._client, self._tally = client, tally
        self._denied: set[str] = set()

    def of(self, info: FunctionInfo) -> FunctionInfo:
        """The function with them; what cannot be asked stays as it was known."""
        reserved, failing = info.reserved_concurrency, info.on_failure_arn
        with self._asking("reserved concurrency") as asked:
            reserved = _reserved(self._client, info.name) if asked else reserved
        with self._asking("failure destinations") as asked:
            failing = _on_failure(self._client, info.name) if asked else failing
        return replace(info, reserved_concurrency=reserved, on_failure_arn=failing)

    @contextmanager
    def _asking(self, detail: str) -> Iterator[bool]:
        with self._tally.going_on(f"{detail} of functions"):
            try:
                yield detail not in self._denied
            except PermissionDenied:
                self._denied.add(detail)
                raise


def _reserved(client: LambdaClient, name: str) -> int | None:
    with translated(name):
        return client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")


def _on_failure(client: LambdaClient, name: str) -> str | None:
    try:
        with translated(name):
            wire: Mapping[str, Any] = client.get_function_event_invoke_config(FunctionName=name)
    except TableMissing:  # ResourceNotFoundException: the function has no such configuration
        return None
    return ((wire.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or None


def _epoch_ms(text: str | None) -> int | None:
    """`2026-11-23T19:12:31.752+0000`, as the Lambda API writes times."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000) if text else None
    except ValueError:
        return None
