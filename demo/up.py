"""`python -m demo up`: from nothing to an open dashboard, and back to nothing.

The state file is written after every process that is started, so that whatever kills this one, the next `up` or
`down` knows what to clean up."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import FrameType

import click

from demo.cloud import Clients, clean_environment, start_cloud
from demo.collect import FirstCollection
from demo.dashboard import dashboard_environment, start_dashboard, wait_for_dashboard
from demo.errors import DemoError
from demo.history import backfill
from demo.home import ROOT, Home, State
from demo.processes import Child, exited, own, python, remembered, start, stop
from demo.stacks import ORDERS_STACK, deploy_lamplight, deploy_orders
from demo.steps import Steps

SEED = 20_260
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCH_S = 0.5
COLLECT_S = 4.0  # how long the dashboard waits for the first collection; the rest arrives while people look


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line chose. Ports are the first to try; `port` is the dashboard's."""

    port: int
    cloud_port: int
    dashboard: bool = True
    history: bool = True
    traffic: bool = True
    seed: int = SEED


class Demo:
    """One running demo: its state grows with every step and is on disk after each."""

    def __init__(self, home: Home, options: Options, steps: Steps) -> None:
        self.home = home
        self.options = options
        self.steps = steps
        self.collection: FirstCollection | None = None
        self.state = State(supervisor=remembered("supervisor", os.getpid()))

    def bring_up(self) -> None:
        """Every step in order. Raises DemoError at the first that fails."""
        clients = self._cloud()
        with self.steps.step("watched service (orders)") as notes:
            orders = deploy_orders(clients)
            notes.append("CloudFormation stack")
        with self.steps.step("Lamplight (production template)") as notes:
            lamplight = deploy_lamplight(clients, orders)
            notes.append(f"table {lamplight['TableName']}")
        dashboard = self._dashboard(lamplight, orders) if self.options.dashboard else None
        if self.options.history:
            with self.steps.step("a day of history") as notes:
                notes.append(f"{backfill(clients.logs, time.time_ns() // 1_000_000, self.options.seed):,} log events")
        with self.steps.step("first collection") as notes:
            self.collection = FirstCollection(clients.functions, lamplight)
            self.collection.wait(COLLECT_S)
            notes.append(self.collection.outcome())
        if self.options.traffic:
            self._traffic()
        if dashboard:
            with self.steps.step("dashboard answers"):
                wait_for_dashboard(self.home, dashboard, self.state.dashboard or "")

    def ready(self) -> None:
        """Tell other processes; whoever waits for this may read what was printed before it."""
        self._remember(replace(self.state, ready=True, collected=bool(self.collection and self.collection.done())))

    def watch(self) -> None:
        """Return never; raise DemoError when a process the demo cannot be without has ended."""
        told: set[str] = set()
        while True:
            for child in self.state.children:
                if child.name not in told and exited(child):
                    told.add(child.name)
                    log = self.home.logs / f"{child.name}.log"
                    if child.name != "traffic":
                        raise DemoError(f"The {child.name} ended on its own.", f"See {log}.")
                    click.echo(f"The traffic ended; everything else goes on. See {log}.", err=True)
            self._hear_of_collection()
            time.sleep(WATCH_S)

    def _hear_of_collection(self) -> None:
        """Say once, after the demo was ready, that the first collection has come to its end."""
        if self.collection and self.collection.done() and not self.state.collected:
            self._remember(replace(self.state, collected=True))
            try:
                click.echo(f"First collection: {self.collection.outcome()}.")
            except DemoError as problem:  # the next one comes with the minute; people may look into this one
                click.echo(problem.sentence, err=True)

    def _cloud(self) -> Clients:
        with self.steps.step("embedded cloud (MiniStack)") as notes:
            _, endpoint = start_cloud(self.home, self.options.cloud_port, started=self._started)
            self._remember(replace(self.state, endpoint=endpoint))
            notes.append(endpoint)
        return Clients(endpoint)

    def _dashboard(self, lamplight: Mapping[str, str], orders: Mapping[str, str]) -> Child:
        """Started early, as it needs seconds to be ready while the next steps go on."""
        environment = dashboard_environment(self.endpoint, lamplight["TableName"], orders)
        child, url = start_dashboard(self.home, environment, self.options.port)
        self._remember(replace(self.state, dashboard=url))
        self._started(child)
        return child

    def _traffic(self) -> None:
        environment = clean_environment() | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "DEMO_ORDERS_STACK": ORDERS_STACK,
            "DEMO_SEED": str(self.options.seed),
        }
        self._started(start("traffic", python("-m", "demo.traffic"), environment, ROOT, self.home.logs / "traffic.log"))

    @property
    def endpoint(self) -> str:
        return self.state.endpoint or ""

    def _started(self, child: Child) -> None:
        self._remember(self.state.with_child(child))

    def _remember(self, state: State) -> None:
        self.state = state
        self.home.remember(state)


def up(home: Home, options: Options, say: Callable[[str], None] = click.echo) -> None:
    """Bring the demo up and stay until a signal ends it; then leave nothing behind.

    Raises AlreadyRunning, or DemoError when a step fails or a part ends on its own."""
    with home.held(), _interruptible(), _cleaned_up(home, say):
        stale = home.clean_up()
        if stale:
            say(f"Cleaned up after a demo that was killed: {', '.join(child.name for child in stale)}.")
        home.prepare()
        demo = Demo(home, options, Steps())
        demo.bring_up()
        say(f"Ready after {demo.steps.seconds():.1f} s. Ctrl-C stops everything.")
        say(demo.state.dashboard or demo.endpoint)
        demo.ready()
        demo.watch()


@contextlib.contextmanager
def _cleaned_up(home: Home, say: Callable[[str], None]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say("\nStopping ...")
    finally:
        for number in SIGNALS:  # a second Ctrl-C must not leave half of it running; stopping is bounded
            signal.signal(number, signal.SIG_IGN)
        home.clean_up()
        stop(own())
    say("Stopped; nothing is left running.")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C, a closed terminal and a polite kill all end the demo in the same way."""
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
