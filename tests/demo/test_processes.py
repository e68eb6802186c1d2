"""Children are started apart, known by more than a number, and stopped for certain."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import pytest

from demo.errors import DemoError
from demo.processes import exited, identity, is_ours, own, python, remembered, start, stop, wait_until

ENDLESS = "import signal; signal.pause()"
STUBBORN = ("import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True);"
            "signal.pause()")
PARENT = (f"import subprocess, sys; below = subprocess.Popen([sys.executable, '-c', {ENDLESS!r}]);"
          "print(below.pid, flush=True); below.wait()")


@pytest.fixture
def launch(tmp_path):
    started = []

    def go(code, name="child"):
        child = start(name, python("-c", code), dict(os.environ), tmp_path, tmp_path / f"{name}.log")
        started.append(child)
        return child

    yield go
    stop(started, grace_s=0.2)


def test_a_child_leads_its_own_session_so_that_a_ctrl_c_does_not_reach_it(launch):
    child = launch(ENDLESS)

    assert os.getsid(child.pid) == child.pid != os.getsid(0)


def test_a_child_is_ours_until_it_is_stopped(launch):
    child = launch(ENDLESS)
    assert is_ours(child)
    assert child.pid in {one.pid for one in own()}

    assert stop([child]) == [child]

    assert not is_ours(child)
    assert exited(child)
    assert child.pid not in {one.pid for one in own()}


def test_a_child_that_ignores_sigterm_is_killed(launch, tmp_path):
    child = launch(STUBBORN)
    assert wait_until(lambda: "deaf" in (tmp_path / "child.log").read_text(), 10)

    stop([child], grace_s=0.2)

    assert identity(child.pid) is None


def test_what_a_child_started_ends_with_it(launch, tmp_path):
    child = launch(PARENT)
    log = tmp_path / "child.log"
    assert wait_until(lambda: log.read_text().endswith("\n"), 10)
    below = int(log.read_text())
    assert identity(below) is not None

    stop([child])

    assert identity(below) is None


@pytest.mark.parametrize("other", [{"started": "0"}, {"command": "something else"}])
def test_a_process_that_took_over_the_number_is_left_alone(launch, other):
    child = launch(ENDLESS)
    stranger = replace(child, **other)

    assert stop([stranger]) == []

    assert is_ours(child)


def test_a_process_that_ended_at_once_is_said_to_have(launch):
    child = launch(ENDLESS)
    stop([child])

    with pytest.raises(DemoError, match=r"The gone ended at once\."):
        remembered("gone", child.pid)


def test_the_output_of_a_child_goes_to_its_log(launch, tmp_path):
    launch(f"print('hello from below', flush=True); {ENDLESS}", name="talker")

    assert wait_until(lambda: "hello from below" in (tmp_path / "talker.log").read_text(), 10)


def test_waiting_gives_up_after_its_time():
    assert not wait_until(lambda: False, 0.01)


def test_this_process_knows_itself():
    me = remembered("me", os.getpid())

    assert is_ours(me)
    assert sys.executable.rsplit("/", 1)[-1][:6] in me.command


def test_a_child_is_remembered_by_the_command_it_was_started_with(launch):
    children = [launch(ENDLESS, name=f"child-{number}") for number in range(10)]

    assert {child.command for child in children} == {" ".join(python("-c", ENDLESS))}
