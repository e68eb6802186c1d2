"""One dead letter, whole: body, attributes, its lives, the error behind it."""

from __future__ import annotations

import json
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import links, phrasing
from dashboard.letters import ICONS, cause_of
from operations.verdicts import name_of
from store.recovery import DeadLetter, Way

SHOWN = 20_000
"""Characters of a body drawn in the page; a 1 MiB body would freeze a phone. The download is whole."""


def letter_detail(letter: DeadLetter, zone: tzinfo) -> None:
    """Draw one letter. Everything that came from outside is drawn as text."""
    st.markdown(f"**{phrasing.plain_markdown(cause_of(letter))}** · {ICONS[letter.state]}")
    body, facts, lives = st.tabs(["Body", "Attributes", "History"])
    with body:
        _body(letter)
    with facts:
        _attributes(letter)
    with lives:
        _history(letter, zone)


def _body(letter: DeadLetter) -> None:
    text, language = pretty(letter.body)
    st.code(text[:SHOWN], language=language, wrap_lines=True, height="content" if len(text) < 2_000 else 400)
    if len(text) > SHOWN:
        st.caption(f"The first {SHOWN:,} of {len(text):,} characters.")
    st.download_button("Download body", letter.body.encode("utf-8", "surrogatepass"), on_click="ignore",
                       file_name=f"{letter.message_id}.txt", mime="text/plain", key=f"body-{letter.key}")


def pretty(body: str) -> tuple[str, str | None]:
    """JSON indented, anything else as it is; with the language to colour it as."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False), "json"
    except (ValueError, RecursionError):
        return body, None


def _attributes(letter: DeadLetter) -> None:
    rows = [("message", name, value.type, value.string if value.string is not None else f"{value.binary!r}")
            for name, value in sorted(letter.attributes.items())]
    rows += [("SQS", name, "", value) for name, value in sorted(letter.system.items())]
    if not rows:
        st.caption("This message carries no attributes.")
        return
    frame = pd.DataFrame(rows, columns=["of", "name", "type", "value"])
    st.dataframe(frame, hide_index=True, width="stretch")


def _history(letter: DeadLetter, zone: tzinfo) -> None:
    steps = [("sent first", letter.sent_at, ""), ("dead", letter.captured_at, f"{letter.shape}, {_receives(letter)}"),
             ("claimed", letter.claimed_at, f"attempt {letter.attempts}" if letter.attempts else ""),
             ("redriven", letter.redriven_at, f"as message {letter.sent_message_id}" if letter.sent_message_id else ""),
             (str(letter.state), letter.settled_at, letter.evidence or "")]
    rows = [(what, phrasing.moment(at, zone), detail) for what, at, detail in steps if at is not None]
    st.dataframe(pd.DataFrame(rows, columns=["what", "when", "detail"]), hide_index=True, width="stretch")
    st.caption(way_back(letter))
    if letter.ambiguous:
        st.caption(f":orange[:material/warning:] {phrasing.plural(letter.ambiguous, 'send')} without an answer: "
                   f"each may have made one duplicate.")
    if letter.previous:
        st.caption(f"Life {letter.life} of this message; before, it was `{phrasing.plain_markdown(letter.previous)}`.")
    if letter.next:
        st.caption(f"It came back as `{phrasing.plain_markdown(letter.next)}`.")
    if letter.job_id:
        links.to("redrive", "The redrive that sent it", icon=":material/replay:", id=letter.job_id)
    if letter.fingerprint:
        links.to("error", "The error behind it", icon=":material/bug_report:", id=letter.fingerprint)


def way_back(letter: DeadLetter) -> str:
    """Where a redrive would send it, in words."""
    name = phrasing.plain_markdown(name_of(letter.destination.arn))
    if letter.destination.way is Way.SEND:
        return f"A redrive sends it back to the queue {name}."
    if letter.destination.way is Way.INVOKE:
        return f"A redrive invokes the function {name} with the original event."
    return f"No way back: {phrasing.plain_markdown(letter.destination.why_not or 'nothing says where it came from')}."


def _receives(letter: DeadLetter) -> str:
    return "receives unknown" if letter.receive_count is None else phrasing.plural(letter.receive_count, "receive")
