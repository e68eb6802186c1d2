"""Sending letters to another place than the one they came from: only to what the registry knows, never to the
dead-letter queue itself."""

from __future__ import annotations

from operations.errors import BadDestination
from operations.verdicts import name_of, unqualified
from store import functions, queues
from store.records import Place
from store.recovery import Destination, Way
from store.table import Table


def check(table: Table, place: Place, queue_name: str, arn: str) -> Destination:
    """The destination that `arn` names. Raises BadDestination, or StoreError."""
    if arn.startswith("arn:") and ":lambda:" in arn and ":function:" in arn:
        return _function(table, place, arn)
    if not arn.startswith("arn:") or ":sqs:" not in arn:
        raise BadDestination(arn, "is neither a queue's nor a function's ARN")
    name = name_of(arn)
    found = queues.get(table, place, name)
    if name == queue_name:
        raise BadDestination(arn, "is the dead-letter queue itself")
    if found is None or found.arn != arn:
        raise BadDestination(arn, "is no queue that was seen in this account and region")
    return Destination(Way.SEND, arn)


def _function(table: Table, place: Place, arn: str) -> Destination:
    _, _, _, region, account, *_ = arn.split(":")
    name = name_of(unqualified(arn))
    if (account, region) != (place.account, place.region) or functions.get(table, place, name) is None:
        raise BadDestination(arn, "is no function that was seen in this account and region")
    return Destination(Way.INVOKE, arn)
