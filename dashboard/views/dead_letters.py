"""Dead letters: which messages died, of what, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import acts, clients, links, people, phrasing, reads, reads_recover, snapshots, state
from dashboard.components.act_dialog import told
from dashboard.components.empty import empty
from dashboard.components.import_dialog import IMPORT
from dashboard.components.letter_actions import dialog, letter_actions, letter_buttons, locks
from dashboard.components.letter_detail import Known, letter_detail
from dashboard.components.letters_table import Picked, Shown, causes_table, letters_table
from dashboard.components.live import live
from dashboard.letters import by_cause, matching
from dashboard.snapshots import ALL, DISCARDED, QUARANTINED, WAITING, Snapshot
from operations.permissions import Action
from store.clients import Connection
from store.recovery import Custody, DeadLetter, Queue

SHOWS = (WAITING, QUARANTINED, DISCARDED, ALL)
QUEUE, CAUSE = "queue", "cause"
REFRESH = "refresh_letters"
"""A button that every visit draws: Streamlit forgets its key when the page is left, which tells a new visit."""

NOTHING = {
    ALL: ("No message has died in {}", "Messages that fail too often appear here within seconds."),
    DISCARDED: ("No discarded message of {} is kept", "Messages that somebody discards are listed here, and the "
                "discard can be undone."),
    QUARANTINED: ("No message of {} is under quarantine", "A message that came back from three redrives is put here. "
                  "No redrive takes it until somebody releases it."),
}
"""What the other views say when there is nothing in them."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the page draws. `snapshot` is the list as it was read; rows never move under a selection."""

    queue: Queue
    snapshot: Snapshot
    words: str
    shown: Shown


def page() -> None:
    connection = clients.connection()
    st.title("Dead letters")
    found = sorted(reads.dead_letter_queues(connection), key=lambda one: (-(one[1] or 0), one[0].name))
    if not found:
        empty("No dead-letter queue is known yet", "The queue collector looks for them once a minute: queues that "
              "others, or functions, send their failures to.", ":material/inbox:")
        return
    anew = REFRESH not in st.session_state
    if anew:
        acts.dismissed()
    queue = _chosen_queue(found)
    shows, words = _filters()
    snapshot = snapshots.snapshot(connection, queue.name, shows, anew)
    _freshness(connection, queue, snapshot)
    told(connection)
    shown = Shown(state.zone(), connection.clock(), people.reveals(connection))
    render(connection, Data(queue, snapshot, words, shown))
    dialog(connection)


def render(connection: Connection, data: Data) -> None:
    if not data.snapshot.letters:
        _nothing(data)
        return
    found = matching(data.snapshot.letters, data.words, data.shown.revealed)
    if not found:
        empty("Nothing matches this filter", "Remove a word to see more.", ":material/filter_alt_off:")
        return
    named = f"{data.queue.name}-{data.snapshot.shows}-{data.snapshot.read_at}-{data.words}"
    cause = causes_table(by_cause(found), state.text(CAUSE), data.shown.now, data.shown.zone, f"causes-{named}")
    _remember(CAUSE, cause.id if cause else "")
    letters = cause.letters if cause else found
    bar = st.container()
    picked = letters_table(letters, _columns(data, bool(cause)), data.shown,
                           f"letters-{named}-{cause.id if cause else ''}")
    with bar:
        _actions(connection, data, letters, picked)
    _looked_into(connection, data, picked)


def _columns(data: Data, of_one_cause: bool) -> list[str]:
    """What the table shows: a captured letter has no deadline, and letters of one cause have one cause."""
    columns = ["body", "died", "receives", "life", "message"] if of_one_cause else ["cause", "body", "died", "function"]
    if data.queue.custody is Custody.WATCHED:
        columns.insert(1, "expires")
    states = {(letter.state, bool(letter.edit)) for letter in data.snapshot.letters}
    return ["state", *columns] if data.snapshot.shows == ALL or len(states) > 1 else columns


def _looked_into(connection: Connection, data: Data, picked: Picked) -> None:
    """One letter whole. What can be done to it stands in the bar when it is ticked, and here when it is not."""
    letter = picked.looked_into
    if letter is None:
        return
    if letter not in picked.selected:
        with st.container(horizontal=True):
            letter_buttons(connection, letter)
    known = Known(reads_recover.lives(connection, letter), reads_recover.edits_of(connection, letter))
    letter_detail(letter, data.shown, known)


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


def _freshness(connection: Connection, queue: Queue, snapshot: Snapshot) -> None:
    """How the list compares with the queue now, the way to a newer list, and who keeps the messages."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            live(connection.settings.refresh_seconds, lambda: _newcomers(connection, queue, snapshot))
        st.button("Refresh list", icon=":material/refresh:", key=REFRESH, type="tertiary", on_click=snapshots.forget)
        links.to("queues", f"The queue, {queue.custody}", icon=":material/inbox:", queue=queue.name,
                 help="Who keeps its messages, until when, and what can be done about it")
        why = people.why_not(connection, Action.IMPORT)
        st.button("Import…", icon=":material/upload:", key="open_import", type="tertiary", disabled=bool(why),
                  help=why or None, on_click=acts.open_with, args=(IMPORT, queue.name))


def _newcomers(connection: Connection, queue: Queue, snapshot: Snapshot) -> None:
    """Says when the queue has changed since the list was read; the list itself stays still."""
    listed = len(snapshot.letters)
    if snapshot.shows != WAITING:
        what = "message, dealt with or not" if snapshot.shows == ALL else f"{snapshot.shows.lower()} message"
        many = "messages, dealt with or not" if snapshot.shows == ALL else f"{what}s"
        most = reads_recover.MOST_LETTERS
        more = (f", the newest {listed:,} at most" if snapshot.shows == ALL else f" among the newest {most:,}") if (
            snapshot.counted >= most) else ""
        st.caption(f"{phrasing.plural(listed, what, many)}{more}")
        return
    now_waiting = reads_recover.waiting_count(connection, queue.name)
    if now_waiting != snapshot.counted:
        st.markdown(f":small[:violet[:material/mark_email_unread: {phrasing.plural(now_waiting, 'message')} "
                    f"waiting now, {snapshot.counted:,} when this list was read]]")
        return
    parts = [f"{phrasing.plural(snapshot.counted - snapshot.in_redrive, 'message')} waiting"]
    if snapshot.in_redrive:
        parts.append(f"{snapshot.in_redrive:,} being redriven")
    if listed + snapshot.in_redrive < snapshot.counted:
        parts.append(f"the newest {listed:,} are listed")
    if queue.custody is Custody.WATCHED and queue.visible is not None:
        parts.append(f"about {queue.visible:,} in the queue by SQS's count")
    st.caption(", ".join(parts))


def _nothing(data: Data) -> None:
    name, shows = phrasing.plain_markdown(data.queue.name), data.snapshot.shows
    if shows in NOTHING:
        empty(NOTHING[shows][0].format(name), NOTHING[shows][1])
    elif data.snapshot.in_redrive:
        empty(f"Every message of {name} is being redriven", "Its redrive says what becomes of each.",
              ":material/replay:")
        links.to("redrives", "Redrives", icon=":material/replay:")
    elif data.queue.custody is Custody.WATCHED and data.queue.visible != 0:
        _unseen(data.queue)
    else:
        empty(f"No dead letter waits in {name}",
              "Messages that fail too often appear here within seconds, and stay until somebody deals with them.")


def _unseen(queue: Queue) -> None:
    """Watched, with messages in it of which none is known."""
    waiting = "Some messages wait" if queue.visible is None else (
        f"About {phrasing.plural(queue.visible, 'message waits', 'messages wait')}")
    empty(f"{waiting} in {phrasing.plain_markdown(queue.name)}, which is watched, and none of them was seen yet",
          "Looking into a queue hides its messages for a moment and counts as a receive, so it is done on purpose: "
          "under Queues, for queues listed in WatchedQueueArns of the stack. Or have it captured.",
          ":material/visibility:")
    links.to("queues", f"Queues: {phrasing.plain_markdown(queue.name)}", icon=":material/inbox:", queue=queue.name)


def _actions(connection: Connection, data: Data, shown: Sequence[DeadLetter], picked: Picked) -> None:
    """The bulk bar, over the table so that it stays in sight."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        everything = st.checkbox(f"Select all {len(shown):,} shown", key=f"all-{_view(data)}-{len(shown)}")
        selected = tuple(shown) if everything else picked.selected
        letter_actions(connection, data.queue.name, selected)
    locks(connection, selected)


def _view(data: Data) -> str:
    return f"{data.queue.name}-{data.snapshot.shows}-{data.snapshot.read_at}-{data.words}-{state.text(CAUSE)}"


def _remember(name: str, value: str) -> None:
    """Keep what was chosen in the link."""
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]
