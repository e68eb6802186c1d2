import json

import pytest


def body_of(answer):
    return json.loads(answer["body"])


def test_the_same_request_id_is_charged_once(service, a_request):
    request = a_request({"amount": 500}, x_request_id="r-1")
    first, second = service.invoke("payments", request), service.invoke("payments", request)
    assert first["statusCode"] == second["statusCode"] == 200
    assert body_of(first) == body_of(second)
    assert service.table.scan()["Count"] == 1


def test_without_the_header_the_request_context_names_the_request(service, a_request):
    service.invoke("payments", a_request({"amount": 500}))
    service.invoke("payments", a_request({"amount": 500}))
    assert service.table.scan()["Count"] == 1


def test_another_payment_under_a_used_request_id_is_a_conflict(service, a_request):
    service.invoke("payments", a_request({"amount": 500}, x_request_id="r-1"))
    answer = service.invoke("payments", a_request({"amount": 900}, x_request_id="r-1"))
    assert answer["statusCode"] == 409
    assert body_of(answer)["error"] == "This request id was used for another payment"


def test_a_payment_still_running_is_a_conflict(service, a_request):
    request = a_request({"amount": 500}, x_request_id="r-1")
    service.invoke("payments", request)
    [record] = service.idempotency.scan()["Items"]
    far_in_ms, far_in_seconds = 4_102_444_800_000, 4_102_444_800
    record |= {"status": "INPROGRESS", "in_progress_expiration": far_in_ms, "expiration": far_in_seconds}
    service.idempotency.put_item(Item=record)
    answer = service.invoke("payments", request)
    assert answer["statusCode"] == 409
    assert body_of(answer)["error"] == "This payment is already in progress"


@pytest.mark.parametrize("amount", [None, 0, -5, "12", 1.5])
def test_a_refused_payment_leaves_no_record_so_that_it_can_be_corrected(service, a_request, amount):
    answer = service.invoke("payments", a_request({"amount": amount}, x_request_id="r-1"))
    assert answer["statusCode"] == 400
    assert service.idempotency.scan()["Count"] == 0
    corrected = service.invoke("payments", a_request({"amount": 500}, x_request_id="r-1"))
    assert corrected["statusCode"] == 200


def test_the_record_stays_in_progress_only_as_long_as_the_invocation_may_run(service, a_request):
    service.invoke("payments", a_request({"amount": 500}, x_request_id="r-1"))
    [record] = service.idempotency.scan()["Items"]
    # The context of these tests has 5 s left; the record itself is kept for an hour from now.
    assert 3590 <= record["expiration"] - record["in_progress_expiration"] / 1000 <= 3600
