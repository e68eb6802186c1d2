"""Same root cause, one group; other root cause, another group; and the same answer in every release."""

import pytest

from collectors.fingerprints import VERSION, fingerprint

PYTHON = (
    "Traceback (most recent call last):\n"
    "  File \"/var/task/orders/pay.py\", line {line}, in charge\n    x\nKeyError: 'k'"
)
LIBRARY = '  File "/opt/python/lib/python3.12/site-packages/boto3/client.py", line 9, in call\n    y\n'
JAVA = (
    "java.lang.RuntimeException: order {order} failed\n\tat com.acme.Pay.charge(Pay.java:{line})\n"
    "Caused by: java.net.{root}: {words}\n\tat java.base/sun.nio.ch.Net.read(Net.java:1)\n"
    "\tat com.acme.Http.get(Http.java:{line})\n"
)
JVM = "java.lang.RuntimeException"


def java(order="BLUE", line=12, root="SocketTimeoutException", words="Read timed out"):
    stack = JAVA.format(order=order, line=line, root=root, words=words)
    return fingerprint("f", JVM, f"order {order} failed", stack)


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


def test_one_place_that_misses_two_keys_has_two_causes_and_two_values_have_one():
    stack = PYTHON.format(line=3)
    assert fingerprint("f", "KeyError", "'sku'", stack) != fingerprint("f", "KeyError", "'price'", stack)
    assert fingerprint("f", "KeyError", "'A-17'", stack) == fingerprint("f", "KeyError", "'A-18'", stack)
    assert fingerprint("f", "E", "user 'bob' is gone", stack) == fingerprint("f", "E", "user 'eve' is gone", stack)


def test_the_words_of_the_root_count_and_not_those_of_its_wrapper():
    assert java() == java(order="RED", line=40)
    assert java(words="after 30 ms") == java(words="after 31 ms")
    assert len({java(), java(root="ConnectException"), java(words="Connection reset")}) == 3


def test_what_is_raised_while_another_is_handled_keeps_its_own_words():
    stack = PYTHON.format(line=3) + "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    assert fingerprint("f", "NameError", "name 'x' is not defined", stack) != fingerprint(
        "f", "NameError", "name 'y' is not defined", stack)


def test_a_stack_inside_the_message_counts_as_a_stack():
    stack = JAVA.format(order="BLUE", line=12, root="SocketTimeoutException", words="Read timed out")
    assert fingerprint("f", JVM, stack, None) == fingerprint("f", JVM, "order BLUE failed", stack)


@pytest.mark.parametrize(("text", "json"), [
    ("Runtime.ImportModuleError", "ImportModuleError"), ("Order@1a2b3c4d", "Order@5f6a7b8c")])
def test_one_type_written_in_two_ways_is_one(text, json):
    assert fingerprint("f", text, "m", None) == fingerprint("f", json, "m", None)


def test_an_upgraded_runtime_is_no_new_cause():
    assert fingerprint("f", "E", "m", None, "python:3.12.v43") == fingerprint("f", "E", "m", None, "python:3.13.v1")


def test_where_a_package_was_unpacked_does_not_matter():
    stack = ('Traceback (most recent call last):\n  File "{root}/orders/fulfil.py", line 37, in handler\n'
             "    ship(order)\nKeyError: 'sku'")
    prints = {
        fingerprint("orders-fulfil", "KeyError", "'sku'", stack.format(root=root))
        for root in ("/var/task", "/srv/cloud/tmp/lambda-orders-fulfil-3pzg2g_q/code", "/private/cloud/x1/code")
    }
    assert len(prints) == 1


NODE = "TypeError: x\n    at charge (/var/task/src/pay.js:10:5)\n    at Runtime.x (file:///var/runtime/index.mjs:1:2)"
GO = "goroutine 1 [running]:\nmain.charge(0x1)\n\t/src/pay.go:9 +0x1d\n"
NET = "System.Exception: x\n   at Acme.Pay.<Charge>d__5.MoveNext() in /src/Pay.cs:line 12"
GOLDEN = {
    "none": (None, None, None),
    "type": ("Sandbox.Timedout", None, None),
    "timeout": ("timeout", "Task timed out after 3.00 seconds", None),
    "exit": ("Runtime.ExitError", "Runtime exited with error: exit status 129", None),
    "python": ("KeyError", "'sku'", PYTHON.format(line=3)),
    "python import": ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'psycopg2'", None),
    "botocore": ("ClientError", "An error occurred (ThrottlingException) when calling the PutItem operation", None),
    "node": ("TypeError", "Cannot read properties of undefined (reading 'price')", NODE),
    "node net": ("Error", "connect ECONNREFUSED 10.0.0.1:5432", None),
    "java": (JVM, "x", JAVA.format(order="BLUE", line=1, root="ConnectException", words="refused")),
    "go": ("runtime.boundsError", "index out of range [5] with length 3", GO),
    ".net": ("System.Exception", "x", NET),
    "ruby": ("NoMethodError", "undefined method `foo' for nil", "/var/task/pay.rb:3:in 'Pay#charge'"),
    "http": ("HTTPError", "404 Client Error: Not Found for url: https://api.example.com/v1/orders/17?x=1", None),
    "json": ("Error", 'Invalid {"code": "E_VIP", "id": "a1b2", "name": "alice"} at 2026-11-23T19:12:31Z', None),
    "sql": ("UniqueViolation", 'duplicate key "users_email" DETAIL: Key (email)=(a@b.com) already exists.', None),
    "arn": ("AccessDenied", "arn:aws:iam::123456789012:role/a may not sqs:SendMessage", None),
    "ids": ("E", "order ord_8KzX2 of 8f507cfc-0000-4697-b07a-ac58fc914c95 in Shop-Orders-1QX8ABCD2EFG", None),
    "path": ("FileNotFoundError", "[Errno 2] No such file or directory: '/tmp/a b.csv'", None),
    "words": ("E", "nothing to replace here", None),
}
PINNED = {
    "none": "ccb00258f1c6e61d", "type": "fed4ef5f47567aff", "timeout": "173dddfefe930999",
    "exit": "a2b13a31df837f1c", "python": "c3e321753b4eeb15", "python import": "db6d70e0af14102f",
    "botocore": "ac154ab81e304c5b", "node": "fbbe76b916630f86", "node net": "aef2711781fde101",
    "java": "2fc3c721d3be4199", "go": "7fdd4df7aa029b41", ".net": "d5fa5be63261130f", "ruby": "240ba831ca292289",
    "http": "63f48f003938a5b2", "json": "c7f2904708b528e7", "sql": "476fe9052e68c810", "arn": "6d74a4319b8028e5",
    "ids": "198ea000335778b7", "path": "900e9cd0217a83cd", "words": "1320df0f3cab7970",
}  # fmt: skip


def test_no_rule_changes_without_a_new_version():
    """When this fails, groups change for everybody who upgrades: raise `VERSION`, then pin the new ones."""
    assert VERSION == "3"
    assert {name: fingerprint("orders-pay", *error) for name, error in GOLDEN.items()} == PINNED
