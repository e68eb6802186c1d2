"""Same cause, same words; other cause, other words; and the cases that are known to come out wrong."""

from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest

from collectors.particulars import LOOKED_AT_CHARS, MESSAGE_CHARS, PATTERNS, normalised

EXAMPLES = [pytest.param(pattern, id=f"{n} {pattern.name}") for n, pattern in enumerate(PATTERNS)]
AROUND = ["{}", "before {}", "{} after", "before {} after", "({})", "at first, {}, then none", "It was {}. Then none",
          "[{}]", "left\n{}\nright", "saw: {}; gone"]


@pytest.mark.parametrize("pattern", EXAMPLES)
def test_a_pattern_finds_its_example_wherever_it_stands(pattern):
    alone = normalised(pattern.example)
    assert (pattern.placeholder in alone) if pattern.placeholder else (alone == pattern.example)
    for around in AROUND:
        assert normalised(around.format(pattern.example)) == " ".join(around.format(alone).split())


@pytest.mark.parametrize("pattern", EXAMPLES)
def test_a_pattern_has_a_reason(pattern):
    assert pattern.name and len(pattern.reason) > 5
    assert not pattern.head or pattern.placeholder


REPLACED = [
    ("http://charlie:s3cretSqu1rrel@example.com:10", "<url>"), ("http://[2001:db8::1]:80", "<url>"),
    ("jdbc:postgresql://db:5432/orders", "jdbc:<url>"), ("s3://bucket/a key", "<url> key"),
    ("bea691f2-2e25-4bec-6838-e0c44b03d60a/7c1811ed-e98f-4c9c-a9f9-58c757ff494f", "<id>"),
    ("order_8f507cfc-0000-4697-b07a-ac58fc914c95", "order_<id>"), ("8f507cfc00004697b07aac58fc914c95", "<id>"),
    ("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "traceparent: <id>"),
    ("Root=1-62e900b2-710d76f009d6e7785905449a;Sampled=1", "Root=<id>;Sampled=<id>"),
    ("Mon, 02 Jan 06 15:04 -0700", "<date>"), ("Monday, 02-Jan-06 15:04:05 MST", "<date>"),
    ("Mon Jan 02 2006 14:04:05 GMT-0800 (Pacific Standard Time)", "<date>"), ("Mon Jan  2 15:04:05 2026", "<date>"),
    ("2006-01-02 15:04:05+01:00", "<date>"), ("2006-01-02T15:04:05.999999999Z07:00", "<date>"),
    ("20060102T150405Z", "<date>"), ("20240220 11:55:33.546593", "<date>"), ("2026/11/23", "<date>"),
    ("23/11/2026", "<date>"), ("11:21:12 AM", "<time>"), ("11:21pm", "<time>"), ("12:31:99", "<id>"),
    ("::1", "<ip>"), ("fc00::/7", "<ip>"), ("[2001:db8::1]:443", "<ip>"), ("::ffff:192.168.1.1", "<ip>"),
    ("10.0.0.0/16", "<ip>"), ("redis.default.svc.cluster.local:6379", "<host>"), ("0xDEADBEEF", "<id>"),
    ("[B@6d06d69c", "[B@<id>"), ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4", "<id>"), ("a93c7d2", "<id>"),
    ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "<id>"), ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", "<id>"), ("i-0abc1234def567890", "i-<id>"),
    ("65f1a2b3c4d5e6f708192a3b", "<id>"), ("4111 1111 1111 1111", "<id>"), ("+49 170 1234567", "<id>"),
    ("4,150,908", "<id>"), ("12.5%", "<id>"), ("2.5 GB", "<id>"), ("1e-7", "<id>"), ("PT5M", "<id>"), ("#239323",
        "#<id>"),
    ("handler.py:12", "handler.py:<id>"), ("ids 1, 2 and 3", "ids <id> and <id>"), ("['a1b2', 'c3d4']", "['<id>']"),
    ("tx274a77a8975c4a66aeb24-0052d95365-cluster01", "<id>"), ("'/tmp/a b.csv'", "'<path>'"),
    ("../lib/x/y.so", "<path>"), ("~/data/in/x", "<path>"), ("in/b.csv", "<path>"), ('{"vip": true}',
        '{"vip": <value>}'),
    (r'{\"name\": \"bob\"}', r'{\"name\": <value>}'), ("{'first name': 'bob'}", "{'first name': <value>}"),
    ('Key ("e")=(bob) exists', 'Key ("e")=(<value>) exists'), ("a=False", "a=<value>"), ('b="0.0.0.0 a=True"',
    "b=<value>"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REPLACED)
def test_what_others_also_replace_is_replaced(text, expected):
    assert normalised(text) == expected
    assert normalised(f"before {text} after") == f"before {expected} after"


KEPT = [
    "KeyError: 'user_id'", "No module named 'orders.payment'", "HTTP 404", "HTTP/1.1 503", "status code 503",
    "404 Not Found", "429 Too Many Requests", "5xx", '{"statusCode":404}', "statusCode=502", "Status Code: 400",
    "[Errno 13] Permission denied", "[WinError 5] Access is denied", "connect ECONNREFUSED", "ERROR 1045 (28000)",
    "SQLSTATE 23505", "SQLSTATE[42S02]", "(SQLSTATE 40001)", "ORA-00942", "E11000 duplicate key", "AADSTS50011",
    "P2002",
    "14 UNAVAILABLE: no connection", "cURL error 28", "exit status 2", "signal: killed", "SSL alert number 40",
    "HRESULT: 0x80070005", "An error occurred (ThrottlingException) when calling the PutItem operation",
    "not authorized to perform: dynamodb:PutItem", "{'Error': {'Code': 'NoSuchKey'}}", '{"message":"quota exceeded"}',
    "Cannot read properties of undefined (reading 'price')", "'utf-8' codec can't decode", "utf8mb4", "sha256",
    "x86_64",
    "us-east-1", "Cannot find module '@aws-sdk/client-s3'", "Cannot find module './db/orders'", "address2", "s3Client",
    "No module named 'psycopg2'", 'column "price" does not exist', "undefined method 'foo' for nil", "application/json",
    "Option::unwrap()", "Fee::add() called too early", "java.net.SocketTimeoutException", "com.acme.Orders", "cafe",
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_what_names_the_cause_stays(text):
    assert normalised(text) == text
    assert normalised(f"before {text} after") == f"before {text} after"


SAME = [
    ("invalid literal for int() with base 10: 'abc'", "invalid literal for int() with base 10: 'x y'"),
    ("could not convert string to float: 'abc'", "could not convert string to float: '1,5'"),
    ('strconv.Atoi: parsing "abc": invalid syntax', 'strconv.Atoi: parsing "12x": invalid syntax'),
    ('For input string: "abc"', 'For input string: "1.5"'),
    ("time data 'tomorrow' does not match format '%Y'", "time data '2026-1' does not match format '%Y'"),
    ("Duplicate entry 'bob@example.com' for key 'users.email'", "Duplicate entry 'alice' for key 'users.email'"),
    ("dup key: { _id: ObjectId('65f1a2b3c4d5e6f708192a3b') }",
        "dup key: { _id: ObjectId('75f1a2b3c4d5e6f708192a3c') }"),
    ("'purple' is not a valid Color", "'pink' is not a valid Color"), ('"<html>" is not valid JSON',
        '"x" is not valid JSON'),
    ("customer 'alice' not found", "customer 'Bob Smith' not found", 'customer "17" not found'),
    ("Table: Shop-OrdersTable-1QX8ABCD2EFG missing", "Table: Shop-OrdersTable-ZZ93KLM20PQ4 missing"),
    ("pod orders-7c9d8b5f6-x2x4z crashed", "pod orders-58d9c7b8f4-b7k9q crashed"),
    ("undefined method `foo' for nil:NilClass", "undefined method 'foo' for nil"),
    ('because "<local4>" is null', 'because "<local17>" is null'),
    ("took 1h30m", "took 2m3.5s", "took 45s", "took 120ms"), ("Memory 128MB exceeded", "Memory 1024 MB exceeded"),
    ("(Status Code: 400, Request ID: 8JQ3M1T6K2B4V5N7C9X0)", "(Status Code: 400, Request ID: AAQ3M1T6K2B4V5N7C9X0)"),
    ("[input_value='abc', input_type=str]", "[input_value={'a': [1, 'b']}, input_type=dict]"),
    ('Bad {"id": "a1b2", "name": "alice", "vip": true}', 'Bad {"id": "c3d4", "name": "bob jones", "vip": false}'),
    ("missing [12, 13]", "missing [14, 15, 16]"), ("commit a93c7d2", "commit 4150908", "commit deadbeef"),
    ("Boom\nTraceback (most recent call last):\n  x", "Boom"), ("a  b\n c", "a b c"),
]  # fmt: skip


@pytest.mark.parametrize("messages", SAME)
def test_one_cause_has_one_wording(messages):
    assert len({normalised(message) for message in messages}) == 1


KNOWN_WRONG = [
    ("an upgrade to Ruby 3.4 splits groups of other objects than nil", "undefined method 'foo' for an instance of A",
        "undefined method 'foo' for an instance of A"),
    ("a name in quotes splits a group where no word before it says data", "warehouse 'north' is full",
        "warehouse 'north' is full"),
    ("a name without quotes splits a group", "customer alice not found", "customer alice not found"),
    ("an id of letters only is taken for a word", "order QWERTY missing", "order QWERTY missing"),
    ("an id that ends in its only digit is taken for a name", "user4 is unknown", "user4 is unknown"),
    ("written numbers stay", "three items missing", "three items missing"),
    ("one and many differ by their plural", "1 item, 2 items", "<id> item, <id> items"),
    ("two services that cannot be reached are one", "connect to payments.example.com", "connect to <host>"),
    ("two routes are one", "no route for /v1/orders", "no route for <path>"),
    ("a payload's keys that are not always there split a group", '{"a": 1}, {"b": 1}', '{"a": <id>}, {"b": <id>}'),
    ("words of several payload values stay in arrays", '["red", "blue"]', '["red", "blue"]'),
    ("a code of something else is taken for an error's", "coupon code 4711", "coupon code 4711"),
    ("a count behind the word error is taken for its code", "error 500 rows", "error 500 rows"),
    ("typographic quotes are not quotes", "customer „Jürgen“ not found", "customer „Jürgen“ not found"),
    ("a path with a blank outside quotes ends there", "/tmp/in/my file", "<path> file"),
    ("a file without its folder stays", "cannot open invoice.pdf", "cannot open invoice.pdf"),
    ("base64 in one line shorter than 32 may hold slashes", "Zm9v/YmFy/MTIz", "<path>"),
    ("a version tells nothing", "requires GLIBC_2.32", "requires GLIBC_<id>"),
]


@pytest.mark.parametrize(("text", "got"), [pytest.param(text, got, id=why) for why, text, got in KNOWN_WRONG])
def test_known_wrong_cases_are_still_as_described(text, got):
    assert normalised(text) == got


def test_only_the_beginning_of_a_message_is_read_and_no_word_is_cut():
    unit = "order 8f507cfc-0000-4697-b07a-ac58fc914c95 is missing "
    assert normalised(unit * 20_000) == normalised(unit * (LOOKED_AT_CHARS // len(unit) + 2))
    assert len(normalised("a b " * 20_000)) <= MESSAGE_CHARS


def repeats(tree, above=()):
    """Every repetition in a parsed expression with those it stands in, innermost last."""
    for op, value in tree:
        inside = above
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            inside = (*above, (op, value))
            yield inside
        for part in value if isinstance(value, tuple | list) else ():
            for branch in part if isinstance(part, list) else [part]:
                if isinstance(branch, parser.SubPattern):
                    yield from repeats(branch, inside)


@pytest.mark.parametrize("pattern", EXAMPLES)
def test_a_pattern_reads_a_bounded_piece_and_can_divide_it_in_one_way_only(pattern):
    for *outer, (_, (_, most, _body)) in repeats(parser.parse(pattern.expression)):
        assert most is not sre.MAXREPEAT or any(op is sre.POSSESSIVE_REPEAT for op, _ in outer)
        for op, (_, times, around) in outer:
            divided = op is sre.POSSESSIVE_REPEAT or times == 1 or {around[0][0], around[-1][0]} & {sre.LITERAL, sre.IN}
            assert divided, "a repetition in a repetition needs a separator at one end"
    steps = parser.parse(pattern.expression).getwidth()[1]
    assert steps <= 2 * LOOKED_AT_CHARS
