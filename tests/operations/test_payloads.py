"""What exactly is sent, and what a destination would refuse."""

from __future__ import annotations

import re

import pytest

from operations import payloads
from store.recovery import Destination, MessageAttribute, Shape, Way
from tests.builders import a_letter

FUNCTION = Destination(Way.INVOKE, "arn:aws:lambda:eu-central-1:123456789012:function:orders-price")


def a_failed_invocation(body: str):
    return a_letter(body=body, shape=Shape.LAMBDA_DESTINATION, destination=FUNCTION)


def test_a_queue_gets_the_body_as_it_was():
    assert payloads.text(a_letter(body=' {"a": 1.10}\n')) == ' {"a": 1.10}\n'


@pytest.mark.parametrize("event", [
    '{"price": 1.10, "id": 12345678901234567890123, "big": 1e400}', '"text \\u00fc \\" , }"', "[1,2]", "null", "{}",
])
def test_the_original_event_is_cut_out_of_the_record_unchanged(event: str):
    record = f'{{ "version": "1.0", "requestPayload" : {event} , "responsePayload": {{"requestPayload": 0}} }}'
    assert payloads.text(a_failed_invocation(record)) == event


def test_of_a_repeated_member_the_last_counts_as_parsers_have_it():
    assert payloads.text(a_failed_invocation('{"requestPayload": 1, "requestPayload": 2}')) == "2"


@pytest.mark.parametrize("record", ["", "[]", "not json", '{"requestPayload": ', '{"a": 1 "b": 2}', '{a: 1}',
                                    '{"x": ' + "[" * 100_000, '{"version": "1.0"}', "{}"])
def test_a_record_without_an_event_is_a_problem_and_no_crash(record: str):
    assert payloads.problem(a_failed_invocation(record)).startswith("the record of the failed invocation")


@pytest.mark.parametrize(("body", "said"), [
    ("", "empty"), ("a\x00b", r"U\+0000"), ("\ud800", r"U\+D800"), ("\ufffe", r"U\+FFFE"),
    ("x" * 1_048_577, "1,048,577 bytes"),
])
def test_a_body_sqs_refuses_is_named_before_it_is_sent(body: str, said: str):
    assert re.search(said, payloads.problem(a_letter(body=body)))


@pytest.mark.parametrize("body", ["x", "\t\r\n", "\U0010ffff", "\u202e", "x" * 1_048_576])
def test_a_body_sqs_takes_has_no_problem(body: str):
    assert payloads.problem(a_letter(body=body)) == ""


def test_an_attribute_with_a_control_character_is_a_problem():
    assert "U+001B" in payloads.problem(a_letter(attributes={"a": MessageAttribute("String", "\x1b[2J")}))


def test_the_marker_names_the_letter():
    assert payloads.attributes(a_letter())[payloads.MARKER] == MessageAttribute("String", "orders-fulfil-dlq/m-1")


def test_a_marker_of_an_earlier_life_is_replaced():
    letter = a_letter(attributes={payloads.MARKER: MessageAttribute("String", "old/m-0")})
    assert payloads.attributes(letter) == {payloads.MARKER: MessageAttribute("String", "orders-fulfil-dlq/m-1")}


def test_the_marker_stays_away_when_it_would_be_the_eleventh_attribute():
    ten = {f"a{n}": MessageAttribute("String", "x") for n in range(10)}
    assert payloads.attributes(a_letter(attributes=ten)) == ten


def test_the_marker_stays_away_when_it_would_make_the_message_too_large():
    letter = a_letter(body="x" * 1_048_576)
    assert payloads.attributes(letter) == {}


def test_eleven_attributes_are_a_problem():
    many = {f"a{n}": MessageAttribute("String", "x") for n in range(11)}
    assert payloads.problem(a_letter(attributes=many)) == "it has 11 attributes, SQS takes 10"


def test_size_counts_body_names_types_and_values():
    attached = {"ab": MessageAttribute("String", "ü"), "c": MessageAttribute("Binary", None, b"123")}
    assert payloads.size("ü", attached) == 2 + (2 + 6 + 2) + (1 + 6 + 3)


def test_an_event_that_is_no_json_or_too_large_cannot_be_invoked():
    assert "not JSON" in payloads.problem(a_letter(body="hello", destination=FUNCTION))
    assert "1,048,578 bytes" in payloads.problem(a_letter(body=f'"{"x" * 1_048_576}"', destination=FUNCTION))
    assert payloads.problem(a_letter(body='"\x7f"', destination=FUNCTION)) == ""
