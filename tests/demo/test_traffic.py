"""The traffic: what is sent, when, and when it stops. No call leaves, no second passes."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from click.testing import CliRunner

from demo import traffic
from demo.traffic import Customers, Traffic

THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "SendMessage")
GONE = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class FakeShop:
    """Remembers every call with its moment; fails on demand."""

    def __init__(self, clock, fails=None):
        self.clock, self.began, self.calls = clock, clock(), []
        self.fails = fails or (lambda name, at: None)

    def _call(self, name, *arguments):
        at = self.clock() - self.began
        error = self.fails(name, at)
        if error:
            raise error
        self.calls.append((at, name, *arguments))

    def __getattr__(self, name):
        return lambda *arguments: self._call(name, *arguments)

    def pay(self, body, request_id):
        self._call("pay", body, request_id)
        return f"payment of {request_id}" if body["amount"] > 0 else None

    def seconds_to_die(self):
        self._call("seconds_to_die")
        return 15

    def named(self, *names):
        return [call for call in self.calls if call[1] in names]


def run(seconds, fails=None, seed=7):
    """Traffic for that many seconds: the shop it went to, what was said, and how long it ran."""
    clock, said = Time(), list[str]()
    shop: Any = FakeShop(clock, fails)
    began = clock()
    Traffic(Customers(shop, Random(seed), Random(seed)), clock, said.append).run(
        clock.sleep, going=lambda: clock() - began < seconds)
    return shop, said, clock() - began


def refused(order):
    return "order_id" not in order or "sku" not in order


def test_within_ten_seconds_twelve_messages_are_sent_that_will_die():
    shop, said, _ = run(10)
    orders = [call[2] for call in shop.named("send_order")]
    assert len([order for order in orders if not refused(order)]) >= 8
    assert len([order for order in orders if refused(order)]) >= 4
    assert shop.named("set_warehouse")[0][2] == "down"
    assert shop.named("set_warehouse")[0][0] < shop.named("send_order")[0][0]
    assert said == []


def test_the_outage_lasts_as_long_as_orders_need_to_die_and_ends():
    shop, _, _ = run(60)
    (down_at, _, down), (up_at, _, up) = shop.named("set_warehouse")
    assert (down, up) == ("down", "up")
    assert 23 <= up_at - down_at <= 25


def test_an_outage_is_still_bounded_when_the_queue_cannot_be_read():
    shop, said, _ = run(200, lambda name, at: THROTTLED if name == "seconds_to_die" else None)
    assert 150 <= shop.named("set_warehouse")[-1][0] <= 153
    assert said == [f"could not read the fulfilment queue: {THROTTLED}"]


def test_after_the_outage_orders_without_a_sku_die_of_themselves():
    shop, _, _ = run(60)
    up_at = shop.named("set_warehouse")[-1][0]
    late = [call[2] for call in shop.named("send_order") if call[0] >= up_at]
    assert len([order for order in late if "order_id" in order and "sku" not in order]) >= 3


def test_steady_state_is_about_one_call_a_second_of_every_kind():
    shop, _, _ = run(7_200)
    kinds = Counter(call[1] for call in shop.calls)
    assert 0.8 < len(shop.calls) / 7_200 < 1.25
    assert set(kinds) == {"order", "pay", "refund", "upload", "remove", "upload_rubbish", "notify", "send_order",
                          "set_warehouse", "seconds_to_die"}


def test_customers_make_the_mistakes_people_make():
    shop, _, _ = run(7_200)
    orders = [call[2] for call in shop.named("order")]
    assert any(not 1 <= order.get("quantity", 1) <= 99 for order in orders)
    assert any("bundle" in order for order in orders)
    assert any("discount" in order for order in orders)
    assert any(call[3].endswith(".invalid") for call in shop.named("notify"))
    payments = [call[2] for call in shop.named("pay")]
    assert any(payment["amount"] <= 0 for payment in payments)
    assert any(payment.get("currency") == "XTS" for payment in payments)


def test_some_payments_are_sent_twice_under_one_request_id_with_one_amount():
    shop, _, _ = run(3_600)
    bodies: dict[str, list[Any]] = {}
    for _, _, body, request_id in shop.named("pay"):
        bodies.setdefault(request_id, []).append(body)
    repeated = [same for same in bodies.values() if len(same) > 1]
    assert repeated
    assert all(body == same[0] for same in repeated for body in same)


def test_refunds_and_removals_concern_what_was_paid_and_uploaded():
    shop, _, _ = run(3_600)
    paid = {f"payment of {call[3]}": call[2]["amount"] for call in shop.named("pay")}
    known = [call for call in shop.named("refund") if call[2] in paid]
    assert known
    assert all(0 < amount <= paid[payment] for _, _, payment, amount in known)
    assert {call[2] for call in shop.named("remove")} <= {call[2] for call in shop.named("upload")}


def test_the_same_seed_sends_the_same():
    assert run(120)[0].calls == run(120)[0].calls
    assert run(120, seed=8)[0].calls != run(120)[0].calls


def test_a_refused_call_is_one_line_and_the_traffic_goes_on():
    refusals = iter([THROTTLED])
    shop, said, ran = run(60, lambda name, at: next(refusals, None) if name == "order" and at > 30 else None)
    assert said == [f"refused: {THROTTLED}"]
    assert ran >= 60
    assert shop.calls[-1][0] > 50


def test_a_step_of_the_opening_that_failed_is_tried_until_it_works():
    shop, said, _ = run(60, lambda name, at: THROTTLED if name == "set_warehouse" and 20 < at < 40 else None)
    assert said
    assert [call[2] for call in shop.named("set_warehouse")] == ["down", "up"]
    assert shop.named("set_warehouse")[-1][0] >= 40


@pytest.mark.parametrize("error", [GONE, ConnectionRefusedError("refused")])
def test_silence_of_thirty_seconds_ends_the_traffic_with_one_line_about_it(error):
    _, said, ran = run(600, lambda name, at: error if at > 60 else None)
    assert said == [f"no answer: {error}", "nothing has answered for 30 s; the embedded cloud is gone"]
    assert 85 < ran < 100


def test_a_short_silence_is_survived():
    shop, said, ran = run(120, lambda name, at: GONE if 60 < at < 80 else None)
    assert said == [f"no answer: {GONE}"]
    assert ran >= 120
    assert shop.calls[-1][0] > 110


def test_a_first_customer_without_history_does_the_first_thing_instead():
    shop: Any = FakeShop(Time())
    customers = Customers(shop, Random(1), Random(1))
    customers.refund()
    customers.remove()
    assert [call[1] for call in shop.calls] == ["pay", "upload"]
    Customers(shop, Random(1), Random(1)).pay_again()
    assert shop.calls[-1][1] == "pay"


def test_without_a_stack_the_command_ends_with_one_sentence(monkeypatch):
    monkeypatch.setattr(traffic, "stack_outputs", raising(GONE))
    result = CliRunner().invoke(traffic.main, ["--endpoint", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: Cannot read the stack orders at http://127.0.0.1:9")
    assert "python -m demo up" in result.output


def test_the_command_runs_until_sigterm_and_ends_well(monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(traffic, "_shop", lambda endpoint, stack: FakeShop(Time()))
    monkeypatch.setattr(time, "sleep", lambda seconds: os.kill(os.getpid(), signal.SIGTERM))
    try:
        result = CliRunner().invoke(traffic.main, ["--endpoint", "http://127.0.0.1:9", "--seed", "3"])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert result.exit_code == 0
    assert result.output == "traffic through orders at http://127.0.0.1:9\nstopped\n"


def test_the_traffic_ends_when_its_parent_does():
    child = (
        "import time; from demo import traffic; from tests.demo.test_traffic import FakeShop; "
        "traffic._shop = lambda *a: FakeShop(time.monotonic); traffic.main(['--endpoint', 'http://127.0.0.1:9'])")
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]); input()"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "traffic through orders at http://127.0.0.1:9\n"
        # The parent's input ends, so it ends; the pipe closes when its last holder, the traffic, has ended.
        assert process.communicate(timeout=20)[0] == ""


def raising(error):
    def fail(*_):
        raise error
    return fail
