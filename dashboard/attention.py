"""What deserves a look, worst first. Pure: a picture of the fleet in, findings in words out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard import phrasing
from dashboard.advice import Advice, Topic
from dashboard.summaries import Fleet, Summary
from dashboard.windows import Window
from store.clock import DAY_MS, SECOND_MS
from store.queues import oldest_expires_at
from store.records import ErrorGroup, FunctionInfo, Status
from store.recovery import Queue

ERROR_RATE = 0.01
"""From 1 % a function is failing, as common alert baselines have it."""
UNPUBLISHED = "$LATEST"
"""Says nothing of which code it was."""
MEMORY_SHARE = 0.95
"""Above 95 % of its memory the next larger input ends a function."""


class Kind(StrEnum):
    ERRORS = "errors"
    OUT_OF_MEMORY = "out of memory"
    TIMEOUT = "timeouts"
    DEAD_LETTERS = "dead letters"
    EXPIRY = "expiry"
    MEMORY = "memory"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list. `weight` orders it; `fingerprint`, when known, is the error group to open."""

    kind: Kind
    subject: str
    words: str
    weight: float
    detail: str = ""
    fingerprint: str = ""
    place: str = ""
    """As links spell it, where findings of several places are listed together."""


def findings(fleet: Fleet, window: Window, inventory: Sequence[FunctionInfo], groups: Sequence[ErrorGroup],
             queues: Sequence[tuple[Queue, int | None]], advised: Sequence[Advice] = (),
             ignored: Collection[str] = ()) -> list[Finding]:
    """Everything worth a look in the window, worst first. `ignored` are fingerprints of errors that are none."""
    infos = {info.name: info for info in inventory}
    known = {group.fingerprint: group for group in groups if group.fingerprint not in ignored}
    found: list[Finding] = []
    for summary in fleet.functions:
        found += _failing(summary, window, known, ignored)
        found += _limits(summary, infos.get(summary.function))
    for queue, waiting in queues:
        found += _dead(queue, waiting, window.now)
    found += _configuration(advised)
    return sorted(found, key=lambda finding: -finding.weight)


def top_group(summary: Summary, known: dict[str, ErrorGroup], *statuses: Status) -> tuple[ErrorGroup, int] | None:
    """The most frequent known group of these statuses, and how often it struck in the window."""
    struck = [(known[name], times) for name, times in summary.total.groups.items()
              if name in known and known[name].status in statuses]
    return max(struck, key=lambda pair: pair[1], default=None)


def _failing(summary: Summary, window: Window, known: dict[str, ErrorGroup],
             ignored: Collection[str]) -> list[Finding]:
    counts = summary.total.by_status
    failed = counts.get("error", 0) + counts.get("crash", 0)
    failed = max(0, failed - sum(summary.total.groups.get(name, 0) for name in ignored))
    share = failed / summary.total.invocations if summary.total.invocations else 0
    if share < ERROR_RATE:
        return []
    words = f"{phrasing.rate(share)} errors"
    top = top_group(summary, known, Status.ERROR, Status.CRASH)
    if top is None:
        return [Finding(Kind.ERRORS, summary.function, words, 100 * failed * share)]
    group, times = top
    if group.first_seen >= window.start:
        words += f", first seen {phrasing.ago(group.first_seen, window.now)}"
        words += f" with version {group.first_version}" if group.first_version not in (None, UNPUBLISHED) else ""
    return [Finding(Kind.ERRORS, summary.function, words, 100 * failed * share,
                    f"{group.error_type}: {group.message} ({phrasing.count(times)})", group.fingerprint)]


def _limits(summary: Summary, info: FunctionInfo | None) -> list[Finding]:
    counts, found = summary.total.by_status, []
    share = summary.memory_share
    if counts.get("oom"):
        words = f"out of memory {phrasing.count(counts['oom'])}×"
        words += f" at {phrasing.megabytes(summary.total.memory_mb)}" if summary.total.memory_mb else ""
        words += f", used up to {phrasing.rate(share)}" if share is not None else ""
        found.append(Finding(Kind.OUT_OF_MEMORY, summary.function, words, 20.0 * counts["oom"]))
    elif share is not None and share > MEMORY_SHARE:
        words = f"used {phrasing.rate(share)} of {phrasing.megabytes(summary.total.memory_mb)}"
        found.append(Finding(Kind.MEMORY, summary.function, words, share))
    if counts.get("timeout"):
        words = f"timed out {phrasing.count(counts['timeout'])}×"
        words += f", limit {phrasing.duration(info.timeout_s * SECOND_MS)}" if info and info.timeout_s else ""
        found.append(Finding(Kind.TIMEOUT, summary.function, words, 10.0 * counts["timeout"]))
    return found


def _configuration(advised: Sequence[Advice]) -> list[Finding]:
    """One line a topic, below whatever fails now: the list is of what to do today."""
    found = []
    for rank, topic in enumerate(Topic):
        told = [one for one in advised if one.topic is topic]
        if told:
            functions = len({one.function for one in told})
            more = f"; {phrasing.plural(functions - 1, 'function')} more" if functions > 1 else ""
            found.append(Finding(Kind.CONFIGURATION, told[0].function, told[0].words + more, 0.4 - rank / 10))
    return found


def _dead(queue: Queue, waiting: int | None, now: int) -> list[Finding]:
    found = []
    if waiting:
        words = f"{phrasing.plural(waiting, 'dead letter')} waiting"
        found.append(Finding(Kind.DEAD_LETTERS, queue.name, words, 5.0 * waiting))
    ends = oldest_expires_at(queue)
    left = DAY_MS if ends is None else ends - now
    if left < DAY_MS:
        words = f"oldest message expires in {phrasing.duration(left)}" if left > 0 else "messages are expiring now"
        found.append(Finding(Kind.EXPIRY, queue.name, words, 500.0))
    return found
