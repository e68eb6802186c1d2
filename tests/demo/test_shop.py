"""The orders service from outside: one call per method, and the answers that come back."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from unittest.mock import MagicMock

import pytest

from demo.errors import DemoError
from demo.shop import Shop, stack_outputs

OUTPUTS = {"ApiId": "abc123", "FulfilmentQueueUrl": "http://q/fulfilment", "RefundsQueueUrl": "http://q/refunds",
           "OrdersTableName": "orders", "PicturesBucketName": "pictures", "NotifyFunctionName": "notify"}


class Session:
    """Hands out one recording client per service."""

    def __init__(self):
        self.clients = {}

    def client(self, service, **_):
        return self.clients.setdefault(service, MagicMock())


def shop(endpoint="http://127.0.0.1:9", outputs=OUTPUTS):
    session: Any = Session()
    return Shop(endpoint, outputs, session), session.clients


@contextmanager
def api(status, answer):
    """An API that always gives the same answer, and remembers what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.path, json.loads(body), self.headers.get("x-request-id")))
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Tests stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_order_is_posted_to_the_api_of_the_stack():
    with api(200, b'{"order_id": "1"}') as (endpoint, asked):
        shop(endpoint)[0].order({"sku": "lamp"})
    assert asked == [("/_aws/execute-api/abc123/$default/orders", {"sku": "lamp"}, None)]


def test_a_payment_carries_its_request_id_and_returns_the_payment_it_made():
    with api(200, b'{"payment_id": "p-1"}') as (endpoint, asked):
        assert shop(endpoint)[0].pay({"amount": 5}, "req-1") == "p-1"
    assert asked == [("/_aws/execute-api/abc123/$default/payments", {"amount": 5}, "req-1")]


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[1]", b'{"message": "amount"}', b'{"payment_id": 7}'])
def test_an_answer_without_a_payment_is_no_payment(answer):
    with api(400, answer) as (endpoint, _):
        assert shop(endpoint)[0].pay({"amount": 0}, "req-1") is None


def test_nobody_at_the_endpoint_is_an_os_error():
    with api(200, b"{}") as (endpoint, _):
        pass
    with pytest.raises(OSError, match="refused"):
        shop(endpoint)[0].order({})


def test_queues_get_messages_as_json():
    selling, clients = shop()
    selling.send_order({"order_id": "o"})
    selling.refund("p-1", 3)
    sent = [(call.kwargs["QueueUrl"], json.loads(call.kwargs["MessageBody"]))
            for call in clients["sqs"].send_message.call_args_list]
    assert sent == [("http://q/fulfilment", {"order_id": "o"}),
                    ("http://q/refunds", {"payment_id": "p-1", "amount": 3})]


def test_a_picture_has_its_size_where_png_files_have_it_and_rubbish_has_none():
    selling, clients = shop()
    selling.upload("pictures/a.png", 640, 480)
    selling.upload_rubbish("pictures/b.png")
    selling.remove("pictures/a.png")
    picture, rubbish = (call.kwargs["Body"] for call in clients["s3"].put_object.call_args_list)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (640, 480)
    assert not rubbish.startswith(b"\x89PNG")
    clients["s3"].delete_object.assert_called_once_with(Bucket="pictures", Key="pictures/a.png")


def test_notices_are_invoked_without_waiting():
    selling, clients = shop()
    selling.notify("o-1", "ada@example.com")
    asked = clients["lambda"].invoke.call_args.kwargs
    assert (asked["FunctionName"], asked["InvocationType"]) == ("notify", "Event")
    assert json.loads(asked["Payload"]) == {"order_id": "o-1", "recipient": "ada@example.com"}


def test_the_warehouse_is_an_item_of_the_orders_table():
    selling, clients = shop()
    selling.set_warehouse("down")
    clients["dynamodb"].put_item.assert_called_once_with(
        TableName="orders", Item={"pk": {"S": "WAREHOUSE"}, "status": {"S": "down"}})


def test_a_message_dies_after_as_many_visibility_timeouts_as_it_may_be_received():
    selling, clients = shop()
    clients["sqs"].get_queue_attributes.return_value = {"Attributes": {
        "VisibilityTimeout": "5", "RedrivePolicy": '{"maxReceiveCount": "3", "deadLetterTargetArn": "arn"}'}}
    assert selling.seconds_to_die() == 15


def test_a_stack_without_the_outputs_we_need_is_named_with_what_is_missing():
    with pytest.raises(DemoError, match="no output RefundsQueueUrl, NotifyFunctionName"):
        shop(outputs={**OUTPUTS, "RefundsQueueUrl": "", "NotifyFunctionName": ""})


def test_outputs_of_a_stack_are_read_by_name():
    session: Any = Session()
    session.client("cloudformation").describe_stacks.return_value = {
        "Stacks": [{"Outputs": [{"OutputKey": "ApiId", "OutputValue": "abc123"}]}]}
    assert stack_outputs("http://127.0.0.1:9", "orders", session) == {"ApiId": "abc123"}
