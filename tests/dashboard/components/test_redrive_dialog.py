from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from store.clock import HOUR_MS
from store.recovery import Destination, Way
from tests.builders import QUEUE
from tests.dashboard.conftest import read
from tests.dashboard.desk import REASON


@pytest.fixture
def gone(monkeypatch):
    """Where the dialog led to: (page, parameters)."""
    left: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr("dashboard.links.go", lambda page, **params: left.append((page, params)))
    return left


def opened(*message_ids):
    def script(queue, ids):
        import streamlit as st

        from dashboard import clients
        from dashboard.components.redrive_dialog import REQUEST, open_with, redrive_dialog
        if REQUEST not in st.session_state or st.session_state.get("again"):
            open_with(queue, ids)
        redrive_dialog(clients.connection())

    return AppTest.from_function(script, args=(QUEUE, message_ids), default_timeout=30).run()


def send(app, reason=REASON):
    app.text_area(key="redrive_reason").input(reason)
    return press(app)


def press(app):
    app.button[0].click().run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_it_says_what_goes_where_and_what_stays_and_why(desk):
    desk.letter("m-1")
    desk.letter("m-2", destination=Destination(Way.NONE, why_not="its stream record is <b>gone</b>"))
    desk.letter("m-3")
    desk.ask("m-3")
    app = opened("m-1", "m-2", "m-3")
    said = read(app)
    assert "3 messages from orders-fulfil-dlq".replace(" ", "") in said.replace("*", "").replace(" ", "")
    assert "1 will run: back to the queue" in said
    assert [one.label.split("] ")[1] for one in app.expander] == ["1 will stay: held by another job",
                                                                  "1 will stay: no way back"]
    assert "its stream record is <b>gone</b>" in [text.value for text in app.text]
    assert app.button[0].label == "Redrive 1 message"


def test_a_function_is_named_as_one(desk):
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:notify"
    desk.queue(sources=(arn,))
    desk.letter(destination=Destination(Way.INVOKE, arn), body='{"requestPayload": {}}')
    assert "back to the function notify" in read(opened("m-1")).replace("*", "")


def test_nothing_that_can_be_sent_leaves_nothing_to_press(desk):
    desk.letter(destination=Destination(Way.NONE))
    app = opened("m-1")
    assert (app.button[0].label, app.button[0].disabled) == ("None of them can be sent", True)


def test_a_reason_too_short_is_asked_for_again_and_nothing_is_sent(desk, gone):
    desk.letter()
    app = send(opened("m-1"), "ok")
    assert "A reason of at least 8 letters is required" in read(app)
    assert (desk.jobs(), gone) == ([], [])
    send(app)
    assert len(desk.jobs()) == 1


def test_asking_leads_to_the_job_with_exactly_the_selection(desk, gone):
    desk.letter("m-1")
    desk.letter("m-2")
    app = opened("m-2")
    app.selectbox(key="redrive_pace").select("10 a second")
    send(app)
    (job,) = desk.jobs()
    assert (job.total, job.reason, job.actor, job.rate_per_s) == (1, REASON, "ada@example.com", 10)
    assert gone == [("redrive", {"id": job.id})]


def test_two_presses_of_one_dialog_are_one_job(desk, gone):
    """As of a double click, or of the same dialog in two tabs: both were drawn before either arrived."""
    desk.letter()
    first, second = opened("m-1"), opened("m-1")
    second.session_state["redrive_request"] = first.session_state["redrive_request"]
    second.run()
    for app in (first, second):
        send(app)
    (job,) = desk.jobs()
    assert gone == [("redrive", {"id": job.id})] * 2


def test_once_asked_the_dialog_offers_nothing_more(desk, gone):
    desk.letter()
    app = send(opened("m-1"))
    assert app.button[0].disabled


def test_closing_and_opening_again_makes_another_id(desk):
    desk.letter()
    app = opened("m-1")
    first = app.session_state["redrive_request"].job_id
    app.session_state["again"] = True
    assert app.run().session_state["redrive_request"].job_id != first


def test_what_another_took_meanwhile_is_refused_in_words(desk, gone):
    desk.letter()
    app = opened("m-1")
    desk.ask("m-1")
    assert "Redrive job-1 already holds m-1" in read(send(app))
    assert [job.id for job in desk.jobs()] == ["job-1"]


def test_letters_that_are_gone_are_named(desk, gone):
    desk.letter("m-1")
    app = opened("m-1", "m-9")
    assert "holds no dead letter m-9" in read(send(app))
    assert desk.jobs() == []


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_a_press_that_the_page_would_not_offer_is_refused(desk, gone, role, writes):
    desk.letter()
    app = opened("m-1")
    desk.become(role=role, writes=writes)
    app = send(app)
    allowed = writes and role != "viewer"
    assert len(desk.jobs()) == int(allowed)
    refusal = "" if allowed else "takes operator" if writes else "Writes are off"
    assert refusal in read(app)


def test_a_canary_a_later_time_and_resting_consumers_are_asked_for_as_chosen(desk, gone):
    desk.letter("m-1")
    app = opened("m-1")
    app.selectbox(key="redrive_canary").select("1, then 10, then the rest")
    app.selectbox(key="redrive_when").select("In 1 hour")
    send(app)
    (job,) = desk.jobs()
    assert (job.ramp, job.not_before) == ((1, 10), desk.clock() + HOUR_MS)


def test_only_an_admin_may_send_elsewhere(desk, gone):
    desk.letter("m-1")
    desk.queue(name="orders-replay", is_dead_letter_queue=False)
    assert "redrive_elsewhere" not in [box.key for box in opened("m-1").selectbox]
    desk.become(role="admin")
    app = opened("m-1")
    elsewhere = "arn:aws:sqs:eu-central-1:123456789012:orders-replay"
    app.selectbox(key="redrive_elsewhere").select(elsewhere)
    send(app)
    assert [job.destination for job in desk.jobs()] == [elsewhere]


def test_what_speaks_against_it_is_said_before_the_button(desk):
    desk.letter("m-1", ambiguous=1)
    assert "may have arrived before" in read(opened("m-1"))


def test_many_messages_are_offered_a_canary_first(desk):
    for number in range(20):
        desk.letter(f"m-{number}")
    app = opened(*[f"m-{number}" for number in range(20)])
    assert app.selectbox(key="redrive_canary").value == "1, then 10, then the rest"
