"""Editing what is sent for one or many letters: a JSON Patch or a whole text, what would come of it letter by letter,
and why. What was shown is what is done: the edit is refused when a letter changed meanwhile."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st

from dashboard import acts, people, phrasing, reads_recover
from dashboard.acts import Done, Request
from dashboard.components.problem import guarded
from operations import edit as editing
from operations import payloads
from operations.edit_preview import EditChange, EditPreview, LetterEdit
from operations.redrive import MAX_REASON
from store import dead_letters
from store.clients import Connection

EDIT = "edit"
PATCH, TEXT = "JSON Patch", "Whole text"
HOW, CHANGE_PATCH, CHANGE_TEXT, REASON = "edit_how", "edit_patch", "edit_text", "edit_reason"
EXAMPLE = '[{"op": "replace", "path": "/sku", "value": "A-1"}]'
MOST_TEXT = 20_000
"""Characters of a text that can be written anew in a page; a longer one takes a patch."""
DIFFS = 5
"""Differences drawn; forty copies of one poison message have one."""


@st.dialog("Edit what is sent", width="large", on_dismiss=acts.dismissed)
def edit_dialog(connection: Connection) -> None:
    request = acts.asked()
    count = phrasing.plural(len(request.message_ids), "message")
    st.markdown(f"**{count}** of **{phrasing.plain_markdown(request.queue)}**")
    st.caption("The originals stay in the table, and can be sent again at any time.")
    with guarded():
        change = _change(connection, request)
        shown = None
        if change is not None:
            shown = reads_recover.previewed(connection, request.queue, request.message_ids, change.patch, change.text)
            outlook(shown)
        _form(connection, request, change, shown)
    acts.problem()


def _change(connection: Connection, request: Request) -> EditChange | None:
    """What is to be done to each, as it is written now; None while nothing is."""
    one = request.message_ids[0] if len(request.message_ids) == 1 else None
    how = PATCH
    if one:
        how = st.segmented_control("How", [PATCH, TEXT], default=PATCH, required=True, key=f"{HOW}-{request.act_id}",
                                   label_visibility="collapsed") or PATCH
    if how == TEXT and one:
        before = _text(connection, request.queue, one)
        if before is None:
            st.caption(f"Its text has more than {MOST_TEXT:,} characters: write a JSON Patch, or use "
                       "`python -m operations dead-letters edit --text`.")
            return None
        after = st.text_area("What is sent instead", before, key=f"{CHANGE_TEXT}-{request.act_id}", height=240)
        return EditChange(text=after) if after != before else None
    patch = st.text_area("JSON Patch (RFC 6902)", key=f"{CHANGE_PATCH}-{request.act_id}",
                         placeholder=EXAMPLE, height=110,
                         help="Operations: add, remove, replace, move, copy, test. What a patch does not name keeps "
                              "every byte it has. Press Ctrl+Enter to see what it does.")
    st.button("Preview", icon=":material/difference:", key="edit_preview")
    return EditChange(patch=patch) if patch.strip() else None


def _text(connection: Connection, queue: str, message_id: str) -> str | None:
    letter = dead_letters.get(connection.table, connection.place, queue, message_id)
    try:
        text = payloads.text(letter) if letter else ""
    except ValueError:
        return None
    return text if len(text) <= MOST_TEXT else None


def outlook(shown: EditPreview) -> None:
    """How many would be edited, what stays and why, and each difference once."""
    good = [one for one in shown.letters if one.runs]
    if good:
        st.markdown(f":green[:material/check_circle:] {phrasing.plural(len(good), 'message')} would be edited: "
                    f"{phrasing.plain_markdown(good[0].of)}, valid for where it goes")
    stays = Counter(one.problem for one in shown.letters if one.problem)
    for why, count in stays.most_common():
        st.markdown(f":orange[:material/block:] {phrasing.plural(count, 'message stays', 'messages stay')} as before: "
                    f"{phrasing.plain_markdown(why, 300)}")
    for caution, count in Counter(one.caution for one in good if one.caution).items():
        st.markdown(f":orange[:material/warning:] {count:,}: {phrasing.plain_markdown(caution, 300)}")
    _differences(good)


def _differences(good: list[LetterEdit]) -> None:
    by_diff: dict[str, list[str]] = {}
    for one in good:
        by_diff.setdefault(one.diff, []).append(one.message_id)
    for number, (difference, ids) in enumerate(list(by_diff.items())[:DIFFS]):
        name = phrasing.plain_markdown(ids[0])
        with st.expander(f"Message {name}" if len(ids) == 1 else f"{len(ids):,} messages alike, {name} among them",
                         expanded=number == 0):
            st.code(difference.encode("utf-8", "backslashreplace").decode(), language="diff", wrap_lines=True,
                    height="content" if difference.count("\n") < 15 else 300)
    left = len(by_diff) - DIFFS
    if left > 0:
        st.caption(f"and {phrasing.plural(left, 'other difference')}: `python -m operations dead-letters edit` "
                   "prints all")


def _form(connection: Connection, request: Request, change: EditChange | None, shown: EditPreview | None) -> None:
    count = len(shown.runnable) if shown else 0
    with st.form("edit", border=False):
        st.text_area("Reason", key=f"{REASON}-{request.act_id}", max_chars=MAX_REASON, height=68,
                     placeholder="For example: the shop sent orders without a SKU.",
                     help="Kept in the audit and with each message, under your name.")
        st.form_submit_button(f"Edit {phrasing.plural(count, 'message')}" if count else "Nothing would be edited yet",
                              type="primary", icon=":material/edit:", disabled=not count, on_click=_confirm,
                              args=(connection, request, change, shown.digest if shown else ""))


def _confirm(connection: Connection, request: Request, change: EditChange, digest: str) -> None:
    reason = st.session_state[f"{REASON}-{request.act_id}"]
    acts.carry_out(request, partial(_edit, connection, request, change, digest, reason))


def _edit(connection: Connection, request: Request, change: EditChange, digest: str, reason: str) -> Done:
    settings = connection.settings
    try:
        report = editing.edit(connection.table, connection.place, connection.clock, people.actor(settings),
                              settings.writes, queue=request.queue, message_ids=request.message_ids, change=change,
                              digest=digest, reason=reason, act_id=request.act_id)
    finally:
        reads_recover.previewed.clear()
    words = f"Edited {phrasing.plural(len(report.done), 'message')}. A redrive sends what was shown."
    return acts.done_of(request, report, words if report.done else "Nothing was changed.", reason)
