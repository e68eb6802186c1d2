"""Invocation records, made six times as fast: one is made for every invocation there is.

A frozen dataclass sets each field through `object.__setattr__`: 3.7 µs for the 25 of an Invocation, a third of the time
in which a usual invocation is read. Here they are set on an open twin of the class, which then becomes the class
itself: 0.6 µs. Python allows that between classes of the same slots, and refuses it loudly when they differ.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from store.records import Invocation


def _field(one: dataclasses.Field[Any]) -> tuple[str, Any, Any]:
    if one.default_factory is not dataclasses.MISSING:
        return one.name, Any, dataclasses.field(default_factory=one.default_factory)
    return one.name, Any, dataclasses.field(default=one.default)


_FIELDS = map(_field, dataclasses.fields(Invocation))
OpenInvocation: Any = dataclasses.make_dataclass("OpenInvocation", _FIELDS, slots=True)
"""The fields of an Invocation in their order, and not frozen."""


def sealed(record: Any) -> Invocation:
    """An `OpenInvocation` as the Invocation it is from now on."""
    record.__class__ = Invocation
    return record  # type: ignore[no-any-return]
