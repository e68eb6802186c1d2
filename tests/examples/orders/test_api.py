import json

import pytest


def test_an_order_is_kept_and_handed_to_fulfilment(service, a_request):
    answer = service.invoke("api", a_request({"customer": "ada", "sku": "lamp", "quantity": 2}))
    order_id = json.loads(answer["body"])["order_id"]
    assert answer["statusCode"] == 200
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert service.item(f"ORDER#{order_id}")["status"] == "accepted"
    assert service.messages() == [{"order_id": order_id, "customer": "ada", "quantity": 2, "sku": "lamp"}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{not json", "The body is not JSON"),
        ("[]", "The body is not a JSON object"),
        ({"sku": "lamp"}, "customer is missing"),
        ({"customer": "ada", "sku": "lamp", "quantity": 0}, "quantity must be a whole number from 1 to 99"),
        ({"customer": "ada", "sku": "lamp", "quantity": True}, "quantity must be a whole number from 1 to 99"),
        ({"customer": "ada"}, "sku or bundle is missing"),
    ],
)
def test_a_request_that_is_wrong_is_answered_with_the_reason(service, a_request, body, reason):
    answer = service.invoke("api", a_request(body))
    assert answer["statusCode"] == 400
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer["body"]) == {
        "error": reason,
        "type": "ValidationError",
        "request_id": "52fdfc07-2182-454f-963f-5f0f9a621d72",
    }
    assert service.messages() == []


def test_any_other_failure_tells_the_caller_nothing_and_the_log_everything(service, a_request):
    order = {"customer": "ada", "sku": "lamp", "discount": "EXPIRED"}
    answer = service.invoke("api", a_request(order))
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["error"] == "Internal server error"
    [failure] = [line for line in service.lines() if line.get("level") == "ERROR"]
    assert failure["exception_name"] == "KeyError"
    assert "DISCOUNTS[order" in failure["exception"]


def test_every_log_line_names_request_function_version_and_trace(service, a_request):
    service.invoke("api", a_request({"customer": "ada", "sku": "lamp"}))
    logged = [line for line in service.lines() if "level" in line]
    assert len(logged) == 2
    for line in logged:
        assert line["function_request_id"] == "52fdfc07-2182-454f-963f-5f0f9a621d72"
        assert line["function_name"] == "orders-api"
        assert line["function_version"] == "7"
        assert line["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_a_client_keeps_one_connection(service):
    api = service.load("api")
    assert api.sqs.meta.config.max_pool_connections == 1
    assert api.table.meta.client.meta.config.max_pool_connections == 1
