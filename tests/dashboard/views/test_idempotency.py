from __future__ import annotations

import pickle

import pytest

from store.errors import PermissionDenied
from tests.builders import NOW
from tests.dashboard.conftest import read
from tests.dashboard.desk import RECORDS, choose

SOON = NOW // 1000 + 600
STUCK = {"id": "pay#stuck", "status": "INPROGRESS", "expiration": SOON}
DONE = {"id": "pay#done", "status": "COMPLETED", "expiration": SOON + 60, "data": '{"ok": "<b>yes</b>"}'}
CUT = {"id": "pay#cut", "status": "INPROGRESS", "expiration": SOON, "in_progress_expiration": NOW - 1}


def keys(page):
    return list(page.dataframe[0].value["key"])


def test_without_a_table_the_page_says_how_to_name_one(cloud, opened):
    assert "No idempotency table is configured" in read(opened("idempotency"))


def test_an_empty_table_holds_no_record_and_nothing_in_progress(desk, opened):
    desk.records()
    assert "This table holds no record" in read(opened("idempotency"))
    assert "No record is in progress" in read(opened("idempotency", show="In progress"))


def test_records_say_what_the_next_attempt_meets(desk, opened):
    desk.records(STUCK, DONE, CUT)
    rows = opened("idempotency").dataframe[0].value.set_index("key")
    assert rows.loc["pay#done", "state"] == "○ completed"
    assert rows.loc["pay#done", "next"] == "gets the stored result"
    assert rows.loc["pay#stuck", "next"] == "is refused, although nothing runs"
    assert rows.loc["pay#cut", "state"] == "▲ timed out"


def test_in_progress_leaves_what_is_held_stuck_ones_first(desk, opened):
    desk.records(CUT, DONE, STUCK)
    assert keys(opened("idempotency", show="In progress")) == ["pay#stuck", "pay#cut"]


@pytest.mark.parametrize("params", [{"show": "<b>", "table": "no-such-table"}, {"show": "x" * 5_000, "key": ""}])
def test_a_hostile_link_shows_the_default_view(desk, opened, params):
    desk.records(DONE)
    assert keys(opened("idempotency", **params)) == ["pay#done"]


def test_of_several_tables_the_link_chooses_one(desk, opened):
    desk.records(DONE)
    desk.become(idempotency_tables=("missing-table", RECORDS))
    assert keys(opened("idempotency", table=RECORDS)) == ["pay#done"]
    page = opened("idempotency")
    assert "missing-table" in read(page)
    assert "Which key does a payload have?" in [one.label for one in page.expander]


def test_a_record_is_told_in_words_with_its_stored_result(desk, opened):
    desk.records(DONE)
    page = choose(opened("idempotency"), 0, 0)
    assert "It ran. Duplicates get the stored result until" in read(page)
    assert '{"ok": "<b>yes</b>"}' in [code.value for code in page.code]


def test_a_key_in_the_link_is_looked_up(desk, opened):
    desk.records(DONE)
    assert "It ran." in read(opened("idempotency", key="pay#done"))
    assert "There is no record of this key" in read(opened("idempotency", key="**nope** <b>"))


def test_rows_stay_while_others_write(desk, opened):
    desk.records(DONE)
    page = choose(opened("idempotency"), 0, 0)
    desk.records({**DONE, "id": "pay#newer", "expiration": SOON + 900})
    from dashboard import reads_recover
    reads_recover.forget_records()
    page.run()
    assert keys(page) == ["pay#done"]
    assert "It ran." in read(page)
    desk.clock.advance(1)
    page.button(key="refresh_records").click().run()
    assert keys(page) == ["pay#newer", "pay#done"]
    held = page.session_state["records_snapshot"]
    assert pickle.loads(pickle.dumps(held)) == held


def test_a_large_table_says_that_not_all_was_read(desk, opened, monkeypatch):
    monkeypatch.setattr("operations.idempotency.SCAN_ITEMS", 1)
    desk.records(DONE, STUCK)
    assert "The newest of the first 1 rows; the table holds more" in read(opened("idempotency"))


def test_a_denied_table_names_the_permission(desk, opened, monkeypatch):
    def denied(*_):
        raise PermissionDenied("Not allowed: dynamodb:Scan on orders-idempotency.", "Grant dynamodb:Scan.")
    desk.records(DONE)
    monkeypatch.setattr("dashboard.reads_recover.records", denied)
    assert "dynamodb:Scan" in read(opened("idempotency"))


def test_hostile_records_stay_text(desk, opened):
    name = "<b>x</b> :red[y] \u202eevil"
    desk.records({**DONE, "id": name, "status": "**ODD**", "expiration": "soon"})
    page = choose(opened("idempotency"), 0, 0)
    assert page.code[0].value == name
    assert page.dataframe[0].value["state"][0] == "▲ unknown"
    said = "\n".join(part.value for part in [*page.markdown, *page.caption])
    assert ":red[" not in said
    assert "**ODD**" not in said


def test_the_key_of_a_payload_is_computed_as_the_library_does(desk, opened):
    page = opened("idempotency")
    page.text_area[0].input('{"a": 1}')
    page.text_input[0].input("pay").run()
    assert page.code[-1].value.startswith("pay#")
    page.text_area[0].input("{broken").run()
    assert "The payload is not JSON" in read(page)
