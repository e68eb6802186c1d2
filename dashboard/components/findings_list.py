"""What deserves a look, one line each, each with a way to its cause."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import links
from dashboard.attention import Finding, Kind
from dashboard.components.empty import empty
from dashboard.phrasing import line, middle, plain_markdown, plural

LOOKS = {
    Kind.ERRORS: ("red", ":material/bug_report:"),
    Kind.OUT_OF_MEMORY: ("gray", ":material/memory:"),
    Kind.TIMEOUT: ("orange", ":material/timer_off:"),
    Kind.DEAD_LETTERS: ("violet", ":material/mail:"),
    Kind.EXPIRY: ("violet", ":material/hourglass_bottom:"),
    Kind.MEMORY: ("gray", ":material/memory:"),
    Kind.CONFIGURATION: ("gray", ":material/tune:"),
}
KIND_PX, SUBJECT_PX, WORDS_PX = 115, 205, 330
QUEUE_KINDS = (Kind.DEAD_LETTERS, Kind.EXPIRY)
SHOWN = 8
"""More lines than this are not read; the table below has the rest."""


def findings_list(findings: Sequence[Finding], window_label: str) -> None:
    if not findings:
        empty("Nothing needs attention", f"No failing function, no waiting dead letter in the last {window_label}.")
        return
    for finding in findings[:SHOWN]:
        _row(finding)
    if len(findings) > SHOWN:
        st.caption(f"and {plural(len(findings) - SHOWN, 'smaller one')}, on the pages of their functions and queues")


def _row(finding: Finding) -> None:
    """Fixed widths: aligned from row to row on a desk, wrapped in reading order on a phone."""
    colour, icon = LOOKS[finding.kind]
    place = {"place": finding.place} if finding.place else {}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width=KIND_PX):
            st.badge(finding.kind, icon=icon, color=colour)  # type: ignore[arg-type]
        with st.container(width=SUBJECT_PX):
            label = f"**{plain_markdown(middle(finding.subject, 30))}**"
            if finding.kind in QUEUE_KINDS:
                links.to("dead_letters", label, queue=finding.subject, **place)
            else:
                links.to("function", label, name=finding.subject, **place)
        where = f":gray[{plain_markdown(finding.place)} ·] " if finding.place else ""
        st.markdown(f":small[{where}{plain_markdown(finding.words)}]", width=WORDS_PX)
        if finding.fingerprint:
            links.to("error", plain_markdown(line(finding.detail, 60)), icon=":material/arrow_forward:",
                     id=finding.fingerprint, **place)
