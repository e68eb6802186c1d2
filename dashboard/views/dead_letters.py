"""Dead letters: which messages died, of what, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import streamlit as st

from dashboard import clients, links, people, phrasing, reads, reads_recover, snapshots, state
from dashboard.components.empty import empty
from dashboard.components.letter_detail import letter_detail
from dashboard.components.letters_table import Picked, causes_table, letters_table
from dashboard.components.live import live
from dashboard.components.redrive_dialog import open_with, redrive_dialog
from dashboard.letters import by_cause, matching
from dashboard.snapshots import ALL, WAITING, Snapshot
from operations.permissions import Action, can, needed
from store.clients import Connection
from store.recovery import Custody, DeadLetter, Queue

SHOWS = (WAITING, ALL)
QUEUE, CAUSE = "queue", "cause"
REFRESH = "refresh_letters"
"""A button that every visit draws: Streamlit forgets its key when the page is left, which tells a new visit."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the page draws. `snapshot` is the list as it was read; rows never move under a selection."""

    queue: Queue
    snapshot: Snapshot
    words: str
    why_not: str
    zone: tzinfo
    now: int


def page() -> None:
    connection = clients.connection()
    st.title("Dead letters")
    found = sorted(reads.dead_letter_queues(connection), key=lambda one: (-(one[1] or 0), one[0].name))
    if not found:
        empty("No dead-letter queue is known yet", "The queue collector looks for them once a minute: queues that "
              "others, or functions, send their failures to.", ":material/inbox:")
        return
    anew = REFRESH not in st.session_state
    queue = _chosen_queue(found)
    if queue.custody is Custody.WATCHED:
        _watched(queue)
        return
    shows, words = _filters()
    snapshot = snapshots.snapshot(connection, queue.name, shows, anew)
    _freshness(connection, snapshot)
    render(connection, Data(queue, snapshot, words, _why_not(connection), state.zone(), connection.clock()))


def render(connection: Connection, data: Data) -> None:
    if not data.snapshot.letters:
        _nothing(data)
        return
    found = matching(data.snapshot.letters, data.words)
    if not found:
        empty("Nothing matches this filter", "Remove a word to see more.", ":material/filter_alt_off:")
        return
    named = f"{data.queue.name}-{data.snapshot.shows}-{data.snapshot.read_at}-{data.words}"
    cause = causes_table(by_cause(found), state.text(CAUSE), data.now, data.zone, f"causes-{named}")
    _remember(CAUSE, cause.id if cause else "")
    shown = cause.letters if cause else found
    bar = st.container()
    columns = ["body", "died", "receives", "life", "message"] if cause else ["cause", "body", "died", "function"]
    if data.snapshot.shows == ALL:
        columns = ["state", *columns]
    picked = letters_table(shown, data.zone, f"letters-{named}-{cause.id if cause else ''}", columns)
    with bar:
        _actions(connection, data, shown, picked)
    if picked.looked_into:
        letter_detail(picked.looked_into, data.zone)


def _chosen_queue(found: Sequence[tuple[Queue, int | None]]) -> Queue:
    """By its name in the link; not bound to it, which would put the label, and so the count, into the link."""
    names = [queue.name for queue, _ in found]
    labels = {queue.name: f"{phrasing.plain_markdown(queue.name)}  **{_count(queue, count)}**"
              for queue, count in found}
    linked = state.choice(QUEUE, tuple(names), names[0])
    chosen = st.pills("Queue", names, default=linked, required=True, key="dead_letter_queue",
                      label_visibility="collapsed", format_func=labels.__getitem__)
    queue = next((queue for queue, _ in found if queue.name == chosen), found[0][0])
    _remember(QUEUE, queue.name)
    return queue


def _count(queue: Queue, count: int | None) -> str:
    """SQS counts a watched queue's messages approximately."""
    return f"~{phrasing.count(count)}" if count and queue.custody is Custody.WATCHED else phrasing.count(count)


def _filters() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.text_input("Filter", key="q", bind="query-params", placeholder="Filter by body, id, cause or "
                              "attribute", label_visibility="collapsed", icon=":material/search:",
                              max_chars=state.MAX_TEXT, width=320)
        shows = st.segmented_control("Show", SHOWS, default=WAITING, required=True, key="show",
                                     bind="query-params", label_visibility="collapsed")
    return shows or WAITING, words or ""


def _freshness(connection: Connection, snapshot: Snapshot) -> None:
    """How the list compares with the queue now, and the way to a newer list."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            live(connection.settings.refresh_seconds, lambda: _newcomers(connection, snapshot))
        st.button("Refresh list", icon=":material/refresh:", key=REFRESH, type="tertiary", on_click=snapshots.forget)


def _newcomers(connection: Connection, snapshot: Snapshot) -> None:
    """Says when the queue has changed since the list was read; the list itself stays still."""
    listed = len(snapshot.letters)
    if snapshot.shows == ALL:
        more = f", the newest {listed:,} at most" if listed >= reads_recover.MOST_LETTERS else ""
        st.caption(f"{phrasing.plural(listed, 'message')}, dealt with or not{more}")
        return
    now_waiting = reads_recover.waiting_count(connection, snapshot.of[1])
    if now_waiting != snapshot.counted:
        st.markdown(f":small[:violet[:material/mark_email_unread: {phrasing.plural(now_waiting, 'message')} "
                    f"waiting now, {snapshot.counted:,} when this list was read]]")
        return
    parts = [f"{phrasing.plural(snapshot.counted - snapshot.in_redrive, 'message')} waiting"]
    if snapshot.in_redrive:
        parts.append(f"{snapshot.in_redrive:,} being redriven")
    if listed + snapshot.in_redrive < snapshot.counted:
        parts.append(f"the newest {listed:,} are listed")
    st.caption(", ".join(parts))


def _nothing(data: Data) -> None:
    name = phrasing.plain_markdown(data.queue.name)
    if data.snapshot.in_redrive:
        empty(f"Every message of {name} is being redriven", "Its redrive says what becomes of each.",
              ":material/replay:")
        links.to("redrives", "Redrives", icon=":material/replay:")
    elif data.snapshot.shows == ALL:
        empty(f"No message has died in {name}", "Messages that fail too often appear here within seconds.")
    else:
        empty(f"No dead letter waits in {name}",
              "Messages that fail too often appear here within seconds, and stay until somebody deals with them.")


def _actions(connection: Connection, data: Data, shown: Sequence[DeadLetter], picked: Picked) -> None:
    """The bulk bar, over the table so that it stays in sight."""
    with st.container(horizontal=True, vertical_alignment="center"):
        everything = st.checkbox(f"Select all {len(shown):,} shown", key=f"all-{_view(data)}-{len(shown)}")
        selected = tuple(shown) if everything else picked.selected
        label = f"Redrive {phrasing.plural(len(selected), 'message')}…" if selected else "Redrive…"
        if st.button(label, type="primary", icon=":material/replay:", key="open_redrive",
                     disabled=not selected or bool(data.why_not), help=data.why_not or None):
            open_with(data.queue.name, [letter.message_id for letter in selected])
            redrive_dialog(connection)
        hint = f"{len(selected):,} selected" if selected else "Tick messages to redrive, click one to look into it."
        st.caption(f":material/lock: {data.why_not}" if data.why_not else hint)


def _view(data: Data) -> str:
    return f"{data.queue.name}-{data.snapshot.shows}-{data.snapshot.read_at}-{data.words}-{state.text(CAUSE)}"


def _why_not(connection: Connection) -> str:
    """What is missing to redrive, or nothing."""
    settings, here = connection.settings, connection.clients.place
    if connection.place != here:
        return (f"Redrives from here reach account {here.account} in {here.region} only. Ask for this one in the "
                "Lamplight that is deployed there.")
    if can(people.actor(settings), Action.REDRIVE, settings.writes):
        return ""
    if not settings.writes:
        return "Writes are off here: `LAMPLIGHT_WRITES=on` allows redrives."
    return f"Redriving takes the role {needed(Action.REDRIVE)}; yours is {settings.role}."


def _remember(name: str, value: str) -> None:
    """Keep what was chosen in the link."""
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]


def _watched(queue: Queue) -> None:
    waiting = "Some messages wait" if queue.visible is None else (
        f"About {phrasing.plural(queue.visible, 'message waits', 'messages wait')}")
    empty(f"{waiting} in {phrasing.plain_markdown(queue.name)}, which is watched, not captured",
          "Looking into a queue would hide its messages and count as a receive, so only its numbers are shown. Add its "
          "ARN to CapturedQueueArns of the stack to have its messages kept and redrivable here.",
          ":material/visibility:")
