"""An operator's desk: a table of its own with a dead-letter queue, and the Recover pages opened on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
from streamlit.testing.v1 import AppTest

from operations import redrive
from operations.permissions import Actor
from store import dead_letters, jobs, queues
from store.clients import Connection, connect
from store.items import marshal
from store.recovery import Custody, DeadLetter, Job, JobResult, Queue
from store.settings import Settings
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, FakeClock, a_job, a_letter
from tests.tables import create_table

REASON = "the warehouse is back"
RECORDS = "orders-idempotency"


class Desk:
    """`connection` is what pages look at; its role and switches can be changed at any time."""

    def __init__(self, session: boto3.Session) -> None:
        self.clock = FakeClock()
        settings = Settings("lamplight", writes=True, role="operator", actor="ada@example.com")
        self.connection: Connection = connect(settings, self.clock, session)
        create_table(self.connection.clients.dynamodb, settings.table)
        self.queue()

    @property
    def table(self) -> Any:
        return self.connection.table

    def become(self, **settings: Any) -> None:
        """In place: a button that is drawn already acts with what holds when it is pressed."""
        object.__setattr__(self.connection, "settings", replace(self.connection.settings, **settings))

    def queue(self, **facts: Any) -> None:
        defaults: dict[str, Any] = {"place": PLACE, "name": QUEUE, "url": f"https://sqs/{QUEUE}", "seen_at": NOW,
                                    "is_dead_letter_queue": True, "custody": Custody.CAPTURED,
                                    "sources": (SOURCE_ARN,)}
        known = {**defaults, **facts}
        queues.put(self.table, Queue(arn=f"arn:aws:sqs:eu-central-1:123456789012:{known['name']}", **known))

    def letter(self, message_id: str = "m-1", **facts: Any) -> DeadLetter:
        letter = a_letter(message_id, **facts)
        dead_letters.capture(self.table, letter)
        return letter

    def ask(self, *message_ids: str, job_id: str = "job-1") -> Job:
        return redrive.ask(self.table, PLACE, self.clock, Actor("ada@example.com", "operator"), True, queue=QUEUE,
                           message_ids=message_ids, reason=REASON, job_id=job_id)

    def job(self, *results: JobResult, **facts: Any) -> Job:
        """A redrive as it stands somewhere on its way, with these results."""
        job = a_job(**{"reason": REASON, **facts})
        jobs.put_results(self.table, job.id, results)
        jobs.create(self.table, jobs.recount(self.table, job), ["m-1", "m-2"])
        return job

    def jobs(self) -> list[Job]:
        return jobs.recent(self.table, PLACE)

    def records(self, *rows: dict[str, Any]) -> None:
        """An idempotency table as Powertools keys it, holding these rows."""
        client = self.connection.clients.dynamodb
        if RECORDS not in client.list_tables()["TableNames"]:
            client.create_table(TableName=RECORDS, BillingMode="PAY_PER_REQUEST",
                                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        for row in rows:
            client.put_item(TableName=RECORDS, Item=marshal(row))
        self.become(idempotency_tables=(RECORDS,))


def choose(app: AppTest, at: int, *rows: int, cell: tuple[int, str] | None = None) -> AppTest:
    """Tick rows of the table at this place of the page, or click one of its cells, as a reader does."""
    key = app.dataframe[at].key
    assert key, "a table without a key keeps no selection"
    app.session_state[key] = {
        "selection": {"rows": list(rows), "columns": [], "cells": [cell] if cell else []}}
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app
