"""One dead letter, whole: body, what would be sent instead, attributes, its history and lives, the error behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import links, masking, phrasing
from dashboard.components.letters_table import Shown
from dashboard.components.tables import plain_table, table
from dashboard.letters import STATES, cause_of
from operations.edit_preview import diff
from operations.payloads import original
from operations.verdicts import name_of
from store.recovery import Custody, DeadLetter, Edit, LetterState, Way

SHOWN = 20_000
"""Characters of a body drawn in the page; a 1 MiB body would freeze a phone. The download is whole."""
TONES = {LetterState.SUCCEEDED: "green", LetterState.PRESUMED: "green", LetterState.DEAD: "violet",
         LetterState.NEEDS_OPERATOR: "red", LetterState.RETURNED: "violet", LetterState.DISCARDED: "gray",
         LetterState.QUARANTINED: "orange", LetterState.GONE: "gray"}
LOCKED = ":material/lock: Bodies and attributes are shown to operators. What is here are the names, not the values."


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known of a letter: all its lives, oldest first, and every edit that was kept, newest first."""

    lives: Sequence[DeadLetter] = ()
    edits: Sequence[Edit] = ()


def letter_detail(letter: DeadLetter, shown: Shown, known: Known | None = None) -> None:
    """Draw one letter. Everything that came from outside is drawn as text."""
    known = known or Known()
    st.subheader(phrasing.plain_markdown(cause_of(letter)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(STATES[letter.state], color=TONES.get(letter.state, "blue"))  # type: ignore[arg-type]
        st.caption(way_back(letter))
        if letter.fingerprint:
            links.to("error", "The error behind it", icon=":material/bug_report:", id=letter.fingerprint)
        if letter.job_id:
            links.to("redrive", "The redrive that sent it", icon=":material/replay:", id=letter.job_id)
    st.caption(custody(letter, shown))
    if letter.state is LetterState.QUARANTINED:
        st.warning(f"Under quarantine: {phrasing.plain_markdown(letter.problem or _OFTEN, 600)}. No redrive takes it "
                   "until somebody releases it.", icon=":material/gpp_maybe:")
    edited = ["Edit"] if letter.edit or known.edits else []
    body, *edit, facts, history = st.tabs(["Body", *edited, "Attributes", "History"])
    with body:
        _body(letter, shown.revealed)
    for tab in edit:
        with tab:
            _edits(letter, shown, known.edits)
    with facts:
        _attributes(letter, shown.revealed)
    with history:
        _history(letter, shown, known.lives)


_OFTEN = "its lineage came back too often"


def custody(letter: DeadLetter, shown: Shown) -> str:
    """Who keeps the message, and until when."""
    if letter.custody is Custody.CAPTURED:
        return "Captured: it is kept here, out of its queue, and does not expire."
    if letter.deleted_at is not None:
        return f"Kept here; its queue was told to forget it on {phrasing.moment(letter.deleted_at, shown.zone)}."
    if letter.expires_at is None:
        until = "Its queue does not say until when."
    elif letter.expires_at <= shown.now:
        until = f"It should have expired there {phrasing.ago(letter.expires_at, shown.now)}."
    else:
        until = (f"It expires there {phrasing.ago(letter.expires_at, shown.now)}, on "
                 f"{phrasing.moment(letter.expires_at, shown.zone)}.")
    kept = " Its copy is kept here whatever happens there." if letter.archived_at is not None else ""
    return f"Watched: it waits in its queue. {until}{kept}"


def _body(letter: DeadLetter, revealed: bool) -> None:
    if not letter.body:
        st.caption("The body is empty.")
        return
    if letter.edit:
        st.caption("This is the original. A redrive sends what stands under Edit.")
    if not revealed:
        st.code(pretty(masking.masked(letter.body))[0][:SHOWN], language=None, wrap_lines=True)
        st.caption(LOCKED)
        return
    text, language = pretty(letter.body)
    _code(text, language)
    said = [f"The first {SHOWN:,} of {len(text):,} characters."] if len(text) > SHOWN else []
    said += ["Indented for reading; the download is exact."] if text != letter.body else []
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button("Download body", letter.body.encode("utf-8", "surrogatepass"), on_click="ignore",
                           file_name=f"{letter.message_id}.txt", mime="text/plain", key=f"body-{letter.key}",
                           icon=":material/download:")
        st.caption(" ".join(said))


def _code(text: str, language: str | None) -> None:
    st.code(text[:SHOWN], language=language, wrap_lines=True, height="content" if len(text) < 2_000 else 400)


def pretty(body: str) -> tuple[str, str | None]:
    """JSON indented, anything else as it is; with the language to colour it as. Half a surrogate pair, which no
    browser can be sent, is spelled out."""
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
        language: str | None = "json"
    except (ValueError, RecursionError):
        text, language = body, None
    return text.encode("utf-8", "backslashreplace").decode(), language


def _edits(letter: DeadLetter, shown: Shown, edits: Sequence[Edit]) -> None:
    """What would be sent in place of the original, and every edit there was."""
    standing = letter.edit
    if standing:
        st.caption(f"What a redrive sends instead: edited by {phrasing.plain_markdown(standing.by)} on "
                   f"{phrasing.moment(standing.at, shown.zone)}: {phrasing.plain_markdown(standing.reason)}")
        if shown.revealed:
            st.code(_difference(letter, standing), language="diff", wrap_lines=True)
        else:
            st.caption(LOCKED)
    else:
        st.caption("A redrive sends the original. The edits below were taken back.")
    rest = [edit for edit in edits if not standing or edit.id != standing.id]
    if rest:
        config = st.column_config
        plain_table(pd.DataFrame([(phrasing.moment(edit.at, shown.zone), phrasing.line(edit.by, 60),
                                   phrasing.line(edit.reason)) for edit in rest], columns=["when", "by", "why"]), {
            "when": config.TextColumn("when", width=130), "by": config.TextColumn("by", width=180),
            "why": config.TextColumn("why", width=500),
        }, "Earlier edits of the message")


def _difference(letter: DeadLetter, edit: Edit) -> str:
    try:
        before = original(letter)
    except ValueError:
        before = letter.body
    return diff(before, edit.text).encode("utf-8", "backslashreplace").decode() or "No difference."


def _attributes(letter: DeadLetter, revealed: bool) -> None:
    rows = [("message", name, value.type, _value(value.string, value.binary) if revealed else masking.MASK)
            for name, value in sorted(letter.attributes.items())]
    rows += [("SQS", name, "", value) for name, value in sorted(letter.system.items())]
    if not rows:
        st.caption("This message carries no attributes.")
        return
    config = st.column_config
    plain_table(pd.DataFrame(rows, columns=["of", "name", "type", "value"]), {
        "of": config.TextColumn("of", width=85),
        "name": config.TextColumn("name", width=270),
        "type": config.TextColumn("type", width=90),
        "value": config.TextColumn("value", width=600),
    }, "Attributes of the message")


def _value(string: str | None, binary: bytes | None) -> str:
    return string if string is not None else f"{binary!r}"


def _history(letter: DeadLetter, shown: Shown, lives: Sequence[DeadLetter]) -> None:
    config = st.column_config
    rows = [(what, phrasing.moment(at, shown.zone), phrasing.line(by, 60) or phrasing.NONE,
             phrasing.line(detail, 400) or phrasing.NONE) for what, at, by, detail in steps(letter)]
    plain_table(pd.DataFrame(rows, columns=["what", "when", "who", "detail"]), {
        "what": config.TextColumn("what", width=150),
        "when": config.TextColumn("when", width=130),
        "who": config.TextColumn("who", width=150),
        "detail": config.TextColumn("detail", width=615),
    }, "What happened to the message")
    if letter.problem and letter.state is not LetterState.QUARANTINED:
        st.markdown(f":red[:material/error:] {phrasing.plain_markdown(letter.problem, 600)}")
    if letter.ambiguous:
        st.markdown(f":orange[:material/warning:] {phrasing.plural(letter.ambiguous, 'send')} without an answer: "
                    "each may have made one duplicate.")
    if len(lives) > 1:
        _lives(letter, shown, lives)
    elif letter.previous:
        st.caption(f"Life {letter.life} of this message; before, it was {phrasing.plain_markdown(letter.previous)}.")
    if letter.next and len(lives) < 2:
        st.caption(f"It came back as {phrasing.plain_markdown(letter.next)}.")
    st.caption(f"Message id {phrasing.plain_markdown(letter.message_id)}")


def _lives(letter: DeadLetter, shown: Shown, lives: Sequence[DeadLetter]) -> None:
    """The lives of one message; a click leads to another one."""
    st.markdown(f"**Life {letter.life} of this message.** Each time it came back it got another id.")
    config = st.column_config
    row = table(pd.DataFrame({
        "life": [one.life for one in lives],
        "state": [STATES[one.state] for one in lives],
        "died": [phrasing.moment(one.captured_at, shown.zone) for one in lives],
        "queue": [one.queue for one in lives],
        "message": [one.message_id for one in lives],
    }), f"lives-{letter.key}", {
        "life": config.NumberColumn("life", width=50), "state": config.TextColumn("state", width=150),
        "died": config.TextColumn("died", width=130), "queue": config.TextColumn("queue", width=220),
        "message": config.TextColumn("message", width=300),
    }, "Lives of this message, oldest first")
    if row is not None and lives[row].key != letter.key:
        links.to("dead_letters", f"**Open life {lives[row].life}**", icon=":material/arrow_forward:",
                 queue=lives[row].queue, show="All", q=lives[row].message_id)


def steps(letter: DeadLetter) -> list[tuple[str, int, str, str]]:
    """What happened, when (epoch ms), who did it, and what is known of it, oldest first."""
    told = [
        ("first sent", letter.sent_at, "", ""),
        ("died", letter.captured_at, "", f"{letter.shape}, {_receives(letter)}"),
        ("claimed", letter.claimed_at, "", f"attempt {letter.attempts}" if letter.attempts else ""),
        ("redriven", letter.redriven_at, "", f"as message {letter.sent_message_id}" if letter.sent_message_id else ""),
        ("kept here", letter.archived_at, "", "its queue may forget it"),
        ("deleted from its queue", letter.deleted_at, "", ""),
        (STATES[letter.state], letter.settled_at, "", letter.evidence or ""),
        *((note.did, note.at, note.by, ", ".join(filter(None, (note.reason, note.detail)))) for note in letter.notes),
    ]
    happened = [(what, at, by, detail) for what, at, by, detail in told if at is not None]
    return sorted(happened, key=lambda step: step[1])


def way_back(letter: DeadLetter) -> str:
    """Where a redrive would send it, in words."""
    name = phrasing.plain_markdown(name_of(letter.destination.arn))
    if letter.destination.way is Way.SEND:
        return f"The way back: the queue {name}."
    if letter.destination.way is Way.INVOKE:
        return f"The way back: the function {name}, with the original event."
    return f"No way back: {phrasing.plain_markdown(letter.destination.why_not or 'nothing says where it came from')}."


def _receives(letter: DeadLetter) -> str:
    return "receives unknown" if letter.receive_count is None else phrasing.plural(letter.receive_count, "receive")
