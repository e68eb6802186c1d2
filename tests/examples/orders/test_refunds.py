import pytest


def test_a_refund_is_made_once(service, a_batch):
    service.table.put_item(Item={"pk": "PAYMENT#p-1", "amount": 500})
    batch = a_batch({"payment_id": "p-1", "amount": 100})
    for _ in range(2):
        assert service.invoke("refunds", batch) == {"batchItemFailures": []}
    assert service.item("REFUND#p-1")["amount"] == 100


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"payment_id": "p-9", "amount": 100}, "PaymentNotFound: No payment p-9"),
        ({"payment_id": "p-1", "amount": 900}, "RefundTooLarge: 900 asked back, 500 paid"),
        ({"amount": 900}, "KeyError: 'payment_id'"),
    ],
)
def test_a_refund_that_fails_comes_back_and_its_failures_are_counted(service, a_batch, asked, error):
    service.table.put_item(Item={"pk": "PAYMENT#p-1", "amount": 500})
    batch = a_batch(asked, {"payment_id": "p-1", "amount": 100})
    for _ in range(2):
        assert service.invoke("refunds", batch) == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    failure = service.load("failures").find(service.table, "m-0")
    assert (failure.count, failure.error_message) == (2, error)
    assert service.load("failures").find(service.table, "m-1") is None
