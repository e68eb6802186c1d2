"""Live traffic through the orders service: mostly fine, some of it poison, one warehouse outage at the start.

`python -m demo.traffic --endpoint URL [--seed N]`. Dead letters are born for real within the first minute:
eight that died of the outage and go through when sent again, and seven that nobody can ever process."""

from __future__ import annotations

import http.client
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from demo.errors import DemoError
from demo.shop import Shop, stack_outputs

ORDERS_IN_OUTAGE = 8
NAMELESS_AT_START = 4
POISON_AFTER_OUTAGE = 3
SHORTEST_OUTAGE_S = 20
LONGEST_OUTAGE_S = 150
BRISK_S, CALM_S = 0.15, 1.0
"""Mean wait between two calls, in the opening and ever after: a laptop with two cores stays responsive."""
GIVE_UP_S = 30
_UNREACHABLE = (NoConnection, HTTPClientError, OSError, http.client.HTTPException)
SKUS = ("lamp", "wick", "oil", "shade", "stand")
NAMES = ("ada", "grace", "edsger", "barbara", "tony", "radia")
Action = Callable[[], None]


@dataclass(slots=True)
class Customers:
    """Everybody who uses the shop, drawn from one seeded source; what they remember lets them come back.

    `ids` is a source of its own: a second run must not repeat the first one's idempotency keys."""

    shop: Shop
    rng: Random
    ids: Random
    payments: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=40))
    requests: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=40))
    pictures: deque[str] = field(default_factory=lambda: deque(maxlen=40))

    def anything(self) -> None:
        """One call of an ordinary minute."""
        self.rng.choices([act for _, act in _HABITS], [weight for weight, _ in _HABITS])[0](self)

    def order(self) -> None:
        body = {"customer": self._customer(), "sku": self._sku(), "quantity": self.rng.randint(1, 4)}
        if self.rng.random() < 0.3:
            body["email"] = f"{body['customer']}@example.com"
        self.shop.order(body)

    def order_wrongly(self) -> None:
        """Refused with 400: a validation error is not a failure."""
        self.shop.order({"customer": self._customer(), "sku": self._sku(), "quantity": self.rng.choice((0, -2, 400))})

    def order_with_unknown_discount(self) -> None:
        """Answered with 500: the API looks the code up without asking whether it exists."""
        self.shop.order({"customer": self._customer(), "sku": self._sku(), "discount": "SUMMER"})

    def order_bundle(self) -> None:
        """Accepted, and dead later: fulfilment knows no bundles and finds no sku."""
        self.shop.order({"customer": self._customer(), "bundle": "reading-corner"})

    def pay(self) -> None:
        amount = self.rng.randrange(500, 20_000)
        request_id = self._id("req")
        self.requests.append((request_id, amount))
        payment_id = self.shop.pay({"amount": amount}, request_id)
        if payment_id is not None:
            self.payments.append((payment_id, amount))

    def pay_again(self) -> None:
        """The same request twice: the second gets the stored result."""
        if not self.requests:
            return self.pay()
        request_id, amount = self.rng.choice(self.requests)
        self.shop.pay({"amount": amount}, request_id)
        return None

    def pay_wrongly(self) -> None:
        self.shop.pay({"amount": 0}, self._id("req"))

    def pay_on_a_slow_network(self) -> None:
        """The function times out, and the payment's record stays in progress."""
        self.shop.pay({"amount": 4_200, "currency": "XTS"}, self._id("req"))

    def refund(self) -> None:
        if not self.payments:
            return self.pay()
        payment_id, amount = self.rng.choice(self.payments)
        self.shop.refund(payment_id, self.rng.randint(1, amount))
        return None

    def refund_what_nobody_paid(self) -> None:
        self.shop.refund(self._id("pay"), 999)

    def upload(self) -> None:
        """Names hold blanks and umlauts, as people's files do."""
        key = f"pictures/{self._sku()} für {self._customer()} {self.rng.randrange(10_000)}.png"
        self.shop.upload(key, self.rng.randrange(200, 4_000), self.rng.randrange(200, 4_000))
        self.pictures.append(key)

    def remove(self) -> None:
        if not self.pictures:
            return self.upload()
        self.shop.remove(self.pictures.popleft())
        return None

    def upload_rubbish(self) -> None:
        self.shop.upload_rubbish(f"pictures/holiday {self.rng.randrange(10_000)}.png")

    def notify(self) -> None:
        self.shop.notify(self._id("order"), f"{self._customer()}@example.com")

    def notify_nobody(self) -> None:
        """Fails three times, then lands in the function's dead-letter queue."""
        self.shop.notify(self._id("order"), f"{self._customer()}@nowhere.invalid")

    def till_order(self) -> None:
        """A well-formed order straight onto the queue."""
        self.shop.send_order({"order_id": self._id("till"), "customer": self._customer(), "sku": self._sku(),
                              "quantity": 1})

    def till_nameless(self) -> None:
        """Permanently malformed: neither order id nor sku. Refused before anybody asks the warehouse."""
        self.shop.send_order({"customer": self._customer(), "quantity": self.rng.randint(1, 4)})

    def till_poison(self) -> None:
        """Permanently malformed: no sku, today or ever."""
        self.shop.send_order({"order_id": self._id("till"), "customer": self._customer(), "quantity": 1})

    def _customer(self) -> str:
        return self.rng.choice(NAMES)

    def _sku(self) -> str:
        return self.rng.choice(SKUS)

    def _id(self, prefix: str) -> str:
        return f"{prefix}-{self.ids.getrandbits(64):016x}"


_HABITS: tuple[tuple[float, Callable[[Customers], None]], ...] = (
    (38, Customers.order), (6, Customers.order_wrongly), (1.5, Customers.order_with_unknown_discount),
    (0.6, Customers.order_bundle), (20, Customers.pay), (6, Customers.pay_again), (3, Customers.pay_wrongly),
    (0.3, Customers.pay_on_a_slow_network), (4, Customers.refund), (0.5, Customers.refund_what_nobody_paid),
    (8, Customers.upload), (4, Customers.remove), (0.7, Customers.upload_rubbish), (4, Customers.notify),
    (0.7, Customers.notify_nobody), (3, Customers.till_order), (0.3, Customers.till_poison))


class Traffic:
    """The loop. `clock` is monotonic seconds; `going` says whether to go on; `say` takes one line of report."""

    def __init__(self, customers: Customers, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self.customers = customers
        self.clock = clock
        self.say = say
        self.began = self.answered = clock()
        self.silent = False
        self.opening = self._opening(self._outage_s())

    def run(self, sleep: Callable[[float], None], going: Callable[[], bool]) -> None:
        """Send until told to stop, or until nothing has answered for `GIVE_UP_S` seconds."""
        while going():
            self._once()
            if self.clock() - self.answered > GIVE_UP_S:
                self.say(f"nothing has answered for {GIVE_UP_S} s; the embedded cloud is gone")
                return
            mean = BRISK_S if self.opening and not self.silent else CALM_S
            sleep(min(self.customers.rng.expovariate(1 / mean), 3 * mean))

    def _once(self) -> None:
        """One call. What fails is reported and left; only a step of the opening is tried until it has worked."""
        due = bool(self.opening) and self.clock() - self.began >= self.opening[0][0]
        try:
            if due:
                self.opening[0][1]()
                self.opening.popleft()
            elif not self.opening or self.customers.rng.random() < BRISK_S / CALM_S:
                self.customers.anything()
            else:
                return
            self._heard()
        except _UNREACHABLE as error:
            if not self.silent:
                self.say(f"no answer: {error}")
            self.silent = True
        except (ClientError, BotoCoreError) as error:
            self._heard()
            self.say(f"refused: {error}")

    def _heard(self) -> None:
        self.answered = self.clock()
        self.silent = False

    def _opening(self, outage_s: float) -> deque[tuple[float, Action]]:
        """What must happen, and after how many seconds, so that there is something to recover."""
        customers, shop = self.customers, self.customers.shop
        steps: list[tuple[float, Action]] = [(0, partial(shop.set_warehouse, "down"))]
        steps += [(0, customers.till_order)] * ORDERS_IN_OUTAGE
        steps += [(0, customers.till_nameless)] * NAMELESS_AT_START
        steps += [(0, customers.notify_nobody), (0, customers.upload_rubbish), (0, customers.refund_what_nobody_paid)]
        steps += [(outage_s, partial(shop.set_warehouse, "up"))]
        steps += [(outage_s, customers.till_poison)] * POISON_AFTER_OUTAGE
        return deque(steps)

    def _outage_s(self) -> float:
        """As long as the queue's orders need to die, with some seconds to spare."""
        try:
            needed = self.customers.shop.seconds_to_die() + 8
        except (*_UNREACHABLE, ClientError, BotoCoreError) as error:
            self.say(f"could not read the fulfilment queue: {error}")
            needed = LONGEST_OUTAGE_S
        return min(max(needed, SHORTEST_OUTAGE_S), LONGEST_OUTAGE_S)


@click.command()
@click.option("--endpoint", envvar="AWS_ENDPOINT_URL", required=True, help="The embedded cloud's URL.")
@click.option("--stack", envvar="DEMO_ORDERS_STACK", default="orders", show_default=True,
              help="The stack of examples/orders.")
@click.option("--seed", envvar="DEMO_SEED", default=7, show_default=True, help="The same seed, the same customers.")
def main(endpoint: str, stack: str, seed: int) -> None:
    """Send traffic through the orders service until stopped."""
    parent = os.getppid()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        traffic = Traffic(Customers(_shop(endpoint, stack), Random(seed), Random()), time.monotonic, click.echo)
        click.echo(f"traffic through {stack} at {endpoint}")
        traffic.run(time.sleep, going=lambda: os.getppid() == parent)
    except DemoError as error:
        raise click.ClickException(error.sentence) from error
    except KeyboardInterrupt:
        click.echo("stopped")


def _shop(endpoint: str, stack: str) -> Shop:
    """The deployed orders service. Raises DemoError when it cannot be found."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    session = boto3.Session(region_name=region)
    try:
        return Shop(endpoint, stack_outputs(endpoint, stack, session), session)
    except (ClientError, BotoCoreError) as error:
        raise DemoError(f"Cannot read the stack {stack} at {endpoint}: {error}",
                        "Start the demo with `python -m demo up`.") from error


if __name__ == "__main__":
    main()
