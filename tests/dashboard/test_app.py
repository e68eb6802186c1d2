"""The whole dashboard: the bar over a page, and what stands there when something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from store.errors import EndpointUnreachable, PermissionDenied, TableMissing, Throttled
from store.table import Table
from tests.dashboard.conftest import SLOWEST_S, read

APP = str(Path(__file__).parents[2] / "dashboard/app.py")


def run():
    app = AppTest.from_file(APP, default_timeout=SLOWEST_S).run()
    assert not app.exception
    return app


@pytest.fixture
def unset(monkeypatch):
    """An environment without our settings, and no connection left from before."""
    monkeypatch.delenv("LAMPLIGHT_TABLE", raising=False)
    st.cache_resource.clear()
    return monkeypatch


def test_the_first_page_is_the_overview_with_its_bar(bad_day):
    words = read(run())
    assert "Needs attention" in words
    assert "123456789012 · eu-central-1 · UTC" in words
    assert "live with problems, 35 s ago" in words


def test_before_any_collector_ran_the_bar_says_so(cloud):
    assert "no collector has run yet" in read(run())


def test_a_missing_setting_is_named_with_what_to_do(unset):
    app = run()
    assert "Setting LAMPLIGHT_TABLE is not set." in read(app)
    assert "Set it to the table's name" in read(app)
    assert not app.title


def test_a_wrong_setting_is_named(unset):
    unset.setenv("LAMPLIGHT_TABLE", "lamplight")
    unset.setenv("LAMPLIGHT_REFRESH_SECONDS", "often")
    assert "LAMPLIGHT_REFRESH_SECONDS must be a whole number from 2 to 300" in read(run())


@pytest.mark.parametrize("fault", [
    TableMissing("There is no lamplight in this account and region.", "Deploy the stack."),
    EndpointUnreachable("No answer from http://localhost:4566.", "Check AWS_ENDPOINT_URL."),
    PermissionDenied("Not allowed: dynamodb:Query on lamplight.", "Give this role dynamodb:Query."),
    Throttled("lamplight is throttled.", "It will be tried again."),
])
def test_a_store_that_fails_during_a_page_is_a_sentence_in_its_place(bad_day, monkeypatch, fault):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(Table, "query", fail)
    app = run()
    assert str(fault) in read(app)
    assert fault.advice in read(app)
    assert "Traceback" not in read(app)
