def an_image(order):
    return {name: {"S": value} for name, value in order.items()}


def a_change(name, old=None, new=None, sequence="1"):
    change = {"SequenceNumber": sequence, "Keys": {"pk": {"S": "ORDER#o-1"}}}
    if old:
        change["OldImage"] = an_image(old)
    if new:
        change["NewImage"] = an_image(new)
    return {"eventName": name, "eventSource": "aws:dynamodb", "dynamodb": change}


ACCEPTED = {"order_id": "o-1", "customer": "ada", "status": "accepted"}
FULFILLED = {**ACCEPTED, "status": "fulfilled"}


def test_a_row_follows_its_order_from_insert_to_remove(service):
    service.invoke("projections", {"Records": [a_change("INSERT", new=ACCEPTED)]})
    assert service.item("ROW#o-1") == {"pk": "ROW#o-1", "customer": "ada", "state": "accepted"}
    service.invoke("projections", {"Records": [a_change("MODIFY", old=ACCEPTED, new=FULFILLED)]})
    assert service.item("ROW#o-1")["state"] == "fulfilled"
    service.invoke("projections", {"Records": [a_change("REMOVE", old=FULFILLED)]})
    assert service.item("ROW#o-1") is None


def test_a_change_that_leaves_the_status_alone_writes_nothing(service):
    change = a_change("MODIFY", old=ACCEPTED, new={**ACCEPTED, "shelf": "A1"})
    service.invoke("projections", {"Records": [change]})
    assert service.item("ROW#o-1") is None


def test_the_stream_comes_back_to_the_change_that_failed(service):
    nobodys = {"order_id": "o-2", "status": "accepted"}
    changes = [a_change("INSERT", new=ACCEPTED, sequence="8"), a_change("INSERT", new=nobodys, sequence="9")]
    response = service.invoke("projections", {"Records": changes})
    assert response == {"batchItemFailures": [{"itemIdentifier": "9"}]}
    [failure] = [line for line in service.lines() if line.get("level") == "ERROR"]
    assert (failure["exception_name"], failure["sequence_number"]) == ("KeyError", "9")
