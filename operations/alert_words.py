"""What an alert says, in words: where it is listed, and in the message that tells people of it.

A message names functions, queues, error types and counts. Nothing of a dead letter's body is in it, and of an error's
words only what is left without what varies: they may be personal, or secret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from store import keys
from store.alerts import Alert, AlertKind
from store.clock import utc

SUBJECT_CHARS = 99
"""SNS: fewer than 100, ASCII, one line."""
WORDS_CHARS = 300
LISTED = 30
"""Alerts a digest spells out; who has to read more looks at the page."""
PLURAL = {AlertKind.EXPIRING: "queues with expiring messages", AlertKind.STOPPED: "redrives stopped",
          AlertKind.REGRESSED: "regressions", AlertKind.DEAD_LETTERS: "queues with new dead letters",
          AlertKind.NEW: "new errors"}
ORDER = tuple(AlertKind)
UNPUBLISHED = "$LATEST"
"""Says nothing of which code it was."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to people. `id` is the same whenever it tells the same alerts."""

    id: str
    subject: str
    text: str
    kind: str
    """As subscriptions can filter by it: an alert's kind, or `digest`."""


def headline(alert: Alert) -> str:
    """What happened, in a line."""
    version = f" in version {alert.version}" if alert.version and alert.version != UNPUBLISHED else ""
    messages = _plural(alert.count or 0, "message")
    return _line({
        AlertKind.NEW: f"New error in {alert.function}{version}: {alert.error_type or 'unknown error'}",
        AlertKind.REGRESSED: (f"{alert.error_type or 'An error'} in {alert.function} is back{version}, after it was "
                              "resolved"),
        AlertKind.DEAD_LETTERS: f"{_plural(alert.count or 0, 'dead letter')} in {alert.queue}",
        AlertKind.EXPIRING: f"Messages in {alert.queue} are about to expire: {messages}",
        AlertKind.STOPPED: f"A redrive of {messages} from {alert.queue} stopped itself",
    }[alert.kind])


def link(alert: Alert, base_url: str) -> str:
    """The page that shows it; nothing when nobody said where the dashboard is."""
    page, params = target(alert)
    place = f"{alert.place.account}/{alert.place.region}"
    return f"{base_url}/{page}?{urlencode({**params, 'place': place}, safe='/')}" if base_url else ""


def target(alert: Alert) -> tuple[str, dict[str, str]]:
    """The dashboard's page and its parameters."""
    if alert.kind is AlertKind.STOPPED:
        return "redrive", {"id": alert.job_id}
    if alert.kind in (AlertKind.DEAD_LETTERS, AlertKind.EXPIRING):
        return "dead_letters", {"queue": alert.queue}
    return "error", {"id": alert.fingerprint}


def in_order(alerts: Sequence[Alert]) -> list[Alert]:
    """The gravest first, then the oldest."""
    return sorted(alerts, key=lambda alert: (ORDER.index(alert.kind), alert.at, alert.name))


def letter(alerts: Sequence[Alert], base_url: str) -> Letter:
    """One message about one alert, or a digest of several."""
    return _one(alerts[0], base_url) if len(alerts) == 1 else _digest(in_order(alerts), base_url)


def _one(alert: Alert, base_url: str) -> Letter:
    return Letter(alert.id, _subject(headline(alert)), "\n".join([
        *_told(alert, base_url), "",
        f"Alert {alert.id}. If the same number comes again, it is the same alert: the first answer was lost."]),
        str(alert.kind))


def _digest(alerts: list[Alert], base_url: str) -> Letter:
    counted = Counter(alert.kind for alert in alerts)
    counts = ", ".join(f"{count:,} {PLURAL[kind] if count > 1 else kind}" for kind, count in
                       sorted(counted.items(), key=lambda pair: ORDER.index(pair[0])))
    lines = [f"{len(alerts):,} alerts at once: {counts}.", ""]
    for alert in alerts[:LISTED]:
        lines += [*_told(alert, base_url), f"Alert {alert.id}", ""]
    if len(alerts) > LISTED:
        lines += [f"{len(alerts) - LISTED:,} more are on the page Alerts of Lamplight.", ""]
    if base_url:
        lines.append(f"All of them: {base_url}/alerts")
    name = keys.event_hash("#".join(sorted(alert.id for alert in alerts)))
    return Letter(name, _subject(f"{len(alerts):,} alerts: {counts}"), "\n".join(lines), "digest")


def _told(alert: Alert, base_url: str) -> list[str]:
    where = f"{utc(alert.at):%Y-%m-%d %H:%M:%S} UTC, account {alert.place.account}, {alert.place.region}"
    address = link(alert, base_url)
    lines = [f"{headline(alert)}.", _line(alert.message), where, address]
    return [line for line in lines if line]


def _subject(text: str) -> str:
    plain = f"Lamplight: {text}".encode("ascii", "replace").decode()
    return plain if len(plain) <= SUBJECT_CHARS else f"{plain[:SUBJECT_CHARS - 3]}..."


def _line(text: str) -> str:
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return flat if len(flat) <= WORDS_CHARS else f"{flat[:WORDS_CHARS - 1]}…"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
