"""Pages as a reader sees them: run without a browser, on a table of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import boto3
import pytest
import streamlit as st
from moto import mock_aws
from streamlit.testing.v1 import AppTest

from store.clients import Connection, connect
from store.settings import Settings
from store.table import Table
from tests.builders import NOW, PLACE, FakeClock
from tests.dashboard.desk import Desk
from tests.dashboard.seed import seed
from tests.tables import create_table

EMPTY, FULL = "lamplight-empty", "lamplight-full"
SLOWEST_S = 30
"""A first run imports pandas and Plotly on a busy machine; later ones take a tenth of a second."""


@pytest.fixture(scope="session")
def tables(ministack_endpoint: str) -> tuple[str, str]:
    """Two tables: an empty one, and one seeded with a bad day. Tests only read them.

    They stand in the embedded cloud: a mock kept open for the session would swallow every other test's mock."""
    suffix = uuid.uuid4().hex[:8]
    empty, full = f"{EMPTY}-{suffix}", f"{FULL}-{suffix}"
    client = _session().client("dynamodb", endpoint_url=ministack_endpoint)
    for name in (empty, full):
        create_table(client, name)
    seed(Table(client, full, FakeClock()), PLACE, NOW, hours=26)
    client.close()
    return empty, full


@pytest.fixture
def cloud(tables: tuple[str, str], ministack_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Nothing has been read yet."""
    yield from _looking_at(tables[0], ministack_endpoint, monkeypatch)


@pytest.fixture
def bad_day(tables: tuple[str, str], ministack_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The day the bad version of checkout-fulfil went out."""
    yield from _looking_at(tables[1], ministack_endpoint, monkeypatch)


def _session() -> boto3.Session:
    return boto3.Session(PLACE.account, "test", region_name=PLACE.region)


def _looking_at(name: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    settings = Settings(name, writes=True, role="operator", actor="ada@example.com")
    connection = connect(settings, FakeClock(), _session())
    monkeypatch.setattr("dashboard.clients.connection", lambda: connection)
    st.cache_data.clear()
    yield connection
    st.cache_data.clear()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An account of its own, for tests that act."""
    with mock_aws():
        desk = Desk(_session())
        monkeypatch.setattr("dashboard.clients.connection", lambda: desk.connection)
        st.cache_data.clear()
        yield desk
        st.cache_data.clear()


@pytest.fixture
def opened() -> Callable[..., AppTest]:
    """`opened("errors", range="7d")`: one page, run once, as its link would open it."""
    return open_page


def open_page(page: str, /, **params: str) -> AppTest:
    app = AppTest.from_string(f"from dashboard.views import {page}\n{page}.page()", default_timeout=SLOWEST_S)
    for param, value in params.items():
        app.query_params[param] = value
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def read(app: AppTest) -> str:
    """Everything the page says in words, tables included, without the escapes that keep Markdown plain."""
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.code, *app.error, *app.warning]
    words = [str(part.value) for part in parts]
    words += [f"{metric.label} {metric.value} {metric.delta}" for metric in app.metric]
    words += [frame.value.to_string() for frame in app.dataframe]
    words += [link.proto.label for link in app.get("page_link")]
    return "\n".join(words).replace("\\", "").replace("\u2060", "")
