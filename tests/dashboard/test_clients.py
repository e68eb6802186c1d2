"""Several accounts and regions on one dashboard: the link says which, and every page is of that one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from moto import mock_aws
from streamlit.testing.v1 import AppTest

from store import dead_letters, functions, health, keys, places, rollups
from store.clock import HOUR_MS, floor_to
from store.places import KnownPlace
from store.records import Change, CollectorRun, Deploy, FunctionInfo, Place
from store.rollups import Rollup, Span
from tests.builders import NOW, PLACE, a_letter
from tests.dashboard.conftest import SLOWEST_S, _session, read
from tests.dashboard.desk import Desk

APP = str(Path(__file__).parents[2] / "dashboard/app.py")
OTHER = Place("444455556666", "eu-west-1")
HERE, THERE = "123456789012/eu-central-1", "444455556666/eu-west-1"


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with mock_aws():
        desk = Desk(_session())
        places.enter(desk.table, [KnownPlace(PLACE, home=True, seen_at=NOW), KnownPlace(OTHER, seen_at=NOW)])
        for place, name, failed in ((PLACE, "fulfil", 1), (OTHER, "fulfil", 30), (OTHER, "notify", 0)):
            functions.put(desk.table, FunctionInfo(place, name, "g", code_sha256="a", runtime="python3.13"))
            start = floor_to(NOW, HOUR_MS)
            rollups.put(desk.table, Rollup(place, name, start, Span.HOUR, 100,
                                           {"ok": 100 - failed, "error": failed}, weight=200))
            health.put_run(desk.table, CollectorRun(place, "logs", NOW - 20_000, 1, 1, 1))
        monkeypatch.setattr("dashboard.clients.home", lambda: desk.connection)
        st.cache_data.clear()
        yield desk
        st.cache_data.clear()


def opened(**params: str) -> AppTest:
    """The whole dashboard's first page."""
    return _run(AppTest.from_file(APP, default_timeout=SLOWEST_S), params)


def view(name: str, /, **params: str) -> AppTest:
    return _run(AppTest.from_string(f"from dashboard.views import {name}\n{name}.page()", default_timeout=SLOWEST_S),
                params)


def linked(app: AppTest) -> str:
    """The place in the link; AppTest gives a list for what the page put there."""
    said = app.query_params["place"]
    return said if isinstance(said, str) else said[0]


def _run(app: AppTest, params: dict[str, str]) -> AppTest:
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_a_link_without_a_place_is_of_the_account_we_are_in_and_says_so_from_then_on(two_places):
    app = opened()
    assert "123456789012 · eu-central-1 · UTC" in read(app)
    assert app.selectbox[0].options == [HERE, THERE, "all places"]
    assert (app.selectbox[0].value, linked(app)) == (HERE, HERE)
    assert "notify" not in read(app)


def test_the_choice_in_the_bar_changes_the_page_and_the_link(two_places):
    app = opened()
    app.selectbox[0].select(THERE).run()
    assert "444455556666 · eu-west-1 · UTC" in read(app)
    assert linked(app) == THERE
    assert "notify" in read(app)
    assert "30 (15.0 %)" in read(app)


def test_a_link_to_another_place_wins_over_what_was_chosen(two_places):
    app = opened(place=HERE)
    app.query_params["place"] = THERE
    app.run()
    assert (app.selectbox[0].value, "444455556666 · eu-west-1" in read(app)) == (THERE, True)


def test_a_page_reached_from_the_navigation_keeps_the_place(two_places):
    app = opened(place=THERE)
    del app.query_params["place"]  # the navigation's links say nothing of it
    app.run()
    assert (app.selectbox[0].value, linked(app)) == (THERE, THERE)


@pytest.mark.parametrize("hostile", ["1/nowhere", "../..", "x" * 300, "444455556666/", "[a](http://b)/c"])
def test_a_place_that_is_not_known_is_said_and_home_is_shown(two_places, hostile):
    app = opened(place=hostile)
    assert "123456789012 · eu-central-1" in read(app)
    assert app.selectbox[0].value == HERE
    assert ("is not known here" in read(app)) == (len(hostile) <= 256)


def test_with_one_place_there_is_nothing_to_choose_and_links_stay_short(two_places):
    for place in (PLACE, OTHER):
        two_places.table.delete(keys.known_place(place))
    st.cache_data.clear()
    app = opened()
    assert len(app.selectbox) == 0
    assert "place" not in app.query_params
    assert "123456789012 · eu-central-1" in read(opened(place="all places"))


def test_all_places_at_once_are_the_worst_first_with_their_places(two_places):
    app = opened(place="all places")
    words = read(app)
    assert "2 places · UTC" in words
    assert "Invocations 300" in words
    places_table, functions_table = (frame.value for frame in app.dataframe[:2])
    assert places_table[["account", "failures", "functions"]].values.tolist() == [
        ["444455556666", 30, 2], ["123456789012", 1, 1]]
    assert functions_table[["name", "place", "failures"]].values.tolist() == [
        ["fulfil", THERE, 30], ["fulfil", HERE, 1], ["notify", THERE, 0]]
    assert f"{THERE} ·] 30.0 % errors" in words


def test_health_shows_the_collectors_of_every_place(two_places):
    denied = "Not allowed: sts:AssumeRole on arn:r."
    for name in ("logs", "queues"):
        health.put_run(two_places.table, CollectorRun(OTHER, name, NOW - 20_000, 1, 0, 0, problems=(denied,)))
    app = view("health", place=HERE)
    assert list(app.dataframe[0].value["place"]) == [HERE, THERE, THERE]
    (warning,) = app.warning
    assert warning.value.replace("\\", "").replace("\u2060", "").startswith(
        f"**logs, queues in {THERE}**: Not allowed: sts:AssumeRole")
    assert f"Below: {HERE}." in read(app)


def test_a_letter_of_another_account_is_not_redriven_from_here(two_places):
    two_places.queue(place=OTHER, name="failures")
    dead_letters.capture(two_places.table, a_letter(place=OTHER, queue="failures"))
    app = view("dead_letters", place=THERE)
    assert "From here only account 123456789012 in eu-central-1 can be acted on" in read(app)
    (button,) = [one for one in app.button if one.key == "open_redrive"]
    assert button.disabled


def test_idempotency_tables_stand_where_they_stand(two_places):
    two_places.records()
    assert "whatever place is chosen" in read(view("idempotency", place=THERE))
    assert "whatever place is chosen" not in read(view("idempotency", place=HERE))


def test_a_page_about_one_place_asks_for_one(two_places):
    script = """
from dashboard import clients, reads
from dashboard.components import place_picker
place_picker.ask("Errors", reads.places(clients.connection()))
"""
    app = _run(AppTest.from_string(script), {"place": "all places"})
    assert [button.label for button in app.button] == [
        "Open **123456789012** · eu\\-central\\-1", "Open **444455556666** · eu\\-west\\-1"]
    app.button[1].click().run()
    assert linked(app) == THERE


def test_a_function_is_shown_as_it_is_configured_with_what_changed_and_when_it_was_deleted(two_places):
    info = FunctionInfo(OTHER, "fulfil", "g", code_sha256="a", runtime="python3.8", storage_mb=512,
                        deleted_at=NOW - 60_000)
    functions.put(two_places.table, info)
    functions.put_deploy(two_places.table, Deploy(OTHER, "fulfil", NOW - 60_000, "7", "a",
                                                  (Change("memory", "512 MB", "1,024 MB"),), code=False))
    app = view("function", name="fulfil", place=THERE)
    assert "Deleted, noticed 1 min ago" in app.info[0].value
    assert ":gray[ephemeral storage] 512 MB" in read(app)
    assert app.dataframe[-1].value[["what", "after"]].values.tolist() == [["memory", "1,024 MB"]]
    assert "deprecated" not in read(app)
    assert "Configuration" not in read(view("function", name="no-such", place=THERE))
