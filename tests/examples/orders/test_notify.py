import pytest


def test_a_notice_is_put_into_the_outbox(service):
    service.invoke("notify", {"order_id": "o-1", "recipient": "ada@example.org"})
    assert service.item("NOTICE#o-1")["recipient"] == "ada@example.org"


def test_a_recipient_without_a_mail_server_fails_the_invocation(service):
    with pytest.raises(service.load("errors").RecipientRefused, match=r"No mail server for nowhere\.invalid"):
        service.invoke("notify", {"order_id": "o-1", "recipient": "ada@nowhere.invalid"})
    assert service.item("NOTICE#o-1") is None
