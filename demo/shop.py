"""The orders service as the world outside reaches it: over its API, its bucket, its queues."""

from __future__ import annotations

import http.client
import json
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 4
"""Shorter than the five seconds a function may take: a customer who waits that long has left."""
_CONFIG = Config(connect_timeout=2, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1})
_NEEDED = ("ApiId", "FulfilmentQueueUrl", "RefundsQueueUrl", "OrdersTableName", "PicturesBucketName",
           "NotifyFunctionName")
_PNG_HEADER = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR")


class Shop:
    """One deployed orders stack. Every method makes one call, and raises what the call raises:
    botocore's errors, OSError or http.client.HTTPException."""

    def __init__(self, endpoint: str, outputs: Mapping[str, str], session: boto3.Session | None = None) -> None:
        """`endpoint` is the embedded cloud's URL. Raises DemoError naming an output the stack lacks."""
        missing = [name for name in _NEEDED if not outputs.get(name)]
        if missing:
            raise DemoError(f"The orders stack has no output {', '.join(missing)}.",
                            "Deploy examples/orders/template.yaml first.")
        made_by = session or boto3.Session()
        self._endpoint = urlsplit(endpoint)
        self._outputs = outputs
        self._sqs = made_by.client("sqs", endpoint_url=endpoint, config=_CONFIG)
        self._s3 = made_by.client("s3", endpoint_url=endpoint,
                                  config=_CONFIG.merge(Config(s3={"addressing_style": "path"})))
        self._functions = made_by.client("lambda", endpoint_url=endpoint, config=_CONFIG)
        self._tables = made_by.client("dynamodb", endpoint_url=endpoint, config=_CONFIG)

    def order(self, body: Mapping[str, Any]) -> None:
        """POST /orders. An answer of 400 or 500 is an answer."""
        self._post("/orders", body, {})

    def pay(self, body: Mapping[str, Any], request_id: str) -> str | None:
        """POST /payments under a request id; the payment's id, None when it was refused."""
        payment = self._post("/payments", body, {"x-request-id": request_id}).get("payment_id")
        return payment if isinstance(payment, str) else None

    def refund(self, payment_id: str, amount: int) -> None:
        """Ask for money back, on the refunds queue."""
        self._sqs.send_message(QueueUrl=self._outputs["RefundsQueueUrl"],
                               MessageBody=json.dumps({"payment_id": payment_id, "amount": amount}))

    def send_order(self, order: Mapping[str, Any]) -> None:
        """Put an order on the fulfilment queue past the API, as the till in the shop does."""
        self._sqs.send_message(QueueUrl=self._outputs["FulfilmentQueueUrl"], MessageBody=json.dumps(order))

    def notify(self, order_id: str, recipient: str) -> None:
        """Invoke the notify function without waiting for it."""
        self._functions.invoke(FunctionName=self._outputs["NotifyFunctionName"], InvocationType="Event",
                               Payload=json.dumps({"order_id": order_id, "recipient": recipient}))

    def upload(self, key: str, width: int, height: int) -> None:
        """Put a picture of that size; nothing after the header is ever looked at."""
        self._put(key, _PNG_HEADER + struct.pack(">II", width, height))

    def upload_rubbish(self, key: str) -> None:
        """Put a file that only calls itself a picture."""
        self._put(key, b"GIF89a, honestly")

    def remove(self, key: str) -> None:
        """Delete a picture."""
        self._s3.delete_object(Bucket=self._outputs["PicturesBucketName"], Key=key)

    def set_warehouse(self, status: str) -> None:
        """Open (`up`) or close (`down`) the warehouse that fulfilment depends on."""
        self._tables.put_item(TableName=self._outputs["OrdersTableName"],
                              Item={"pk": {"S": "WAREHOUSE"}, "status": {"S": status}})

    def seconds_to_die(self) -> int:
        """How long a message that always fails lives on the fulfilment queue: visibility timeout times tries."""
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._outputs["FulfilmentQueueUrl"],
            AttributeNames=["VisibilityTimeout", "RedrivePolicy"])["Attributes"]
        tries = json.loads(attributes["RedrivePolicy"])["maxReceiveCount"]
        return int(attributes["VisibilityTimeout"]) * int(tries)

    def _put(self, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=self._outputs["PicturesBucketName"], Key=key, Body=body, ContentType="image/png")

    def _post(self, path: str, body: Mapping[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._endpoint.hostname or "127.0.0.1", self._endpoint.port or 80,
                                                timeout=TIMEOUT_S)
        try:
            connection.request("POST", f"/_aws/execute-api/{self._outputs['ApiId']}/$default{path}",
                               json.dumps(body), {"content-type": "application/json", **headers})
            return _object(connection.getresponse().read())
        finally:
            connection.close()


def stack_outputs(endpoint: str, stack: str, session: boto3.Session | None = None) -> dict[str, str]:
    """The outputs of a deployed stack, by name. Raises botocore's errors when there is no such stack."""
    cloudformation = (session or boto3.Session()).client("cloudformation", endpoint_url=endpoint, config=_CONFIG)
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _object(payload: bytes) -> dict[str, Any]:
    """The JSON object in an answer; empty for anything else."""
    try:
        answer = json.loads(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
