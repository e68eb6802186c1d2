"""The status of a demo, for people and for scripts."""

from __future__ import annotations

from pathlib import Path

from demo.home import Home, State
from demo.status import Status, lines, status

FOLDER = Path(".demo")


def test_a_demo_that_was_never_started_does_not_run(tmp_path):
    assert status(Home(tmp_path)) == Status(running=False)


def test_a_demo_whose_state_outlived_it_does_not_run(tmp_path):
    home = Home(tmp_path)
    home.remember(State(endpoint="http://127.0.0.1:4566", ready=True))

    assert status(home) == Status(running=False)


def test_a_demo_that_is_starting_says_so_and_asks_no_cloud(tmp_path):
    home = Home(tmp_path)
    home.remember(State(endpoint="http://127.0.0.1:1"))

    with home.held():
        known = status(home)

    assert (known.running, known.ready, known.table) == (True, False, None)
    assert lines(known, FOLDER)[0] == "starting"


def test_people_are_told_how_to_start_it():
    assert lines(Status(running=False), FOLDER) == [
        "The demo in .demo is not running. Start it with `python -m demo up`."]


def test_only_what_is_known_is_listed():
    known = Status(running=True, ready=True, endpoint="http://127.0.0.1:4566", queues=("one", "two"))

    assert lines(known, FOLDER) == [
        "running, first collection still going", "  endpoint   http://127.0.0.1:4566", "  region     us-east-1",
        "  queues     one, two"]
