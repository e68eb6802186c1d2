"""Lambda's asynchronous Invoke in memory, with faults to order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.operations.fake_calls import Answer, Calls, Fault


@dataclass
class FakeFunctions:
    """`invoked` holds (function ARN, payload) of every event Lambda took."""

    calls: Calls
    invoked: list[tuple[str, bytes]] = field(default_factory=list)

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes, **_: Any) -> Answer:  # noqa: N803
        assert InvocationType == "Event", "only asynchronous invocations go back"

        def take(_: Fault) -> Answer:
            self.invoked.append((FunctionName, bytes(Payload)))
            return {"StatusCode": 202, "ResponseMetadata": {"RequestId": f"request-{len(self.invoked)}",
                                                           "HTTPStatusCode": 202}}
        return self.calls.perform("lambda", "Invoke", take)
