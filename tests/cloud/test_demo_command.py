"""`python -m demo` as people and scripts use it: up, a second up, status, down, and a kill in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.home import ROOT, Home
from demo.processes import is_ours, wait_until

pytestmark = pytest.mark.cloud
LEAN = ("--no-dashboard", "--no-history", "--no-traffic", "--cloud-port", "26566")


def demo(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "demo", *words, "--home", str(home.folder)], cwd=ROOT, timeout=120,
                          capture_output=True, text=True, check=False)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "demo")
    yield home
    demo(home, "down")
    assert not home.is_held()


def test_it_comes_up_says_what_it_is_and_goes_down_without_leaving_a_process(home):
    assert demo(home, "status").returncode == 3

    up = demo(home, "up", "--detach", *LEAN)
    assert up.returncode == 0, up.stdout + up.stderr
    known = json.loads(demo(home, "status", "--json").stdout)
    children = home.state().children

    assert known["ready"] and known["table"] == "lamplight" and known["dashboard"] is None
    assert up.stdout.splitlines()[-1] == known["endpoint"]
    assert "orders-fulfilment-dlq" in known["queues"]
    assert "lamplight-collect-logs" in known["functions"]
    assert "already running. Stop it" in demo(home, "up", *LEAN).stdout
    assert "nothing is left running" in demo(home, "down").stdout
    assert not any(is_ours(child) for child in children)
    assert "not running" in demo(home, "down").stdout


def test_after_a_kill_the_next_down_cleans_up_what_was_left(home):
    assert demo(home, "up", "--detach", *LEAN).returncode == 0
    state = home.state()
    assert state.supervisor
    os.kill(state.supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: not home.is_held(), 10)
    assert all(is_ours(child) for child in state.children)

    assert "Cleaned up after a demo that was killed: cloud." in demo(home, "down").stdout

    assert not any(is_ours(child) for child in state.children)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_of_asking_it_to_end_ends_it(home, number):
    with subprocess.Popen([sys.executable, "-m", "demo", "up", *LEAN, "--home", str(home.folder)], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert wait_until(lambda: bool(home.state().children), 30)
        children = home.state().children
        running.send_signal(number)
        output, _ = running.communicate(timeout=30)

    assert running.returncode == 0, output
    assert "Stopped; nothing is left running." in output
    assert not any(is_ours(child) for child in children)
