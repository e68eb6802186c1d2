"""The SNS topic people hear of alerts through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from operations.alert_words import Letter
from store.errors import SettingsError, StoreError
from store.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

    from store.clients import Clients


class Topic:
    """Publishes letters. The client must make one try a call: whoever calls counts the tries."""

    def __init__(self, client: SNSClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    @classmethod
    def of(cls, clients: Clients, arn: str) -> Topic:
        """The topic, in its own region. Makes no call. Raises SettingsError when none is named."""
        if not arn:
            raise SettingsError("LAMPLIGHT_ALERT_TOPIC", "is not set",
                                "Deploy with AlertEmail or AlertTopicArn, or do without this function.")
        return cls(clients.topics(arn.split(":")[3]), arn)

    def publish(self, letter: Letter) -> str:
        """Returns SNS's message id. Raises StoreError, Throttled, PermissionDenied, …; of those, EndpointUnreachable
        may mean that it was sent."""
        # A FIFO topic lets the same letter through once in five minutes.
        fifo: dict[str, Any] = {"MessageGroupId": "lamplight", "MessageDeduplicationId": letter.id}
        attributes = {name: {"DataType": "String", "StringValue": value}
                      for name, value in (("kind", letter.kind), ("id", letter.id))}
        with translated(self._arn):
            answer = self._client.publish(TopicArn=self._arn, Subject=letter.subject, Message=letter.text,
                                          MessageAttributes=attributes,  # type: ignore[arg-type]
                                          **(fifo if self._arn.endswith(".fifo") else {}))
        message_id = answer.get("MessageId")
        if not message_id:  # a truncated answer parses as an empty one
            raise StoreError(f"{self._arn} answered without a message id.", "It will be tried again.")
        return message_id
