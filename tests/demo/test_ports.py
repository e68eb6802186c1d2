"""A busy port gives the next free one."""

from __future__ import annotations

import socket

import pytest

from demo.errors import DemoError
from demo.ports import TRIES, free_port, is_free


@pytest.fixture
def busy_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(busy_port):
    assert not is_free(busy_port)


def test_a_busy_port_gives_a_later_free_one(busy_port):
    found = free_port(busy_port)

    assert busy_port < found < busy_port + TRIES
    assert is_free(found)


def test_a_port_promised_to_someone_else_is_not_given_twice(busy_port):
    first = free_port(busy_port)

    assert free_port(busy_port, taken=[first]) > first


def test_no_free_port_is_said_in_a_sentence(busy_port):
    with pytest.raises(DemoError, match="No free port from"):
        free_port(busy_port, taken=range(busy_port, busy_port + TRIES))


def test_ports_end_where_numbers_end():
    with pytest.raises(DemoError, match="to 65535"):
        free_port(65535, taken=[65535])
