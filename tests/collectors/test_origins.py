"""Every shape of dead message, recognised for what it is and given its way back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.origins import origin
from collectors.ways import way_back
from store.recovery import MessageAttribute, Queue, Shape, Way
from tests.builders import PLACE

SQS = "arn:aws:sqs:us-east-1:123456789012:"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:my-function"
REDRIVEN = {"DeadLetterQueueSourceArn": f"{SQS}orders"}
ASYNC = {"RequestID": "e4b46cbf-b738-4880-a18c-df61200e0000", "ErrorCode": "200", "ErrorMessage": "boom"}
RULE = {"RULE_ARN": "arn:aws:events:us-east-1:123456789012:rule/r", "TARGET_ARN": FUNCTION,
        "ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "not allowed", "RETRY_ATTEMPTS": "0"}
SCHEDULE = {"SCHEDULE_ARN": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/s",
            "ERROR_CODE": "AWS.SimpleQueueService.NonExistentQueue", "ERROR_MESSAGE": "gone"}
DESTINATION = {
    "version": "1.0", "timestamp": "2019-11-14T18:16:05.568Z",
    "requestContext": {"requestId": "e4b46cbf-b738", "functionArn": f"{FUNCTION}:$LATEST",
                       "condition": "RetriesExhausted", "approximateInvokeCount": 3},
    "requestPayload": {"ORDER_IDS": ["9e07af03"]},
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "'sku'", "errorType": "KeyError"},
}
STREAM = {
    "requestContext": {"requestId": "c9b8fa9f", "functionArn": FUNCTION, "condition": "RetryAttemptsExhausted"},
    "responseContext": {"statusCode": 200, "functionError": "Unhandled"}, "version": "1.0",
    "KinesisBatchInfo": {"shardId": "shardId-000000000001", "batchSize": 500},
}
PIPE = {"context": {"partnerResourceArn": "arn:aws:pipes:us-east-1:123456789012:pipe/p",
                    "condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {"batchSize": 1}}
NOTIFICATION = {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:us-east-1:123456789012:t",
                "Message": "hello"}
API_CALL = {"requestContext": {"requestId": "x", "stage": "prod"}, "body": "{}"}


def attributes(said):
    return {name: MessageAttribute("Number" if name == "ErrorCode" else "String", text) for name, text in said.items()}


def fed_by(*sources):
    return Queue(PLACE, "dlq", f"{SQS}dlq", "https://dlq", True, sources=sources)


@pytest.mark.parametrize(("body", "said", "system", "shape"), [
    ('{"id": 1}', {}, REDRIVEN, Shape.SQS_REDRIVE),
    ('{"id": 1}', ASYNC, {}, Shape.LAMBDA_ASYNC),
    (json.dumps(DESTINATION), {}, {}, Shape.LAMBDA_DESTINATION),
    (json.dumps({"source": "lambda", "detail": DESTINATION}), {}, {}, Shape.LAMBDA_DESTINATION),
    ('{"source": "aws.s3"}', RULE, {}, Shape.EVENTBRIDGE_RULE),
    ('{"MessageBody": "hello"}', SCHEDULE, {}, Shape.SCHEDULER),
    (json.dumps(PIPE), {}, {}, Shape.PIPES),
    (json.dumps(STREAM), {}, {}, Shape.STREAM_BATCH),
    (json.dumps(NOTIFICATION), {}, {}, Shape.SNS),
    (json.dumps({**NOTIFICATION, "Message": json.dumps(DESTINATION)}), {}, {}, Shape.SNS),
    (json.dumps(API_CALL), {}, {}, Shape.UNKNOWN),
    ("not JSON", {}, {}, Shape.UNKNOWN),
    ("", {}, {}, Shape.UNKNOWN),
])
def test_each_shape_is_recognised_by_who_put_the_message_there(body, said, system, shape):
    assert origin(body, attributes(said), system).shape is shape


def test_a_user_cannot_write_a_body_that_makes_a_redrive_invoke_a_function():
    forged = origin(json.dumps(DESTINATION), attributes(ASYNC | RULE), REDRIVEN)
    assert (forged.shape, forged.function_arn) == (Shape.SQS_REDRIVE, None)
    assert way_back(forged, "dlq", None)[1].arn == f"{SQS}orders"


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["requestContext", "context", "detail", "source", "requestPayload", "responsePayload", "Type",
                     "Message", "MessageAttributes", "functionArn", "TopicArn"]), inner)).map(json.dumps))
def test_reading_the_origin_of_any_body_never_raises(body):
    assert origin(body, {}, {}).shape in Shape


def test_a_lambda_record_says_its_error_and_its_function():
    found = origin(json.dumps(DESTINATION), {}, {})
    assert (found.error_type, found.error_message, found.request_id) == ("KeyError", "'sku'", "e4b46cbf-b738")
    never_ran = {name: part for name, part in DESTINATION.items() if not name.startswith("response")}
    assert origin(json.dumps(never_ran), {}, {}).error_type == "RetriesExhausted"


def test_an_eventbridge_message_says_its_error():
    found = origin("{}", attributes(RULE), {})
    assert (found.error_type, found.error_message) == ("NO_PERMISSIONS", "not allowed")


def test_a_lambda_record_goes_back_to_its_function_and_keeps_a_version_or_alias():
    assert way_back(origin(json.dumps(DESTINATION), {}, {}), "dlq", None)[1].arn == FUNCTION
    live = {**DESTINATION, "requestContext": {"requestId": "e4b46cbf-b738", "functionArn": f"{FUNCTION}:live"}}
    destination = way_back(origin(json.dumps(live), {}, {}), "dlq", None)[1]
    assert (destination.way, destination.arn) == (Way.INVOKE, f"{FUNCTION}:live")


def test_an_event_lambda_gave_up_on_goes_back_to_the_one_function_that_feeds_the_queue():
    given_up = origin("{}", attributes(ASYNC), {})
    assert way_back(given_up, "dlq", fed_by(FUNCTION))[1].arn == FUNCTION
    unclear = way_back(given_up, "dlq", fed_by(FUNCTION, FUNCTION + "-2"))[1]
    assert (unclear.way, unclear.why_not) == (
        Way.NONE, "2 functions send their failures to dlq, and the message does not say which it came from")
    assert "none of the functions" in way_back(given_up, "dlq", fed_by())[1].why_not
    assert "not been looked at yet" in way_back(given_up, "dlq", None)[1].why_not


def test_a_message_of_a_queue_that_does_not_say_its_source_goes_to_the_only_queue_that_feeds_it():
    plain = origin('{"id": 1}', {}, {})
    shape, destination = way_back(plain, "dlq", fed_by(f"{SQS}orders"))
    assert (shape, destination.way, destination.arn) == (Shape.SQS_REDRIVE, Way.SEND, f"{SQS}orders")
    assert way_back(plain, "dlq", fed_by(f"{SQS}orders", f"{SQS}refunds"))[1].way is Way.NONE
    assert way_back(plain, "dlq", fed_by(f"{SQS}orders", FUNCTION))[0] is Shape.UNKNOWN
    assert "not been looked at yet" in way_back(plain, "dlq", None)[1].why_not


@pytest.mark.parametrize(("body", "said"), [
    ("{}", RULE), ("{}", SCHEDULE), (json.dumps(PIPE), {}), (json.dumps(STREAM), {}), (json.dumps(NOTIFICATION), {}),
    ("plain", {}),
])
def test_what_cannot_go_back_says_why(body, said):
    _, destination = way_back(origin(body, attributes(said), {}), "dlq", fed_by())
    assert destination.way is Way.NONE
    assert len(destination.why_not) > 40
