"""Numbers, times and names as people read them. Pure: text in, text out; `–` is no data, never zero."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from store.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, utc
from store.histogram import MIN_SAMPLES, Histogram

NONE = "–"
STATUS_WORDS = {"ok": "ok", "error": "error", "timeout": "timed out", "oom": "out of memory", "crash": "crashed",
                "open": "still open"}
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|~><$@&^=])")
_DIRECTIVE = re.compile(r":(?=[A-Za-z0-9_+/-])")
_AUTOLINK = re.compile(r"(?=\\@)|(?<=www)(?=\\\.)", re.IGNORECASE)
"""Addresses and www. names become links after the escapes are gone, unless something stands in between."""
_WORD_JOINER = "\u2060"


def count(number: float | None) -> str:
    """`1,284`."""
    return NONE if number is None else f"{round(number):,}"


def compact(number: float | None) -> str:
    """`1,284`, `12.8 k`, `1.28 M`: three significant digits from ten thousand up."""
    if number is None:
        return NONE
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if abs(number) >= size and abs(number) >= 10_000:
            return f"{_three(number / size)} {unit}"
    return count(number)


def plural(number: int, noun: str, many: str | None = None) -> str:
    """`1 message`, `1,284 messages`."""
    return f"{count(number)} {noun if number == 1 else many or noun + 's'}"


def rate(share: float | None) -> str:
    """A share (0 to 1) as `3.2 %`; something that happened is never rounded to `0 %`."""
    if share is None:
        return NONE
    percent = share * 100
    if 0 < percent < 0.01:
        return "< 0.01 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    return f"{percent:.2f} %" if 0 < percent < 0.1 else f"{percent:.1f} %" if 0 < percent < 100 else f"{percent:.0f} %"


def duration(ms: float | None) -> str:
    """`0.4 ms`, `88 ms`, `2.1 s`, `4 min 10 s`, `5 h 12 min`, `3 d 20 h`."""
    if ms is None:
        return NONE
    if ms < SECOND_MS:
        return f"{ms:.1f} ms" if 0 < ms < 10 else f"{ms:.0f} ms"
    if ms < MINUTE_MS:
        return f"{_three(ms / SECOND_MS)} s"
    for size, unit, part, small in ((DAY_MS, "d", HOUR_MS, "h"), (HOUR_MS, "h", MINUTE_MS, "min"),
                                    (MINUTE_MS, "min", SECOND_MS, "s")):
        if ms >= size:
            whole, rest = int(ms // size), int(ms % size // part)
            return f"{whole} {unit} {rest} {small}" if rest else f"{whole} {unit}"
    raise AssertionError("every duration from a minute up has a unit")


def percentile(histogram: Histogram, q: float) -> str:
    """A percentile, or `n = 12` when there are too few values to be honest about one."""
    if histogram.n == 0:
        return NONE
    return duration(histogram.percentile(q)) if histogram.n >= MIN_SAMPLES else f"n = {histogram.n}"


def megabytes(number: float | None) -> str:
    return NONE if number is None else f"{round(number):,} MB"


def money(dollars: float | None) -> str:
    """An estimate: `~$4.12`, `< $0.01`."""
    if dollars is None:
        return NONE
    if 0 < dollars < 0.01:
        return "< $0.01"
    return f"~${dollars:,.2f}" if dollars < 1_000 else f"~${dollars:,.0f}"


def ago(at: int | None, now: int) -> str:
    """`40 s ago`, `4 h ago`, `in 3 d`: one unit, for reading at a glance."""
    if at is None:
        return NONE
    distance = abs(now - at)
    if distance < SECOND_MS:
        return "just now"
    text = age(distance)
    return f"{text} ago" if at <= now else f"in {text}"


def age(ms: int) -> str:
    """A distance in its largest unit: `40 s`, `12 min`, `4 h`, `3 d`."""
    for size, unit in ((2 * DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "min")):
        if ms >= size:
            return f"{ms // (DAY_MS if unit == 'd' else size)} {unit}"
    return f"{max(0, ms) // SECOND_MS} s"


def moment(at: int | None, zone: tzinfo) -> str:
    """The absolute time in the reader's zone: `23 Nov 14:02:51`."""
    return NONE if at is None else f"{local(at, zone):%-d %b %H:%M:%S}"


def minute(at: int, now: int, zone: tzinfo) -> str:
    """`14:02` today, `22 Nov 14:02` otherwise."""
    then = local(at, zone)
    return f"{then:%H:%M}" if then.date() == local(now, zone).date() else f"{then:%-d %b %H:%M}"


def local(at: int, zone: tzinfo) -> datetime:
    return utc(at).astimezone(zone)


def zone_name(at: int, zone: tzinfo) -> str:
    """`UTC`, `UTC+1`, `UTC−3:30`."""
    offset = local(at, zone).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


def middle(text: str, limit: int = 48) -> str:
    """Long names and ids shortened in the middle, where they tell least: `arn:aws:sq…-fulfil-dlq`."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return f"{text[:head]}…{text[-(limit - 1 - head):]}"


def line(text: str, limit: int = 160) -> str:
    """Untrusted text as one printable line, cut at the end."""
    flat = "".join(letter if letter.isprintable() else " " for letter in text)
    flat = " ".join(flat.split())
    return flat if len(flat) <= limit else f"{flat[:limit - 1]}…"


def plain_markdown(text: str, limit: int = 160) -> str:
    """Untrusted text that Markdown shows as it is: no links, images, directives, icons or formulas."""
    plain = _DIRECTIVE.sub(":" + _WORD_JOINER, _PUNCTUATION.sub(r"\\\1", line(text, limit)))
    return _AUTOLINK.sub(_WORD_JOINER, plain)


def change(now: float | None, before: float | None) -> float | None:
    """Relative change; None when there is nothing to compare with."""
    if now is None or not before:
        return None
    return (now - before) / before


def signed_rate(share: float) -> str:
    """`+4 %`, `−12 %`; large changes as factors, `×3.4`."""
    if share >= 1:
        return f"×{_three(share + 1)}"
    return f"{'-' if share < 0 else '+'}{abs(share) * 100:.0f} %"


def signed_points(points: float) -> str:
    """A difference of two shares in percentage points: `+2.1 pt`."""
    return f"{'-' if points < 0 else '+'}{abs(points) * 100:.1f} pt"


def _three(number: float) -> str:
    """Three significant digits without trailing noise: 1.28, 12.8, 128."""
    digits = 2 if abs(number) < 10 else 1 if abs(number) < 100 else 0
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
