from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from dashboard import state
st.session_state["seen"] = [state.range_name(), state.text("q"), state.fingerprint(), state.whole("page", 1, 1, 50),
                            str(state.zone())]
"""


def seen(**params):
    app = AppTest.from_string(SCRIPT)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run().session_state["seen"]


def test_a_link_without_parameters_means_the_defaults():
    assert seen() == ["24h", "", "", 1, "UTC"]


def test_a_link_is_read_as_it_was_written():
    assert seen(range="7d", q="checkout", id="aa00112233445566", page="3")[:4] == ["7d", "checkout",
                                                                                  "aa00112233445566", 3]


@pytest.mark.parametrize("hostile", ["999999d", "../../etc/passwd", "<script>", "a" * 10_000, "1\n2", "９"])
def test_hostile_values_fall_back_to_defaults(hostile):
    found = seen(range=hostile, id=hostile, page=hostile)
    assert (found[0], found[2]) == ("24h", "")
    assert 1 <= found[3] <= 50


def test_text_that_is_too_long_or_not_printable_is_dropped():
    assert seen(q="x" * 257)[1] == ""
    assert seen(q="a\x00b")[1] == ""


def test_a_number_is_clamped_to_what_is_allowed():
    assert seen(page="99999999")[3] == 50
    assert seen(page="-5")[3] == 1


def test_what_is_remembered_stands_in_the_link_until_it_is_emptied():
    script = "from dashboard import state\nstate.remember('name', 'checkout')\nstate.remember('gone', '')"
    app = AppTest.from_string(script)
    app.query_params["gone"] = "x"
    app.run()
    assert app.query_params["name"] == "checkout"
    assert "gone" not in app.query_params
