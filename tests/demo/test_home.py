"""One demo at a time per folder, and a killed one is found and cleaned up, strangers excepted."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from demo.errors import AlreadyRunning
from demo.home import Home, State
from demo.processes import Child, is_ours, python, start, stop

ENDLESS = "import signal; signal.pause()"


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "demo")
    home.prepare()
    return home


@pytest.fixture
def child(home):
    child = start("cloud", python("-c", ENDLESS), dict(os.environ), home.folder, home.logs / "cloud.log")
    yield child
    stop([child])


def test_a_state_comes_back_as_it_was_written(home):
    state = State(Child("supervisor", 1, "2", "three"), (Child("cloud", 4, "5", "six"),), "http://a", "http://b", True)

    home.remember(state)

    assert home.state() == state


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"children": 3}', '{"supervisor": null, "children": [{}]}',
                                  '{"supervisor": null, "children": [], "unheard": 1}'])
def test_a_state_file_that_makes_no_sense_is_no_state(home, text):
    (home.folder / "state.json").write_text(text)

    assert home.state() == State()


def test_a_second_try_of_a_child_replaces_the_first():
    first, second = Child("cloud", 1, "1", "a"), Child("cloud", 2, "2", "b")

    assert State().with_child(first).with_child(second).children == (second,)


def test_a_folder_is_held_once_and_says_where_the_dashboard_is(home):
    home.remember(State(dashboard="http://127.0.0.1:8501"))

    with home.held():
        assert home.is_held()
        with pytest.raises(AlreadyRunning, match="http://127.0.0.1:8501"), home.held():
            raise AssertionError("held twice")

    assert not home.is_held()


def test_a_folder_nobody_used_is_not_held(tmp_path):
    assert not Home(tmp_path / "absent").is_held()


def test_what_a_killed_demo_left_is_stopped_and_forgotten(home, child):
    home.remember(State(children=(child,)))

    assert home.clean_up() == [child]

    assert not is_ours(child)
    assert home.state() == State()
    assert not home.scratch.exists()


def test_a_stranger_with_a_remembered_number_survives_the_clean_up(home, child):
    home.remember(State(children=(replace(child, command="python -m ministack"),)))

    assert home.clean_up() == []

    assert is_ours(child)


def test_cleaning_up_nothing_is_quiet(home):
    assert home.clean_up() == []
