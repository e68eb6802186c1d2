import json

import pytest


@pytest.fixture
def alerts(service):
    """Reads what was published to the alerts topic."""
    url = service.sqs.create_queue(QueueName="ear")["QueueUrl"]
    arn = service.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic_arn = service.sns.create_topic(Name="orders-alerts")["TopicArn"]
    service.sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)

    def read():
        received = service.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in received]

    return read


def a_message_that_failed(service, times):
    failures = service.load("failures")
    for _ in range(times):
        failures.note(service.table, "m-0", ValueError("no"))


def test_a_dead_letter_is_logged_and_kept(service, a_batch, alerts):
    a_message_that_failed(service, times=2)
    service.invoke("dead_letters", a_batch({"payment_id": "p-1"}, receives=3))
    [line] = [line for line in service.lines() if line.get("level") == "ERROR"]
    logged = {name: line[name] for name in ("messageId", "errorMessage", "failureCount", "originalQueue")}
    assert logged == {
        "messageId": "m-0",
        "errorMessage": "ValueError: no",
        "failureCount": 2,
        "originalQueue": "orders-refunds",
    }
    kept = service.item("DEADLETTER#m-0")
    assert json.loads(kept["original_message"]) == {"payment_id": "p-1"}
    assert (kept["error_message"], kept["failure_count"]) == ("ValueError: no", 2)
    assert alerts() == []


def test_people_are_told_when_a_message_failed_three_times(service, a_batch, alerts):
    a_message_that_failed(service, times=3)
    service.invoke("dead_letters", a_batch({"payment_id": "p-1"}))
    assert alerts() == [
        {"type": "DLQ_THRESHOLD", "message": "Message failed 3 times: ValueError: no", "messageId": "m-0"}
    ]


def test_a_message_whose_failures_nobody_noted_is_counted_by_its_deliveries(service, a_batch, alerts):
    source = "arn:aws:sqs:eu-west-1:123456789012:orders-elsewhere"
    service.invoke("dead_letters", a_batch({}, receives=4, DeadLetterQueueSourceArn=source))
    kept = service.item("DEADLETTER#m-0")
    assert (kept["error_message"], kept["failure_count"]) == ("unknown", 3)
    assert kept["original_queue"] == "orders-elsewhere"
    assert len(alerts()) == 1


def test_the_alerts_client_is_made_only_when_there_is_an_alert(service, a_batch, alerts):
    service.invoke("dead_letters", a_batch({}))
    assert service.load("clients").sns.cache_info().currsize == 0
    service.invoke("dead_letters", a_batch({}, receives=4))
    assert service.load("clients").sns.cache_info().currsize == 1
    assert len(alerts()) == 1
