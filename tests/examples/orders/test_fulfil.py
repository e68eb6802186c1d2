import json

import pytest


def failures(response):
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_an_order_is_marked_fulfilled(service, a_batch):
    response = service.invoke("fulfil", a_batch({"order_id": "o-1", "customer": "ada", "sku": "lamp"}))
    assert failures(response) == []
    order = service.item("ORDER#o-1")
    assert (order["status"], order["shelf"], order["customer"]) == ("fulfilled", "A1", "ada")


def test_only_the_messages_that_failed_come_back(service, a_batch):
    batch = a_batch({"order_id": "o-1", "sku": "lamp"}, {"order_id": "o-2"}, {"order_id": "o-3", "sku": "moon"})
    response = service.invoke("fulfil", batch)
    assert failures(response) == ["m-1", "m-2"]
    assert service.item("ORDER#o-1")["status"] == "fulfilled"


def test_each_failure_is_logged_with_its_message_id_and_stack(service, a_batch):
    batch = a_batch({"order_id": "o-1", "sku": "lamp"}, {"order_id": "o-2"}, {"order_id": "o-3", "sku": "moon"})
    service.invoke("fulfil", batch)
    errors = [line for line in service.lines() if line.get("level") == "ERROR"]
    assert [(line["message_id"], line["exception_name"]) for line in errors] == [
        ("m-1", "KeyError"),
        ("m-2", "UnknownSku"),
    ]
    assert all("in fulfil\n" in line["exception"] for line in errors)


def test_a_line_after_a_message_no_longer_carries_its_id(service, a_batch):
    service.invoke("fulfil", a_batch({"order_id": "o-1", "sku": "lamp"}))
    service.lines()
    service.load("logs").logger.info("Between batches")
    [line] = service.lines()
    assert line["message"] == "Between batches"
    assert "message_id" not in line


def test_while_the_warehouse_is_down_nothing_is_shipped(service, a_batch):
    batch = a_batch({"order_id": "o-1", "sku": "lamp"}, {"order_id": "o-2", "sku": "oil"})
    service.table.put_item(Item={"pk": "WAREHOUSE", "status": "down"})
    with pytest.raises(Exception, match="WarehouseUnavailable"):  # all failed: the invocation itself does
        service.invoke("fulfil", batch)
    service.table.put_item(Item={"pk": "WAREHOUSE", "status": "up"})
    assert failures(service.invoke("fulfil", batch)) == []


def test_an_order_is_shipped_once_however_often_its_message_arrives(service, a_batch):
    batch = a_batch({"order_id": "o-1", "sku": "lamp"})
    service.invoke("fulfil", batch)
    service.table.delete_item(Key={"pk": "ORDER#o-1"})
    assert failures(service.invoke("fulfil", batch)) == []
    assert service.item("ORDER#o-1") is None


def test_a_customer_with_an_address_is_notified_without_waiting(service, a_batch, monkeypatch):
    invoked = []
    functions = type("Functions", (), {"invoke": staticmethod(lambda **call: invoked.append(call))})
    monkeypatch.setattr(service.load("clients"), "functions", lambda: functions)
    service.invoke("fulfil", a_batch({"order_id": "o-1", "sku": "lamp", "email": "ada@example.org"}))
    [call] = invoked
    assert (call["FunctionName"], call["InvocationType"]) == ("orders-notify", "Event")
    assert json.loads(call["Payload"]) == {"order_id": "o-1", "recipient": "ada@example.org"}
