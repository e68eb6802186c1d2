from __future__ import annotations

from streamlit.testing.v1 import AppTest


def drawn(chosen):
    def script(name):
        from dashboard.components.row_link import row_link, slot
        room = slot()
        row_link(room, "function", name, name=name or "")

    return AppTest.from_function(script, args=(chosen,)).run()


def test_without_a_choice_the_line_says_how_to_choose():
    app = drawn(None)
    assert [caption.value for caption in app.caption] == ["Click a row to choose it."]


def test_a_choice_is_a_real_link_to_its_page():
    (link,) = drawn("checkout").get("page_link")
    assert (link.proto.page, link.proto.query_string) == ("function", "name=checkout")
