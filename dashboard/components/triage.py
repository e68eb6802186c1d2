"""What was decided about an error group, and deciding: resolved, ignored for a while, open again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import streamlit as st

from dashboard import people, phrasing, reads
from dashboard.components.problem import show
from operations import triage as deciding
from operations.errors import NotAllowed
from operations.permissions import Action, enforce
from operations.redrive import MAX_REASON
from store.clients import Connection
from store.clock import DAY_MS, HOUR_MS
from store.errors import LamplightError
from store.records import ErrorGroup
from store.standing import Standing
from store.triage import Triage, TriageState

WORDS = {TriageState.UNRESOLVED: "Unresolved", TriageState.RESOLVED: "Resolved", TriageState.IGNORED: "Ignored",
         TriageState.REGRESSED: "Regressed"}
TONES = {TriageState.UNRESOLVED: ("red", "error"), TriageState.RESOLVED: ("green", "check_circle"),
         TriageState.IGNORED: ("gray", "visibility_off"), TriageState.REGRESSED: ("orange", "replay")}
NOW, NEXT, IN_VERSION = "Now", "With the next deploy", "In version"
FIXES = {NOW: "Any failure from now on brings it back.",
         NEXT: "Failures before the next deploy do not bring it back.",
         IN_VERSION: "Failures of older versions do not bring it back."}
PERIODS = {"1 hour": HOUR_MS, "1 day": DAY_MS, "1 week": 7 * DAY_MS, "30 days": 30 * DAY_MS}
TIMES = {"10 failures more": 10, "100 failures more": 100, "1,000 failures more": 1_000}
REQUEST, ANSWER = "triage_request", "triage_answer"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be decided, over which decision: a second click, or a second operator, finds another revision."""

    group: ErrorGroup
    seen: Triage | None
    state: TriageState


def sentence(standing: Standing | None, zone: tzinfo) -> str:
    """Who decided what, and until when it holds. Names are as people gave them: show it as text."""
    if standing is None:
        return "Nobody has decided about it yet."
    decided, state = standing.decided, standing.state
    by = f"{decided.by}, {phrasing.moment(decided.at, zone)}"
    why = f": {decided.reason}" if decided.reason else ""
    if state is TriageState.REGRESSED:
        version = f" in version {decided.regressed_version}" if decided.regressed_version else ""
        again = f"It failed again{version} on {phrasing.moment(decided.regressed_at, zone)}."
        return f"{again} Resolved before by {by}{why}"
    if state is TriageState.RESOLVED:
        version = f" in version {decided.version}" if decided.version else ""
        return f"Resolved{version}{' with the next deploy' if decided.next_deploy else ''} by {by}{why}"
    if decided.state is TriageState.IGNORED:
        until = (f"until {phrasing.moment(decided.until, zone)}" if decided.until is not None
                 else f"until {decided.more or 0:,} failures more, {standing.failures_since or 0:,} so far,")
        return f"{'Ignored' if state is TriageState.IGNORED else 'No longer ignored. It was'} {until} by {by}{why}"
    return f"Opened again by {by}{why}"


def triage_bar(connection: Connection, group: ErrorGroup, zone: tzinfo) -> None:
    """The state, who decided it, and the buttons to decide anew."""
    standing = reads.standings(connection).get(group.fingerprint)
    decided, state = (standing.decided, standing.state) if standing else (None, TriageState.UNRESOLVED)
    tone, icon = TONES[state]
    off = _off(connection)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(WORDS[state], icon=f":material/{icon}:", color=tone)  # type: ignore[arg-type]
        for wanted, label, sign in ((TriageState.RESOLVED, "Resolve…", "check"),
                                    (TriageState.IGNORED, "Ignore…", "visibility_off"),
                                    (TriageState.UNRESOLVED, "Reopen…", "undo")):
            if wanted is not state and (wanted is not TriageState.UNRESOLVED or state is not TriageState.REGRESSED):
                st.button(label, icon=f":material/{sign}:", key=f"triage_{wanted}", on_click=_open,
                          args=(Request(group, decided, wanted),), **off)
    st.text(sentence(standing, zone))
    if REQUEST in st.session_state:
        triage_dialog(connection, zone)


def _open(request: Request) -> None:
    st.session_state[REQUEST] = request
    st.session_state.pop(ANSWER, None)


def _close() -> None:
    st.session_state.pop(REQUEST, None)


@st.dialog("Decide about this error", on_dismiss=_close)
def triage_dialog(connection: Connection, zone: tzinfo) -> None:
    request: Request | None = st.session_state.get(REQUEST)
    if request is None:  # decided: only the dialog ran again, and the page is to show it
        st.rerun()
    answer = st.session_state.pop(ANSWER, None)
    if isinstance(answer, tuple):
        show(LamplightError(*answer))
        st.text(sentence(reads.standings(connection).get(request.group.fingerprint), zone))
    with st.form("triage", border=False):
        if request.state is TriageState.RESOLVED:
            st.radio("Fixed", list(FIXES), key="triage_fix", captions=list(FIXES.values()))
            st.text_input("Version", key="triage_version", max_chars=20, placeholder="A number, such as 32",
                          help="The first version that has the fix; needed for “In version” only.")
        elif request.state is TriageState.IGNORED:
            st.selectbox("For", [*PERIODS, *TIMES], key="triage_for")
        st.text_area("Reason", key="triage_reason", max_chars=MAX_REASON, placeholder="Optional", height=80,
                     help="Kept in the audit with your name.")
        st.form_submit_button(f"Set to {WORDS[request.state].lower()}", type="primary", on_click=_decide,
                              args=(connection, request))


def _decide(connection: Connection, request: Request) -> None:
    settings, chosen = connection.settings, st.session_state
    facts: dict[str, Any] = {}
    if request.state is TriageState.RESOLVED:
        fix = chosen["triage_fix"]
        facts = {"next_deploy": fix == NEXT, "version": chosen["triage_version"].strip() if fix == IN_VERSION else None}
    elif request.state is TriageState.IGNORED:
        wanted = chosen["triage_for"]
        facts = {"until": connection.clock() + PERIODS[wanted]} if wanted in PERIODS else {"more": TIMES[wanted]}
    try:
        deciding.decide(connection.table, connection.place, connection.clock, people.actor(settings), settings.writes,
                        fingerprint=request.group.fingerprint, state=request.state, reason=chosen["triage_reason"],
                        seen_revision=request.seen.revision if request.seen else None, **facts)
    except LamplightError as error:
        reads.standings.clear()
        standing = reads.standings(connection).get(request.group.fingerprint)
        chosen[ANSWER] = (str(error), error.advice)
        chosen[REQUEST] = replace(request, seen=standing.decided if standing else None)  # now it is seen
    else:
        reads.standings.clear()
        _close()


def _off(connection: Connection) -> dict[str, Any]:
    """Why the buttons cannot be pressed, if they cannot."""
    try:
        enforce(people.actor(connection.settings), Action.TRIAGE, connection.settings.writes)
    except NotAllowed as error:
        return {"disabled": True, "help": error.sentence}
    return {}
