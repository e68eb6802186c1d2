"""Functions and their deploys: one place's inventory."""

from __future__ import annotations

from collections.abc import Iterator

from store import keys
from store.configured import Configuration
from store.items import from_item, to_item
from store.records import Deploy, FunctionInfo, Place
from store.table import Table

KEEP_DEPLOYS_S = 400 * 86_400


def put(table: Table, info: FunctionInfo) -> None:
    """Replace what is known of a function with what was seen last."""
    table.put(keys.function(info.place, info.name), to_item(info))


def get(table: Table, place: Place, name: str) -> FunctionInfo | None:
    item = table.get(keys.function(place, name))
    return from_item(FunctionInfo, item) if item else None


def of_place(table: Table, place: Place) -> Iterator[FunctionInfo]:
    """Every known function, by name."""
    for item in table.query(keys.function(place, "").pk, keys.function(place, "").sk):
        yield from_item(FunctionInfo, item)


def put_configuration(table: Table, configuration: Configuration) -> None:
    """Replace what is known of the other parts of a function's configuration."""
    table.put(keys.configuration(configuration.place, configuration.function), to_item(configuration))


def configuration(table: Table, place: Place, name: str) -> Configuration:
    """The other parts of a function's configuration; empty when nothing is known of them."""
    item = table.get(keys.configuration(place, name))
    return from_item(Configuration, item) if item else Configuration(place, name)


def configurations(table: Table, place: Place) -> Iterator[Configuration]:
    """Of every function of a place, by name."""
    first = keys.configuration(place, "")
    for item in table.query(first.pk, first.sk):
        yield from_item(Configuration, item)


def put_deploy(table: Table, deploy: Deploy) -> bool:
    """Remember a deploy once. True when it is new."""
    item = {**to_item(deploy), "ttl": deploy.at // 1000 + KEEP_DEPLOYS_S}
    return table.put_if_absent(keys.deploy(deploy.place, deploy.function, deploy.at), item)


def deploys(table: Table, place: Place, name: str, start: int, end: int) -> Iterator[Deploy]:
    """Deploys with start ≤ at < end, oldest first."""
    first, last = keys.deploy(place, name, start), keys.deploy(place, name, end - 1)
    for item in table.query(first.pk, between=(first.sk, last.sk)):
        yield from_item(Deploy, item)
