from __future__ import annotations

from streamlit.testing.v1 import AppTest

from store.records import Status
from tests.builders import an_invocation
from tests.dashboard.conftest import read


def drawn(invocation):
    def script(shown):
        from datetime import UTC

        from dashboard.components.invocation_detail import invocation_detail
        invocation_detail(shown, UTC)

    return AppTest.from_function(script, args=(invocation,)).run()


def test_log_lines_are_shown_as_text_only():
    app = drawn(an_invocation(status=Status.ERROR, lines=("<script>alert(1)</script>", "![x](http://evil)")))
    assert app.code[1].value == "<script>alert(1)</script>\n![x](http://evil)"
    assert "evil" not in "".join(str(part.value) for part in app.markdown)


def test_what_is_known_stands_in_one_line_and_ids_can_be_copied():
    app = drawn(an_invocation(trace_id="1-5f-abc"))
    assert "ok at 23 Nov 18:53:20 · took 120 ms · used 91 MB of 512 MB · version 7" in read(app)
    assert "8f507cfc-0000-4697-b07a-ac58fc914c95" in app.code[0].value
    assert "1-5f-abc" in app.code[0].value


def test_absent_facts_are_dashes():
    words = read(drawn(an_invocation(duration_ms=None, max_memory_mb=None, memory_mb=None, version=None)))
    assert "took – · used – of – · version unknown" in words
    assert "No log lines are kept" in words


def test_a_stack_stands_in_for_lines_that_were_not_kept():
    assert drawn(an_invocation(status=Status.CRASH, stack="at handler")).code[1].value == "at handler"
