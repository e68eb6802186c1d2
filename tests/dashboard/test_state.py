from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from dashboard import state
st.session_state["seen"] = [state.range_name(), state.text("q"), state.fingerprint(), str(state.zone())]
"""


def seen(**params):
    app = AppTest.from_string(SCRIPT)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run().session_state["seen"]


def test_a_link_without_parameters_means_the_defaults():
    assert seen() == ["24h", "", "", "UTC"]


def test_a_link_is_read_as_it_was_written():
    assert seen(range="7d", q="checkout", id="aa00112233445566")[:3] == ["7d", "checkout", "aa00112233445566"]


@pytest.mark.parametrize("hostile", ["999999d", "../../etc/passwd", "<script>", "a" * 10_000, "1\n2", "９"])
def test_hostile_values_fall_back_to_defaults(hostile):
    found = seen(range=hostile, id=hostile)
    assert (found[0], found[2]) == ("24h", "")


def test_text_that_is_too_long_or_not_printable_is_dropped():
    assert seen(q="x" * 257)[1] == ""
    assert seen(q="a\x00b")[1] == ""


def test_the_bar_decides_over_the_link_once_it_was_used():
    app = AppTest.from_string(SCRIPT)
    app.query_params["range"] = "7d"
    app.session_state["range"] = "1h"
    assert app.run().session_state["seen"][0] == "1h"
