"""CloudWatch embedded metric format: one JSON object, several directives, dimension sets and metrics.

Limits are the specification's: 100 metrics a directive, 100 values a metric, 30 dimensions a set, names to 1,024
characters, dimension values to 1,024. What breaks them is refused one by one and said; the rest of the object counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.documents import shown
from collectors.lines import Line, Metric, Metrics, unrecognised
from collectors.shapes import is_request_id

Json = Mapping[str, Any]
MAX_METRICS = 100
MAX_VALUES = 100
MAX_DIMENSIONS = 30
MAX_NAME_CHARS = 1_024
MAX_KEY_CHARS = 250
MAX_VALUE = 2.0**360
"""CloudWatch drops values beyond ±2^360."""
OLDEST_MS = 14 * 86_400_000
NEWEST_MS = 2 * 3_600_000
"""CloudWatch takes metrics up to two weeks old and two hours ahead of its clock, which is the event's, give or take."""
MAX_REFUSALS = 20
"""Sentences kept about one object: more say nothing new."""
UNITS = frozenset(
    ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"]
    + [f"{scale}{unit}{per}" for scale in ("Kilo", "Mega", "Giga", "Tera") for unit in ("bytes", "bits")
       for per in ("", "/Second")]
    + [f"{unit}{per}" for unit in ("Bytes", "Bits") for per in ("", "/Second")]
)  # fmt: skip
_REQUEST_IDS = ("requestId", "function_request_id", "AWSRequestId", "request_id")
Dimensions = tuple[tuple[str, str], ...]


class Refused(ValueError):
    """A member that breaks the format; the message is the sentence shown."""


def read(document: Json, text: str) -> Line:
    """One object with an `_aws` member. Unrecognised when nothing in it is a metric."""
    root = document["_aws"]
    directives = root.get("CloudWatchMetrics") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(directives, list):
        return unrecognised("embedded metrics without a list of CloudWatchMetrics", text)
    timestamp = root.get("Timestamp")
    if isinstance(timestamp, float) and timestamp.is_integer():
        timestamp = int(timestamp)
    if isinstance(timestamp, bool) or not isinstance(timestamp, int) or timestamp < 0:
        return unrecognised("embedded metrics without a Timestamp in epoch ms", text)
    points: list[Metric] = []
    refused: list[str] = []
    for directive in directives:
        try:
            points.extend(_points(document, directive, timestamp, refused))
        except Refused as reason:
            refused.append(str(reason))
    who = None
    for key in _REQUEST_IDS:
        if key in document and is_request_id(document[key]):
            who = document[key]
            break
    return Metrics(tuple(points), tuple(refused[:MAX_REFUSALS]), who)


def in_time(line: Metrics, at: int) -> Metrics:
    """The metrics CloudWatch accepts from an event of this time (epoch ms; 0 is unknown and accepts all)."""
    # One object has one Timestamp, so one point stands for all.
    if at <= 0 or not line.points or at - OLDEST_MS <= line.points[0].timestamp <= at + NEWEST_MS:
        return line
    late = "a Timestamp more than 14 days before or 2 hours after its log event"
    return line._replace(points=(), refused=(*line.refused, late))


def _points(document: Json, directive: object, timestamp: int, refused: list[str]) -> Iterator[Metric]:
    if not isinstance(directive, dict):
        raise Refused("a metric directive that is not an object")
    namespace = _name(directive.get("Namespace"), "a namespace")
    definitions = directive.get("Metrics")
    if not isinstance(definitions, list):
        raise Refused(f"namespace {namespace!r} without a list of Metrics")
    if len(definitions) > MAX_METRICS:
        raise Refused(f"namespace {namespace!r} with {len(definitions)} metrics, over {MAX_METRICS}")
    sets = _dimension_sets(document, directive.get("Dimensions", [[]]), refused)
    for definition in definitions:
        try:
            name, unit, values, resolution = _metric(document, definition)
        except Refused as reason:
            refused.append(str(reason))
            continue
        for dimensions in sets:
            yield Metric(namespace, name, unit, values, dimensions, timestamp, resolution)


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME_CHARS:
        raise Refused(f"{what} that is not a text of 1 to {MAX_NAME_CHARS} characters")
    return value


def _dimension_sets(document: Json, sets: object, refused: list[str]) -> list[Dimensions]:
    if not isinstance(sets, list):
        raise Refused("Dimensions that are not a list of dimension sets")
    found: list[Dimensions] = []
    for keys in sets:
        try:
            found.append(_dimensions(document, keys))
        except Refused as reason:
            refused.append(str(reason))
    return found if sets else [()]


def _dimensions(document: Json, keys: object) -> Dimensions:
    if not isinstance(keys, list) or len(keys) > MAX_DIMENSIONS:
        raise Refused(f"a dimension set that is not a list of at most {MAX_DIMENSIONS} keys")
    pairs: dict[str, str] = {}
    for key in keys:
        if not isinstance(key, str) or not 1 <= len(key) <= MAX_KEY_CHARS:
            raise Refused(f"a dimension key that is not a text of 1 to {MAX_KEY_CHARS} characters")
        value = document.get(key)
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_NAME_CHARS:
            raise Refused(f"dimension {key!r} without a text of 1 to {MAX_NAME_CHARS} characters at the root")
        pairs[key] = value
    return tuple(sorted(pairs.items()))


def _metric(document: Json, definition: object) -> tuple[str, str, tuple[float, ...], int]:
    if not isinstance(definition, dict):
        raise Refused("a metric definition that is not an object")
    name = _name(definition.get("Name"), "a metric name")
    unit = definition.get("Unit")
    unit = "None" if unit is None else unit
    if not isinstance(unit, str) or unit not in UNITS:
        raise Refused(f"metric {name!r} with an unknown unit {shown(unit)[:40]}")
    resolution = definition.get("StorageResolution", 60)
    if isinstance(resolution, bool) or resolution not in (1, 60):
        raise Refused(f"metric {name!r} with a storage resolution that is neither 1 nor 60")
    return name, unit, _values(name, document.get(name)), int(resolution)


def _values(name: str, value: object) -> tuple[float, ...]:
    if type(value) is float and -MAX_VALUE <= value <= MAX_VALUE:
        return (value,)
    values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= MAX_VALUES:
        raise Refused(f"metric {name!r} with {len(values)} values, not 1 to {MAX_VALUES}")
    for number in values:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise Refused(f"metric {name!r} without a number at the root")
        if not math.isfinite(number) or abs(number) > MAX_VALUE:
            raise Refused(f"metric {name!r} with a value CloudWatch drops")
    return tuple(values)
