"""What people read: one sentence, where to look, and nothing that is not theirs to see."""

from __future__ import annotations

import pytest

from operations import alert_words
from store.alerts import Alert, AlertKind
from tests.builders import NOW, PLACE

BASE = "https://ops.example.com/lamplight"


def an_alert(kind: AlertKind = AlertKind.NEW, **facts) -> Alert:
    return Alert(**{"place": PLACE, "name": f"{kind}#{len(facts)}", "kind": kind, "at": NOW, "function": "orders",
                    "fingerprint": "aa00112233445566", "error_type": "KeyError", "version": "31", "queue": "orders-dlq",
                    "count": 12, "job_id": "job-1", **facts})


@pytest.mark.parametrize(("kind", "said", "page"), [
    (AlertKind.NEW, "New error in orders in version 31: KeyError", "error?id=aa00112233445566"),
    (AlertKind.REGRESSED, "KeyError in orders is back in version 31, after it was resolved",
     "error?id=aa00112233445566"),
    (AlertKind.DEAD_LETTERS, "12 dead letters in orders-dlq", "dead_letters?queue=orders-dlq"),
    (AlertKind.EXPIRING, "Messages in orders-dlq are about to expire: 12 messages", "dead_letters?queue=orders-dlq"),
    (AlertKind.STOPPED, "A redrive of 12 messages from orders-dlq stopped itself", "redrive?id=job-1"),
])
def test_each_kind_says_what_happened_and_leads_to_its_page(kind, said, page):
    alert = an_alert(kind)
    assert alert_words.headline(alert) == said
    letter = alert_words.letter([alert], BASE)
    assert letter.subject == f"Lamplight: {said}"
    assert f"{BASE}/{page}&place=123456789012/eu-central-1" in letter.text.splitlines()
    assert "2026-11-23 18:53:20 UTC, account 123456789012, eu-central-1" in letter.text
    assert letter.kind == kind


def test_the_version_that_is_none_is_not_named():
    assert alert_words.headline(an_alert(version="$LATEST")) == "New error in orders: KeyError"


def test_without_an_address_there_is_no_link():
    assert "http" not in alert_words.letter([an_alert()], "").text


def test_the_same_alert_carries_the_same_number_in_every_telling():
    assert alert_words.letter([an_alert()], BASE) == alert_words.letter([an_alert()], BASE)
    assert an_alert().id in alert_words.letter([an_alert()], BASE).text


def test_a_subject_is_one_short_ascii_line_whatever_a_function_throws():
    hostile = an_alert(error_type="Boom\r\nBcc: x\u202e" + "é" * 400)
    subject = alert_words.letter([hostile], BASE).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


def test_a_digest_counts_by_kind_tells_the_gravest_first_and_says_how_many_more():
    found = [an_alert(name=f"new#{number}", function=f"f-{number}") for number in range(40)]
    letter = alert_words.letter([*found, an_alert(AlertKind.REGRESSED), an_alert(AlertKind.STOPPED)], BASE)
    assert letter.subject == "Lamplight: 42 alerts: 1 redrive stopped, 1 regression, 40 new errors"
    lines = letter.text.splitlines()
    assert lines[2].startswith("A redrive of 12 messages")
    assert "12 more are on the page Alerts of Lamplight." in lines
    assert lines[-1] == f"All of them: {BASE}/alerts"
    assert letter.kind == "digest"


def test_a_digest_of_the_same_alerts_is_the_same_in_any_order():
    found = [an_alert(name=f"new#{number}") for number in range(5)]
    assert alert_words.letter(found, BASE).id == alert_words.letter(found[::-1], BASE).id
