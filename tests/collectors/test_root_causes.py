"""What a chain began with, in every runtime's way of printing it."""

import pytest

from collectors.root_causes import Roots, roots_of

WHERE = '\nTraceback (most recent call last):\n  File "/var/task/app.py", line 22, in handler\n    raise Failed(1)\n'
FIRST = ('Traceback (most recent call last):\n  File "/var/task/pay.py", line 3, in charge\n    table.put_item()\n'
         "botocore.exceptions.ClientError: An error occurred (Throttled) when calling the PutItem operation: 12 left\n")
CLIENT_ERROR = ("ClientError: An error occurred (Throttled) when calling the PutItem operation: <id> left",)
BECAUSE = "\nThe above exception was the direct cause of the following exception:\n"
WHILE = "\nDuring handling of the above exception, another exception occurred:\n"
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/var/task/app.py", line 9, in handler
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/var/task/app.py", line 4, in f
    |     raise ValueError("bad 1")
    | ValueError: bad 1
    +---------------- 2 ----------------
    | KeyError: 'sku'
    +------------------------------------"""

CHAINS = [
    ("python, told why", FIRST + BECAUSE + WHERE + "app.OrderFailed: order 17", Roots(CLIENT_ERROR, told_why=True)),
    ("python, while handling", FIRST + WHILE + WHERE + "NameError: name 'x'", Roots(CLIENT_ERROR)),
    ("python, three deep", FIRST + BECAUSE + WHERE + "A: b\n" + WHILE + WHERE + "C: d",
     Roots(CLIENT_ERROR, told_why=True)),
    ("python, a group", GROUP, Roots(("KeyError: 'sku'", "ValueError: bad <id>"), told_why=True)),
    ("java", "java.lang.RuntimeException: outer\n\tat a.B.c(B.java:1)\nCaused by: a.Mid: x\n\tat a.B.d(B.java:1)\n"
             "Caused by: java.net.SocketTimeoutException: after 30 ms\n\t... 12 more",
     Roots(("SocketTimeoutException: after <id> ms",), told_why=True)),
    ("java, without words", "a.B: x\nCaused by: java.lang.NullPointerException\n\tat a.B.c(B.java:1)",
     Roots(("NullPointerException",), told_why=True)),
    ("java, round in a circle", "a.B: x\n\tat a.B.c(B.java:1)\nCaused by: a.C: y 12\n\tat a.B.d(B.java:1)\n"
             "Caused by: [CIRCULAR REFERENCE: a.B: x]", Roots(("C: y <id>",), told_why=True)),
    ("node, several", "AggregateError: no\n    at f (/var/task/a.js:1:1) {\n  [errors]: [\n    Error: lost 12\n"
     "        at g (/a/b.js:1:1),\n    RangeError: far\n        at g (/a/b.js:1:1)\n  ]\n}",
     Roots(("Error: lost <id>", "RangeError: far"), told_why=True)),
    (".net", "System.Exception: outer\n ---> System.IO.IOException: disk 12 full\n   at A.B()\n   --- End of",
     Roots(("IOException: disk <id> full",), told_why=True)),
    ("node", "Error: outer\n    at f (/var/task/a.js:1:1) {\n  [cause]: TypeError: x 17\n      at g (/a/b.js:1:1)",
     Roots(("TypeError: x <id>",), told_why=True)),
    ("alone", FIRST, Roots()),
    ("none", None, Roots()),
    ("a sentence that speaks of causes", "Error: not Caused by: us", Roots()),
]  # fmt: skip


@pytest.mark.parametrize(("stack", "roots"), [pytest.param(s, roots, id=name) for name, s, roots in CHAINS])
def test_the_root_of_a_chain_is_found(stack, roots):
    assert roots_of(stack) == roots


def test_which_task_of_a_group_failed_first_does_not_count():
    other = GROUP.replace("ValueError: bad 1", "X").replace("KeyError: 'sku'", "ValueError: bad 2").replace(
        "| X", "| KeyError: 'sku'")
    assert roots_of(other) == roots_of(GROUP)
