from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.attention import Finding, Kind
from tests.dashboard.conftest import read


def drawn(findings):
    def script(shown):
        from dashboard.components.findings_list import findings_list
        findings_list(shown, "24 h")

    return AppTest.from_function(script, args=(findings,)).run()


def test_nothing_to_do_is_said_and_not_left_blank():
    assert "Nothing needs attention" in read(drawn([]))


def test_only_the_worst_eight_are_listed_and_the_rest_counted():
    app = drawn([Finding(Kind.TIMEOUT, f"function-{n}", "timed out 1×", 1.0) for n in range(11)])
    assert len(app.get("page_link")) == 8
    assert "and 3 smaller ones" in read(app)


def test_names_and_messages_stay_text():
    app = drawn([Finding(Kind.ERRORS, "a[b](http://evil)", "5 % errors", 1.0, "E: **x**", "aa" * 8)])
    labels = [link.proto.label for link in app.get("page_link")]
    assert labels == ["**a\\[b\\]\\(http:\u2060//evil\\)**", "E: \\*\\*x\\*\\*"]
