"""What all tests share."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from demo.cloud import start_cloud
from demo.home import Home
from demo.processes import stop


@pytest.fixture
def entry_point() -> Callable[[str], ModuleType]:
    """Loads `lambda/<name>.py` by string, as AWS does: `lambda` is a keyword and cannot be imported."""
    return lambda name: importlib.import_module(f"lambda.{name}")


@pytest.fixture(scope="session")
def ministack_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One empty embedded cloud for the whole session: its endpoint, such as `http://127.0.0.1:4566`."""
    home = Home(tmp_path_factory.mktemp("cloud"))
    home.logs.mkdir(parents=True)
    home.scratch.mkdir(parents=True)
    child, endpoint = start_cloud(home, first_port=24566)
    yield endpoint
    stop([child])
