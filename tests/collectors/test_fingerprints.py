"""Same cause, one group; other cause, other group; and the cases that are known to come out wrong."""

import pytest

from collectors.fingerprints import PATTERNS, fingerprint, normalised
from collectors.frames import own_frames

PARTICULARS = [
    ("url", "https://api.example.com/v1/orders/17?x=1", "<url>"),
    ("arn", "arn:aws:sqs:eu-west-1:123456789012:orders", "<arn>"),
    ("email", "bob.smith+x@mail.example.com", "<email>"),
    ("trace", "1-62e900b2-710d76f009d6e7785905449a", "<trace>"),
    ("uuid", "8f507cfc-0000-4697-b07a-ac58fc914c95", "<uuid>"),
    ("iso time", "2026-11-23T19:12:31.752Z", "<date>"),
    ("day", "2026-11-23", "<date>"),
    ("http date", "Mon, 23 Nov 2026 19:12:31 GMT", "<date>"),
    ("time of day", "19:12:31.752", "<time>"),
    ("ipv4", "10.0.12.7:5432", "<ip>"),
    ("ipv6", "2001:db8:0:0:0:ff00:42:8329", "<ip>"),
    ("ec2 name", "ip-10-0-0-1.ec2.internal", "<host>"),
    ("address", "0x7f3c2b1a", "<address>"),
    ("path", "/tmp/build-7/orders/handler.py", "<path>"),
    ("digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4", "<hash>"),
    ("stripe id", "cus_9s6XKzkNRiz8i3", "<id>"),
    ("order id", "ORD-12345", "<id>"),
    ("integer", "4711", "<number>"),
    ("decimal", "-3.25", "<number>"),
    ("thousands", "1,234,567", "<number>"),
    ("percent", "12.5%", "<number>"),
]


@pytest.mark.parametrize(("text", "placeholder"), [pytest.param(t, p, id=name) for name, t, p in PARTICULARS])
def test_a_particular_is_replaced_alone_and_among_words(text, placeholder):
    assert normalised(text) == placeholder
    assert normalised(f"before {text} after") == f"before {placeholder} after"
    assert normalised(f"(value '{text}')") == f"(value '{placeholder}')"


KEPT = [
    "KeyError: 'user_id'",
    "No module named 'orders.payment'",
    "HTTP 404",
    "status code 503",
    "[Errno 13] Permission denied",
    "connect ECONNREFUSED",
    "Cannot read properties of undefined (reading 'price')",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_names_the_cause_stays(text):
    assert normalised(text) == text


KNOWN_WRONG = [
    ("names of people in quotes split a group", "customer 'alice' not found", "customer 'alice' not found"),
    ("a version in a name is taken for an id", "utf8mb4 is unknown", "<id> is unknown"),
    ("an id of letters only is taken for a word", "order QWERTY missing", "order QWERTY missing"),
    ("written numbers stay", "three items missing", "three items missing"),
]


@pytest.mark.parametrize(("text", "got"), [pytest.param(t, got, id=why) for why, t, got in KNOWN_WRONG])
def test_known_wrong_cases_are_still_as_described(text, got):
    assert normalised(text) == got


def test_every_pattern_has_a_reason():
    assert all(pattern.name and len(pattern.reason) > 5 for pattern in PATTERNS)


PYTHON = (
    "Traceback (most recent call last):\n"
    "  File \"/var/task/orders/pay.py\", line {line}, in charge\n    x\nKeyError: 'k'"
)
LIBRARY = '  File "/opt/python/lib/python3.12/site-packages/boto3/client.py", line 9, in call\n    y\n'


def test_line_numbers_and_library_frames_do_not_matter():
    plain = fingerprint("f", "KeyError", "'k'", PYTHON.format(line=3))
    moved = fingerprint("f", "KeyError", "'k'", PYTHON.format(line=99).replace("KeyError: ", LIBRARY + "KeyError: "))
    assert plain == moved
    assert len(plain) == 16


def test_another_function_type_message_or_frame_is_another_cause():
    stack = PYTHON.format(line=3)
    prints = {
        fingerprint("f", "KeyError", "'k'", stack),
        fingerprint("g", "KeyError", "'k'", stack),
        fingerprint("f", "ValueError", "'k'", stack),
        fingerprint("f", "KeyError", "'j'", stack),
        fingerprint("f", "KeyError", "'k'", stack.replace("charge", "refund")),
        fingerprint("f", None, None, None),
    }
    assert len(prints) == 6


def test_an_upgraded_runtime_is_no_new_cause():
    assert fingerprint("f", "E", "m", None, "python:3.12.v43") == fingerprint("f", "E", "m", None, "python:3.13.v1")


STACKS = [
    ("python", PYTHON.format(line=3), ("orders/pay.py:charge",)),
    (
        "node",
        "TypeError: x\n    at charge (/var/task/pay.js:10:5)\n    at async Runtime.handle (file:///var/runtime/index.mjs:1:2)\n"
        "    at /var/task/node_modules/a/b.js:1:1\n    at node:internal/process:95:5",
        ("pay.js:charge",),
    ),
    (
        "java",
        "java.lang.Error: x\n\tat com.acme.Pay.lambda$charge$3(Pay.java:12)\n"
        "\tat java.base/java.util.ArrayList.forEach(A.java:1)"
        "\n\tat lambdainternal.EventHandlerLoader.call(E.java:9)",
        (":com.acme.Pay.lambda$charge$#",),
    ),
    (
        ".net",
        "System.Exception: x\n   at Acme.Pay.Charge(Order o) in /src/Pay.cs:line 12\n"
        "   at System.Linq.Enumerable.ToList()",
        (":Acme.Pay.Charge",),
    ),
    ("ruby", "/var/task/pay.rb:3:in `charge'\n/var/runtime/lib/runtime.rb:9:in `run'", ("pay.rb:charge",)),
    (
        "go",
        "goroutine 1 [running]:\nmain.charge()\n\t/src/pay.go:9 +0x1d\nruntime.x()\n\t/usr/local/go/src/r.go:1 +0x1",
        None,
    ),
    ("recursion", "\n".join(['  File "/var/task/a.py", line 1, in f'] * 50), ("a.py:f",)),
    ("none", None, ()),
    ("words", "no frames here", ()),
]


@pytest.mark.parametrize(("stack", "frames"), [pytest.param(s, f, id=name) for name, s, f in STACKS])
def test_only_the_functions_own_frames_count(stack, frames):
    assert own_frames(stack) == (frames if frames is not None else ("src/pay.go:",))


def test_where_a_package_was_unpacked_does_not_matter():
    stack = ('Traceback (most recent call last):\n  File "{root}/orders/fulfil.py", line 37, in handler\n'
             "    ship(order)\nKeyError: 'sku'")
    prints = {
        fingerprint("orders-fulfil", "KeyError", "'sku'", stack.format(root=root))
        for root in ("/var/task", "/srv/cloud/tmp/lambda-orders-fulfil-3pzg2g_q/code", "/private/cloud/x1/code")
    }
    assert len(prints) == 1
