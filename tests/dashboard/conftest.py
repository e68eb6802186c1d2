"""Pages as a reader sees them: run without a browser, on a table of their own."""

from __future__ import annotations

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
from tests.dashboard.seed import seed
from tests.tables import create_table

EMPTY, FULL = "lamplight-empty", "lamplight-full"
SLOWEST_S = 30
"""A first run imports pandas and Plotly on a busy machine; later ones take a tenth of a second."""


@pytest.fixture(scope="package")
def tables() -> Iterator[None]:
    """Two tables in an account of moto's: an empty one, and one seeded with a bad day. Tests only read them."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                            "AWS_REGION": PLACE.region, "AWS_DEFAULT_REGION": PLACE.region}.items():
            environment.setenv(name, value)
        client = boto3.client("dynamodb", region_name=PLACE.region)
        for name in (EMPTY, FULL):
            create_table(client, name)
        seed(Table(client, FULL, FakeClock()), PLACE, NOW, hours=26)
        yield


@pytest.fixture
def cloud(tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Nothing has been read yet."""
    yield from _looking_at(EMPTY, monkeypatch)


@pytest.fixture
def bad_day(tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The day the bad version of checkout-fulfil went out."""
    yield from _looking_at(FULL, monkeypatch)


def _looking_at(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    connection = connect(Settings(name, writes=True, role="operator", actor="ada@example.com"), FakeClock())
    monkeypatch.setattr("dashboard.clients.connection", lambda: connection)
    st.cache_data.clear()
    yield connection
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
