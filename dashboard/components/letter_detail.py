"""One dead letter, whole: body, attributes, its lives, the error behind it."""

from __future__ import annotations

import json
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import links, phrasing
from dashboard.components.tables import plain_table
from dashboard.letters import STATES, cause_of
from operations.verdicts import name_of
from store.recovery import DeadLetter, LetterState, Way

SHOWN = 20_000
"""Characters of a body drawn in the page; a 1 MiB body would freeze a phone. The download is whole."""
TONES = {LetterState.SUCCEEDED: "green", LetterState.PRESUMED: "green", LetterState.DEAD: "violet",
         LetterState.NEEDS_OPERATOR: "red", LetterState.RETURNED: "violet", LetterState.DISCARDED: "gray"}


def letter_detail(letter: DeadLetter, zone: tzinfo) -> None:
    """Draw one letter. Everything that came from outside is drawn as text."""
    st.subheader(phrasing.plain_markdown(cause_of(letter)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(STATES[letter.state], color=TONES.get(letter.state, "blue"))  # type: ignore[arg-type]
        st.caption(way_back(letter))
        if letter.fingerprint:
            links.to("error", "The error behind it", icon=":material/bug_report:", id=letter.fingerprint)
        if letter.job_id:
            links.to("redrive", "The redrive that sent it", icon=":material/replay:", id=letter.job_id)
    body, facts, lives = st.tabs(["Body", "Attributes", "History"])
    with body:
        _body(letter)
    with facts:
        _attributes(letter)
    with lives:
        _history(letter, zone)


def _body(letter: DeadLetter) -> None:
    if not letter.body:
        st.caption("The body is empty.")
        return
    text, language = pretty(letter.body)
    st.code(text[:SHOWN], language=language, wrap_lines=True, height="content" if len(text) < 2_000 else 400)
    said = [f"The first {SHOWN:,} of {len(text):,} characters."] if len(text) > SHOWN else []
    said += ["Indented for reading; the download is exact."] if text != letter.body else []
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button("Download body", letter.body.encode("utf-8", "surrogatepass"), on_click="ignore",
                           file_name=f"{letter.message_id}.txt", mime="text/plain", key=f"body-{letter.key}",
                           icon=":material/download:")
        st.caption(" ".join(said))


def pretty(body: str) -> tuple[str, str | None]:
    """JSON indented, anything else as it is; with the language to colour it as. Half a surrogate pair, which no
    browser can be sent, is spelled out."""
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
        language: str | None = "json"
    except (ValueError, RecursionError):
        text, language = body, None
    return text.encode("utf-8", "backslashreplace").decode(), language


def _attributes(letter: DeadLetter) -> None:
    rows = [("message", name, value.type, value.string if value.string is not None else f"{value.binary!r}")
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


def _history(letter: DeadLetter, zone: tzinfo) -> None:
    config = st.column_config
    rows = [(what, phrasing.moment(at, zone), phrasing.line(detail, 400) or phrasing.NONE)
            for what, at, detail in steps(letter) if at is not None]
    plain_table(pd.DataFrame(rows, columns=["what", "when", "detail"]), {
        "what": config.TextColumn("what", width=150),
        "when": config.TextColumn("when", width=130),
        "detail": config.TextColumn("detail", width=765),
    }, "What happened to the message")
    if letter.problem:
        st.markdown(f":red[:material/error:] {phrasing.plain_markdown(letter.problem, 600)}")
    if letter.ambiguous:
        st.markdown(f":orange[:material/warning:] {phrasing.plural(letter.ambiguous, 'send')} without an answer: "
                    "each may have made one duplicate.")
    if letter.previous:
        st.caption(f"Life {letter.life} of this message; before, it was {phrasing.plain_markdown(letter.previous)}.")
    if letter.next:
        st.caption(f"It came back as {phrasing.plain_markdown(letter.next)}.")
    st.caption(f"Message id {phrasing.plain_markdown(letter.message_id)}")


def steps(letter: DeadLetter) -> list[tuple[str, int | None, str]]:
    """What happened, when (epoch ms, None when it did not), and what is known of it, oldest first."""
    return [
        ("first sent", letter.sent_at, ""),
        ("died", letter.captured_at, f"{letter.shape}, {_receives(letter)}"),
        ("claimed", letter.claimed_at, f"attempt {letter.attempts}" if letter.attempts else ""),
        ("redriven", letter.redriven_at, f"as message {letter.sent_message_id}" if letter.sent_message_id else ""),
        (STATES[letter.state], letter.settled_at, letter.evidence or ""),
    ]


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
