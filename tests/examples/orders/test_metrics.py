import boto3
import pytest
from botocore.exceptions import EndpointConnectionError


def published(service):
    [line] = [line for line in service.lines() if "_aws" in line]
    [directive] = line["_aws"]["CloudWatchMetrics"]
    return directive["Namespace"], {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}


def test_work_that_succeeds_publishes_its_duration_and_a_success(service):
    service.invoke("notify", {"order_id": "o-1", "recipient": "ada@example.org"})
    assert published(service) == (
        "orders/Lambda",
        {"NotifyDuration": "Milliseconds", "NotifySuccess": "Count"},
    )


def test_work_that_fails_publishes_an_error_only(service):
    with pytest.raises(service.load("errors").RecipientRefused):
        service.invoke("notify", {"order_id": "o-1", "recipient": "ada@nowhere.invalid"})
    assert published(service) == ("orders/Lambda", {"NotifyError": "Count"})


def test_switched_on_the_same_metrics_are_also_sent(service, monkeypatch):
    monkeypatch.setenv("METRICS_DIRECT", "on")
    service.invoke("notify", {"order_id": "o-1", "recipient": "ada@example.org"})
    sent = boto3.client("cloudwatch", "eu-west-1").list_metrics(Namespace="orders/Lambda")["Metrics"]
    assert {metric["MetricName"] for metric in sent} == {"NotifyDuration", "NotifySuccess"}
    assert sent[0]["Dimensions"] == [{"Name": "service", "Value": service.service_name}]


def test_metrics_that_cannot_be_sent_do_not_fail_the_work(service, monkeypatch):
    monkeypatch.setenv("METRICS_DIRECT", "on")

    def refuse(**request):
        raise EndpointConnectionError(endpoint_url="https://monitoring")

    unreachable = type("CloudWatch", (), {"put_metric_data": staticmethod(refuse)})
    monkeypatch.setattr(service.load("clients"), "cloudwatch", lambda: unreachable)
    service.invoke("notify", {"order_id": "o-1", "recipient": "ada@example.org"})
    assert service.item("NOTICE#o-1") is not None
    assert [line["message"] for line in service.lines() if line.get("level") == "WARNING"] == ["Metrics not sent"]
