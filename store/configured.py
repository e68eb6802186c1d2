"""The parts of a function's configuration that few pages need: they stand beside the function, not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.records import Place


@dataclass(frozen=True, slots=True)
class EventSource:
    """One event source mapping: what the function reads, and how. `window_s` is the batching window, `reports_items`
    whether the function names the failed messages of a batch (ReportBatchItemFailures), `on_failure_arn` where a
    stream's batch goes that is given up; a queue has its own redrive policy instead."""

    id: str
    source_arn: str
    state: str | None = None
    batch_size: int | None = None
    window_s: int | None = None
    reports_items: bool = False
    on_failure_arn: str | None = None
    max_concurrency: int | None = None
    max_retries: int | None = None
    filtered: bool = False
    qualifier: str | None = None

    @property
    def off(self) -> bool:
        return self.state in ("Disabled", "Disabling")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version; `shifted` is the share (0 to 1) of invocations that other versions get meanwhile."""

    name: str
    version: str
    shifted: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version as it was published; it never changes. `published_at` is epoch ms."""

    version: str
    code_sha256: str | None = None
    published_at: int | None = None


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Environments kept ready for a version or alias."""

    qualifier: str
    asked: int
    status: str | None = None


@dataclass(frozen=True, slots=True)
class AsyncHandling:
    """What becomes of asynchronous events, for `$LATEST`, a version or an alias."""

    qualifier: str
    on_failure_arn: str | None = None
    on_success_arn: str | None = None
    max_retries: int | None = None
    max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of them for one function. `versions` are the newest published ones, oldest first."""

    place: Place
    function: str
    sources: tuple[EventSource, ...] = ()
    aliases: tuple[Alias, ...] = ()
    versions: tuple[PublishedVersion, ...] = ()
    provisioned: tuple[Provisioned, ...] = ()
    asynchronous: tuple[AsyncHandling, ...] = ()
