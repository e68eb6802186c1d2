"""Asking the worker to do something about a queue: what it will do, its limits, and why. The click leaves a command;
the page shows what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from dashboard import acts, people, phrasing
from dashboard.acts import Done, Request
from dashboard.queues import KINDS, Errand
from operations import commands
from operations.move_task import LIMITS
from operations.redrive import MAX_REASON
from operations.rescue import MAX_RETENTION_DAYS, SETTLES_MS
from store import looks, queues
from store.clients import Connection
from store.clock import DAY_MS, MINUTE_MS, SECOND_MS
from store.recovery import Queue

REASON, CHOICE = "errand_reason", "errand_choice"
RATES = {"As fast as SQS can": "", "100 a second": "100", "10 a second": "10", "1 a second": "1"}
Choose = Callable[[Queue, str], dict[str, str]]
"""Draws what can be chosen, under a key; the command's arguments."""


def _nothing(_queue: Queue, _key: str) -> dict[str, str]:
    return {}


def _captured(_queue: Queue, _key: str) -> dict[str, str]:
    return {"to": "captured"}


def _watched(_queue: Queue, _key: str) -> dict[str, str]:
    return {"to": "watched"}


def _days(queue: Queue, key: str) -> dict[str, str]:
    now = (queue.retention_s or 0) * SECOND_MS // DAY_MS
    longer = [days for days in (4, 7, 10, MAX_RETENTION_DAYS) if days > now]
    return {"days": str(st.selectbox("Keep messages for", longer, index=len(longer) - 1, key=key,
                                     format_func=lambda days: f"{days} days"))}


def _rate(_queue: Queue, key: str) -> dict[str, str]:
    rate = RATES[st.selectbox("Pace", list(RATES), key=key)]
    return {"rate": rate} if rate else {}


def _groups(queue: Queue, key: str) -> dict[str, str]:
    if not queue.fifo:
        return {}
    allowed = st.checkbox("Its message groups may stand still meanwhile", key=key,
                          help="While messages of a FIFO group are hidden by the look, nobody gets the next ones.")
    return {"groups": "stop"} if allowed else {}


@dataclass(frozen=True, slots=True)
class Words:
    """What an errand says before it is asked for. `confirm` is formatted with the number of messages, if named."""

    confirm: str
    effect: str
    example: str
    icon: str
    limits: Sequence[str] = field(default=())
    choose: Choose = _nothing


WORDS: Mapping[Errand, Words] = {
    Errand.LOOK: Words(
        "Look into the queue", "The worker receives what is in the queue, writes it down and gives it back at once. "
        "Each message counts one receive more, and is hidden for some seconds.",
        "For example: what came in since noon?", "visibility",
        (f"One look sees {looks.MAX_MESSAGES:,} messages at most.",), _groups),
    Errand.CAPTURE: Words(
        "Capture its messages", "From now on its messages are taken into the table, where they do not expire. What is "
        "in flight ends where it was going.", "For example: the outage goes on over the weekend.", "inventory_2",
        ("Only for queues the stack may capture: the worker says when this one is none.",), _captured),
    Errand.WATCH: Words(
        "Watch instead of capture", "New messages stay in the queue until they expire. What the table has stays here.",
        "For example: another team reads this queue again.", "visibility", (), _watched),
    Errand.ARCHIVE: Words(
        "Keep {count} here", "The table keeps them whatever the queue does: one that expires there can still be "
        "redriven from here, and one that is gone is taken back.", "For example: the fix takes longer than the queue "
        "keeps them.", "archive", ("Only messages that a look has seen.",)),
    Errand.EXTEND: Words(
        "Extend the retention", "The queue keeps its messages longer, old ones included.",
        "For example: the fix comes on Monday.", "more_time",
        (f"SQS may take {SETTLES_MS // MINUTE_MS} minutes to apply it.",
         "A template that says otherwise sets it back at its next deployment.",
         "Only where the stack allows it; the worker says when it does not."), _days),
    Errand.MOVE: Words(
        "Move everything back", "SQS itself moves all messages back to the queues they came from "
        "(StartMessageMoveTask). A redrive by selection is the better tool for anything finer.",
        "For example: all of it failed during the outage.", "low_priority", LIMITS, _rate),
    Errand.STOP_MOVE: Words("Stop moving", "SQS is told to stop. What was moved stays moved.",
                            "For example: the destination fails again.", "stop_circle"),
}


def errand_dialog(connection: Connection, request: Request) -> None:
    """Named by what it asks for: `Keep 12 messages here`."""
    st.dialog(_label(request), width="medium", on_dismiss=acts.dismissed)(draw)(connection)


def draw(connection: Connection) -> None:
    """What is in the dialog."""
    request = acts.asked()
    words, label = WORDS[Errand(request.kind)], _label(request)
    st.markdown(f"Queue **{phrasing.plain_markdown(request.queue)}**")
    st.caption(words.effect)
    if words.limits:
        st.caption("\n".join(f"- {limit}" for limit in words.limits))
    queue = queues.get(connection.table, connection.place, request.queue)
    arguments = words.choose(queue, f"{CHOICE}-{request.act_id}") if queue else {}
    with st.form("errand", border=False):
        st.text_area("Reason", key=f"{REASON}-{request.act_id}", max_chars=MAX_REASON, placeholder=words.example,
                     help="Kept in the audit under your name.")
        st.form_submit_button(label, type="primary", icon=f":material/{words.icon}:", on_click=_confirm,
                              args=(connection, request, arguments))
    acts.problem()


def _label(request: Request) -> str:
    count = phrasing.plural(len(request.message_ids), "message") if request.message_ids else "all its messages"
    return WORDS[Errand(request.kind)].confirm.format(count=count)


def _confirm(connection: Connection, request: Request, arguments: dict[str, str]) -> None:
    reason = st.session_state[f"{REASON}-{request.act_id}"]
    acts.carry_out(request, partial(_ask, connection, request, arguments, reason))


def _ask(connection: Connection, request: Request, arguments: dict[str, str], reason: str) -> Done:
    """Asking twice with the same id is one command."""
    settings = connection.settings
    wanted = commands.new(connection.place, request.act_id, KINDS[Errand(request.kind)], request.queue, reason,
                          arguments=arguments, message_ids=request.message_ids)
    commands.ask(connection.table, connection.clock, people.actor(settings), settings.writes, wanted)
    return Done(request, "Asked for. The worker takes it up within a minute.", reason, request.message_ids)
