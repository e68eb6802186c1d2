"""What the watched service gives out becomes the parameters of the production template."""

from __future__ import annotations

import re

from demo.stacks import lamplight_parameters, local_runtime, queue_arn
from infra.package import LAMPLIGHT, RUNTIMES

ORDERS = {
    "FulfilmentQueueUrl": "http://localhost:4566/123456789012/orders-fulfilment",
    "FulfilmentDeadLettersUrl": "http://localhost:4566/123456789012/orders-fulfilment-dlq",
    "RefundsQueueUrl": "http://localhost:4566/123456789012/orders-refunds",
    "NotifyDeadLettersUrl": "http://localhost:4566/123456789012/orders-notify-dlq",
    "ThumbnailsFailuresUrl": "http://localhost:4566/123456789012/orders-thumbnails-failures",
    "IdempotencyTableName": "orders-idempotency",
}


def test_a_queue_url_becomes_its_arn():
    assert queue_arn(ORDERS["FulfilmentQueueUrl"]) == "arn:aws:sqs:us-east-1:123456789012:orders-fulfilment"


def test_dead_letter_queues_are_captured_and_source_queues_may_be_sent_to():
    parameters = lamplight_parameters(ORDERS, "lamplight")

    assert parameters["CapturedQueue1Arn"].endswith(":orders-fulfilment-dlq")
    assert parameters["CapturedQueue2Arn"].endswith(":orders-notify-dlq")
    assert parameters["RedriveQueueArns"].split(",") == [
        queue_arn(ORDERS["FulfilmentQueueUrl"]), queue_arn(ORDERS["RefundsQueueUrl"])]
    assert parameters["RedriveFunctionArns"].endswith("function:orders-thumbnails")
    assert [arn.rpartition(":")[2] for arn in parameters["WatchedQueueArns"].split(",")] == [
        "orders-thumbnails-failures", "orders-fulfilment-dlq", "orders-notify-dlq"]
    assert [arn.rpartition(":")[2] for arn in parameters["PausableFunctionArns"].split(",")] == [
        "orders-fulfil", "orders-refunds"]
    assert parameters["MetricNamespaces"] == "orders/Lambda"


def test_every_parameter_exists_in_the_template():
    declared = re.findall(r"^  (\w+):\n    Type: (?:String|Number|CommaDelimitedList)$",
                          LAMPLIGHT.template.read_text(), re.MULTILINE)

    assert set(lamplight_parameters(ORDERS, "lamplight")) <= set(declared)


def test_the_runtime_of_this_interpreter_is_one_the_template_offers():
    assert local_runtime().removeprefix("python") in RUNTIMES
