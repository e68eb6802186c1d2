"""Records to DynamoDB items and back: the only place that sees `{"S": …}`.

Every item carries `v`, its schema version. An item of a newer version than this code knows is refused with a
clear error, never misread; older ones are read by adding defaults (fields are only ever added within a version)."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from store.errors import StoreError

Value = Any
"""str, int, float, bool, bytes, None, or lists and string-keyed dicts of them."""
Item = dict[str, Value]
Wire = dict[str, Any]
"""An item as DynamoDB's API spells it."""

SCHEMA_VERSION = 1
OWN_LAYOUTS = ("D#",)
"""Deltas count their layouts by themselves, and refuse newer ones: `store.deltas`."""
R = TypeVar("R")


def marshal(item: Mapping[str, Value]) -> Wire:
    """A plain item as the API wants it. None is left out: an absent fact has no attribute."""
    return {name: _wire(value) for name, value in item.items() if value is not None}


def unmarshal(wire: Mapping[str, Any]) -> Item:
    return {name: _plain(value) for name, value in wire.items()}


def _wire(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": _number(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, Mapping):
        return {"M": {str(key): _wire(inner) for key, inner in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [_wire(inner) for inner in value]}
    if value is None:
        return {"NULL": True}
    raise TypeError(f"no DynamoDB type for {type(value).__name__}")


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"DynamoDB has no number {value!r}")
    return repr(value)


def _plain(wire: Mapping[str, Any]) -> Value:
    ((tag, value),) = wire.items()
    if tag == "N":
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if tag == "M":
        return {key: _plain(inner) for key, inner in value.items()}
    if tag == "L":
        return [_plain(inner) for inner in value]
    if tag == "B":
        return bytes(value)
    return None if tag == "NULL" else value


def to_item(record: Any) -> Item:
    """A record's facts, by field name; absent and empty ones left out."""
    return {"v": SCHEMA_VERSION, **_encoded(record)}


def from_item(cls: type[R], item: Mapping[str, Value]) -> R:
    """The record an item holds. Raises StoreError when a newer Lamplight wrote it."""
    refuse_newer(item)
    return _decoded(cls, item)


def refuse_newer(item: Mapping[str, Value]) -> None:
    """Every item passes here on its way out of the table. Raises StoreError when a newer Lamplight wrote it."""
    version = item.get("v", 1)
    if version > SCHEMA_VERSION and not str(item.get("pk", "")).startswith(OWN_LAYOUTS):
        raise StoreError(
            f"An item of schema version {version} stands in the table; this Lamplight knows {SCHEMA_VERSION}.",
            "Update Lamplight everywhere it runs before using this table.",
        )


def encoded(value: Any) -> Value:
    """One fact as it stands in an item."""
    return _encode(value)


def _encoded(record: Any) -> dict[str, Value]:
    facts = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value is None or (isinstance(value, tuple | Mapping) and not value):
            continue
        facts[field.name] = _encode(value)
    return facts


def _encode(value: Any) -> Value:
    if isinstance(value, StrEnum):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _encoded(value)
    if isinstance(value, tuple):
        return [_encode(inner) for inner in value]
    if isinstance(value, Mapping):
        return {key: _encode(inner) for key, inner in value.items()}
    return value


def _decoded(cls: type[R], item: Mapping[str, Value]) -> R:
    decoders = _decoders(cast(Hashable, cls))
    facts = {name: decode(item[name]) for name, decode in decoders.items() if name in item}
    return cls(**facts)


@cache
def _decoders(cls: Any) -> dict[str, Callable[[Value], Any]]:
    hints = get_type_hints(cls)
    return {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(cls)}


def _decoder(hint: Any) -> Callable[[Value], Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (arg for arg in args if arg is not type(None))
        return _optional(_decoder(inner))
    if origin is tuple:
        return _many(_decoder(args[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(_decoder(args[1]))
    if dataclasses.is_dataclass(hint):
        return lambda value: _decoded(cast(type[Any], hint), value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return float if hint is float else lambda value: value


def _optional(decode: Callable[[Value], Any]) -> Callable[[Value], Any]:
    return lambda value: None if value is None else decode(value)


def _many(decode: Callable[[Value], Any]) -> Callable[[Value], Any]:
    return lambda value: tuple(decode(inner) for inner in value)


def _mapping(decode: Callable[[Value], Any]) -> Callable[[Value], Any]:
    return lambda value: {key: decode(inner) for key, inner in value.items()}
