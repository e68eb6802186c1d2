from __future__ import annotations

import pickle

import pytest
import streamlit as st

from store.errors import Throttled
from store.recovery import Custody, LetterState
from tests.builders import NOW, QUEUE
from tests.dashboard.conftest import read
from tests.dashboard.desk import choose

CAUSES, LETTERS = 0, 1


def redrive_button(page):
    return page.button(key="open_redrive")


def messages(page):
    return list(page.dataframe[LETTERS].value["message"])


def test_without_a_queue_the_page_says_who_looks_for_them(cloud, opened):
    assert "No dead-letter queue is known yet" in read(opened("dead_letters"))


def test_an_empty_queue_is_good_news(desk, opened):
    page = opened("dead_letters")
    assert "No dead letter waits in orders-fulfil-dlq" in read(page)
    assert "0 messages waiting" in read(page)
    assert "No message has died" in read(opened("dead_letters", show="All"))


def test_causes_come_first_and_lead_to_their_messages(bad_day, opened):
    page = opened("dead_letters", queue="checkout-fulfil-dlq")
    (cause,) = page.dataframe[CAUSES].value.to_dict("records")
    assert (cause["cause"], cause["function"], cause["messages"]) == ("KeyError: 'sku'", "checkout-fulfil", 35)
    assert len(page.dataframe[LETTERS].value) == 35
    assert "35 messages waiting" in read(page)


def test_a_watched_queue_is_not_looked_into(bad_day, opened):
    page = opened("dead_letters", queue="ledger-dlq")
    assert "About 7 messages wait in ledger-dlq, which is watched, and none of them was seen yet" in read(page)
    assert not page.dataframe


@pytest.mark.parametrize(("visible", "said"), [(None, "Some messages wait"), (1, "About 1 message waits")])
def test_a_watched_queue_says_no_more_than_sqs_does(desk, opened, visible, said):
    desk.queue(custody=Custody.WATCHED, visible=visible)
    assert said in read(opened("dead_letters"))


def test_choosing_a_cause_leaves_its_messages_and_stands_in_the_link(desk, opened):
    desk.letter("m-1", error_type="KeyError")
    desk.letter("m-2", error_type="Timeout")
    page = choose(opened("dead_letters"), CAUSES, 1)
    assert messages(page) == ["m-2"]
    linked = opened("dead_letters", cause=page.query_params["cause"])
    assert messages(linked) == ["m-2"]
    page = choose(linked, CAUSES)
    assert (len(messages(page)), "cause" in page.query_params) == (2, False)


@pytest.mark.parametrize("params", [
    {"queue": "no-such-queue", "show": "Everything", "cause": "<b>"}, {"queue": "x" * 5_000, "cause": "\u202e"},
    {"q": "", "show": "", "queue": ""},
])
def test_a_hostile_link_shows_the_default_view(desk, opened, params):
    desk.letter()
    page = opened("dead_letters", **params)
    assert messages(page) == ["m-1"]
    assert page.query_params["queue"] == QUEUE


def test_a_link_chooses_queue_view_and_filter(bad_day, opened):
    page = opened("dead_letters", queue="checkout-fulfil-dlq", show="All", q="88137 gold")
    assert list(page.dataframe[LETTERS].value["state"]) == ["succeeded"]
    assert "Nothing matches this filter" in read(opened("dead_letters", queue="checkout-fulfil-dlq", q="no such"))


def test_rows_never_move_under_a_selection(desk, opened):
    desk.letter("m-1")
    page = choose(opened("dead_letters"), LETTERS, 0)
    desk.letter("m-2", captured_at=NOW + 1, sent_at=NOW + 1)
    time_passes()
    page.run()
    assert messages(page) == ["m-1"]
    assert "2 messages waiting now, 1 when this list was read" in read(page)
    assert redrive_button(page).label == "Redrive 1 message…"
    desk.clock.advance(1)
    page.button(key="refresh_letters").click().run()
    assert messages(page) == ["m-2", "m-1"]
    assert redrive_button(page).label == "Redrive…"


def test_a_new_visit_reads_anew(desk, opened):
    desk.letter("m-1")
    page = opened("dead_letters")
    desk.letter("m-2", captured_at=NOW + 1)
    time_passes()
    del page.session_state["refresh_letters"]  # what leaving the page does
    page.run()
    assert len(messages(page)) == 2


def test_letters_in_a_redrive_are_not_offered_again(desk, opened):
    for name in ("m-1", "m-2"):
        desk.letter(name)
    desk.ask("m-1")
    page = opened("dead_letters")
    assert messages(page) == ["m-2"]
    assert "1 message waiting, 1 being redriven" in read(page)
    desk.ask("m-2", job_id="job-2")
    time_passes()
    assert "Every message of orders-fulfil-dlq is being redriven" in read(opened("dead_letters"))


def test_one_ticked_or_clicked_letter_is_looked_into(desk, opened):
    desk.letter("m-1", body="one")
    desk.letter("m-2", body="two", captured_at=NOW - 1, sent_at=NOW - 61_000)
    page = choose(opened("dead_letters"), LETTERS, 0)
    assert [code.value for code in page.code] == ["one"]
    assert not choose(page, LETTERS, 0, 1).code
    page = choose(page, LETTERS, 0, cell=(1, "body"))
    assert [code.value for code in page.code] == ["two"]
    assert "1 selected" in read(page)


def test_select_all_takes_what_is_shown(desk, opened):
    for number in range(12):
        desk.letter(f"m-{number}", body="odd" if number % 2 else "even")
    page = opened("dead_letters", q="odd")
    page.checkbox[0].check().run()
    assert redrive_button(page).label == "Redrive 6 messages…"


def test_the_button_freezes_exactly_the_selection(desk, opened):
    for name in ("m-1", "m-2", "m-3"):
        desk.letter(name)
    page = opened("dead_letters")
    shown = messages(page)
    page = choose(page, LETTERS, 0, 2)
    redrive_button(page).click().run()
    assert page.session_state["redrive_request"].message_ids == (shown[0], shown[2])
    first = page.session_state["redrive_request"].job_id
    redrive_button(page).click().run()
    assert page.session_state["redrive_request"].job_id != first
    for name in ("redrive_request", "letters_snapshot"):  # what a session holds must survive a move to another server
        held = page.session_state[name]
        assert pickle.loads(pickle.dumps(held)) == held


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_only_those_who_may_can_press_redrive(desk, opened, role, writes):
    desk.letter()
    desk.become(role=role, writes=writes)
    page = choose(opened("dead_letters"), LETTERS, 0)
    allowed = writes and role != "viewer"
    assert redrive_button(page).disabled is not allowed
    reason = "" if allowed else "takes the role operator; yours is viewer" if writes else "Writes are off here"
    assert reason in read(page)


def test_hostile_bodies_and_causes_stay_text(desk, opened):
    desk.letter(body="**bold** <b>html</b> :red[x] \u202eevil [x](http://evil)", error_type="<img src=x>",
                error_message=":red[x] **b** www.evil.com")
    page = choose(opened("dead_letters"), LETTERS, 0)
    assert page.code[0].value == "**bold** <b>html</b> :red[x] \u202eevil [x](http://evil)"
    heading = page.subheader[0].value
    assert ":red[" not in heading
    assert "\\<img" in heading
    assert "www." not in heading
    assert "<img src=x>: :red[x]" in page.dataframe[CAUSES].value["cause"][0]


def test_a_long_list_says_that_it_is_not_all(desk, opened, monkeypatch):
    monkeypatch.setattr("dashboard.reads_recover.MOST_LETTERS", 2)
    for number in range(3):
        desk.letter(f"m-{number}")
    assert "3 messages waiting, the newest 2 are listed" in read(opened("dead_letters"))
    assert "2 messages, dealt with or not, the newest 2 at most" in read(opened("dead_letters", show="All"))


def test_a_letter_back_from_a_redrive_shows_both_lives(desk, opened):
    desk.letter("m-1", state=LetterState.RETURNED, next=f"{QUEUE}/m-2", job_id="job-1")
    desk.letter("m-2", life=2, previous=f"{QUEUE}/m-1", captured_at=NOW + 9, sent_at=NOW + 5)
    page = opened("dead_letters", show="All")
    assert list(page.dataframe[LETTERS].value["state"]) == ["dead", "returned"]
    shown = read(choose(page, LETTERS, 0))
    assert "Life 2 of this message." in shown
    assert shown.index("orders-fulfil-dlq     m-1") < shown.index("orders-fulfil-dlq     m-2")


def test_a_table_that_does_not_answer_is_a_sentence_beside_the_list(desk, opened, monkeypatch):
    def throttled(*_):
        raise Throttled("The table is busy.", "Try again in a minute.")
    desk.letter()
    page = opened("dead_letters")
    monkeypatch.setattr("dashboard.reads_recover.waiting_count", throttled)
    page.run()
    assert "The table is busy" in read(page)
    assert messages(page) == ["m-1"]


def time_passes():
    """Answers that stand for seconds have gone stale."""
    st.cache_data.clear()
