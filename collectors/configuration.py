"""What the Lambda API says of a function beyond the list of functions: its parts as records, and who asks for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.tally import Tally
from store.configured import Alias, AsyncHandling, Configuration, EventSource, Provisioned, PublishedVersion
from store.errors import PermissionDenied, TableMissing
from store.faults import translated
from store.records import FunctionInfo

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

VERSIONS_KEPT = 20
VERSION_PAGES = 20
"""Pages of 50 versions read at most, oldest first as Lambda lists them."""
LATEST = "$LATEST"


def event_source(wire: Mapping[str, Any]) -> EventSource:
    """An event source mapping as the Lambda API spells it."""
    _, _, qualifier = str(wire.get("FunctionArn", "")).partition(":function:")[2].partition(":")
    return EventSource(
        str(wire.get("UUID", "")),
        _source_of(wire),
        state=wire.get("State"),
        batch_size=wire.get("BatchSize"),
        window_s=wire.get("MaximumBatchingWindowInSeconds"),
        reports_items="ReportBatchItemFailures" in (wire.get("FunctionResponseTypes") or ()),
        on_failure_arn=_target(wire, "OnFailure"),
        max_concurrency=(wire.get("ScalingConfig") or {}).get("MaximumConcurrency"),
        max_retries=wire.get("MaximumRetryAttempts"),
        filtered=bool((wire.get("FilterCriteria") or {}).get("Filters")),
        qualifier=qualifier or None,
    )


def hashed(sources: Iterable[EventSource]) -> str:
    """16 hex characters that change when a mapping does; empty without any."""
    rows = sorted(list(astuple(one)) for one in sources)
    return hashlib.blake2b(json.dumps(rows).encode(), digest_size=8).hexdigest() if rows else ""


def epoch_ms(text: str | None) -> int | None:
    """`2026-11-23T19:12:31.752+0000`, as the Lambda API writes times."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000) if text else None
    except ValueError:
        return None


class Details:
    """What ListFunctions does not tell. A call that one function's answer denies is not made for the others, and what
    cannot be asked stays as it was known."""

    def __init__(self, client: LambdaClient, tally: Tally) -> None:
        self._client, self._tally = client, tally
        self._denied: set[str] = set()

    def of(self, info: FunctionInfo, parts: Configuration, changed: bool) -> tuple[FunctionInfo, Configuration]:
        """The function and its parts as they stand. Versions are listed when it `changed` or an alias names one that
        is not known: publishing alone leaves no other trace."""
        with self._asking("reserved concurrency") as asked:
            info = replace(info, reserved_concurrency=self._reserved(info.name)) if asked else info
        with self._asking("destinations") as asked:
            handling = tuple(self._handling(info.name)) if asked else parts.asynchronous
            parts = replace(parts, asynchronous=handling)
            info = replace(info, on_failure_arn=_first(one.on_failure_arn for one in handling),
                           on_success_arn=_first(one.on_success_arn for one in handling))
        with self._asking("aliases") as asked:
            parts = replace(parts, aliases=tuple(self._aliases(info.name))) if asked else parts
        with self._asking("versions") as asked:
            if asked and (changed or _unknown_version(parts)):
                parts = replace(parts, versions=tuple(self._versions(info.name))[-VERSIONS_KEPT:])
        with self._asking("provisioned concurrency") as asked:
            # Only what is published can have any.
            published = bool(parts.aliases or parts.versions)
            ready = tuple(self._provisioned(info.name)) if asked and published else parts.provisioned
            parts = replace(parts, provisioned=ready if published else ())
        return replace(info, details_at=self._tally.clock()), parts

    @contextmanager
    def _asking(self, detail: str) -> Iterator[bool]:
        with self._tally.going_on(f"{detail} of functions"):
            try:
                yield detail not in self._denied
            except PermissionDenied:
                self._denied.add(detail)
                raise

    def _reserved(self, name: str) -> int | None:
        with self._calling(name):
            return self._client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")

    def _handling(self, name: str) -> Iterator[AsyncHandling]:
        for page in self._pages(name, self._client.list_function_event_invoke_configs):
            for wire in page.get("FunctionEventInvokeConfigs", ()):
                yield AsyncHandling(
                    _qualifier(wire["FunctionArn"]), _target(wire, "OnFailure"), _target(wire, "OnSuccess"),
                    wire.get("MaximumRetryAttempts"), wire.get("MaximumEventAgeInSeconds"))

    def _aliases(self, name: str) -> Iterator[Alias]:
        for page in self._pages(name, self._client.list_aliases):
            for wire in page.get("Aliases", ()):
                weights = (wire.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
                yield Alias(wire["Name"], wire["FunctionVersion"],
                            {version: float(share) for version, share in weights.items()})

    def _versions(self, name: str) -> Iterator[PublishedVersion]:
        for page in self._pages(name, self._client.list_versions_by_function):
            for wire in page.get("Versions", ()):
                if wire["Version"] != LATEST:
                    yield PublishedVersion(wire["Version"], wire.get("CodeSha256"), epoch_ms(wire.get("LastModified")))

    def _provisioned(self, name: str) -> Iterator[Provisioned]:
        for page in self._pages(name, self._client.list_provisioned_concurrency_configs):
            for wire in page.get("ProvisionedConcurrencyConfigs", ()):
                yield Provisioned(_qualifier(wire["FunctionArn"]),
                                  int(wire.get("RequestedProvisionedConcurrentExecutions", 0)), wire.get("Status"))

    def _pages(self, name: str, call: Any) -> Iterator[Mapping[str, Any]]:
        """Pages of one list; none for a function that was deleted meanwhile."""
        marker: str | None = None
        for _ in range(VERSION_PAGES):
            paging: dict[str, Any] = {"Marker": marker} if marker else {}
            try:
                with self._calling(name):
                    page = call(FunctionName=name, **paging)
            except TableMissing:  # ResourceNotFoundException: there is no such configuration
                return
            yield page
            marker = page.get("NextMarker")
            if not marker:
                return

    @contextmanager
    def _calling(self, name: str) -> Iterator[None]:
        self._tally.calls += 1
        with translated(name):
            yield


def _unknown_version(parts: Configuration) -> bool:
    known = {one.version for one in parts.versions}
    named = {version for alias in parts.aliases for version in (alias.version, *alias.shifted)}
    return bool(named - known - {LATEST})


def _qualifier(arn: str) -> str:
    return arn.partition(":function:")[2].partition(":")[2] or LATEST


def _target(wire: Mapping[str, Any], outcome: str) -> str | None:
    return ((wire.get("DestinationConfig") or {}).get(outcome) or {}).get("Destination") or None


def _source_of(wire: Mapping[str, Any]) -> str:
    """Self-managed Kafka has brokers and a topic instead of an ARN."""
    return str(wire.get("EventSourceArn") or "") or next(iter(wire.get("Topics") or ()), "")


def _first(found: Iterable[str | None]) -> str | None:
    return next((one for one in found if one), None)
