"""Where results of work that must not be done twice are kept."""

from __future__ import annotations

import os

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from . import clients

EXPIRES_AFTER_SECONDS = 3600  # an hour: longer than any caller's or queue's own retries


def store() -> DynamoDBPersistenceLayer:
    """The idempotency table (IDEMPOTENCY_TABLE); key `id`, time to live in `expiration`."""
    return DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"], boto_config=clients.CONFIG)
