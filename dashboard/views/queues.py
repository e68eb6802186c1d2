"""Queues: every dead-letter queue with who keeps its messages and until when, and what the worker can do about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import streamlit as st

from dashboard import acts, clients, links, people, phrasing, queues, reads_recover, state
from dashboard.components.act_dialog import told
from dashboard.components.commands_list import commands_list, commands_table
from dashboard.components.empty import empty
from dashboard.components.errand_dialog import WORDS, errand_dialog
from dashboard.components.live import live
from dashboard.components.metrics_row import Metric, metrics_row
from dashboard.components.tables import table
from dashboard.queues import KINDS, Errand, Standing
from operations.commands import NEEDS
from store.clients import Connection
from store.clock import DAY_MS
from store.commands import Command

QUEUE = "queue"
WATCHED_SECONDS = 3
"""Commands end within a minute of the worker's coming; what they say is read this often."""


@dataclass(frozen=True, slots=True)
class Data:
    found: Sequence[Standing]
    commands: Sequence[Command]
    zone: tzinfo
    now: int


def page() -> None:
    connection = clients.connection()
    st.title("Queues")
    render(connection, Data(queues.worst_first(reads_recover.standings(connection)),
                            reads_recover.recent_commands(connection), state.zone(), connection.clock()))


def render(connection: Connection, data: Data) -> None:
    if not data.found:
        empty("No dead-letter queue is known yet", "The queue collector looks for them once a minute: queues that "
              "others, or functions, send their failures to.", ":material/inbox:")
        return
    metrics_row(headline(data))
    names = [one.queue.name for one in data.found]
    linked = state.choice(QUEUE, tuple(names), names[0])
    if _key(names) not in st.session_state:  # Streamlit forgets it when the page is left
        acts.dismissed()
    row = table(queues.frame(data.found, data.now), _key(names), _columns(), "Dead-letter queues",
                names.index(linked))
    name = names[row] if row is not None else linked
    if st.query_params.get(QUEUE) != name:
        st.query_params[QUEUE] = name
    _detail(connection, data.found[names.index(name)], data)
    if data.commands:
        st.subheader("Everything asked of the worker", anchor=False)
        live(connection.settings.refresh_seconds, lambda: commands_table(
            reads_recover.recent_commands(connection), connection.clock(), data.zone))


def _key(names: Sequence[str]) -> str:
    """The same rows, the same key: a selection is kept by position."""
    return f"queues-{hashlib.sha256(json.dumps(names).encode()).hexdigest()[:12]}"


def headline(data: Data) -> list[Metric]:
    """How the queues stand together."""
    captured = sum(one.captured for one in data.found)
    soon = [one for one in data.found if one.expires_at is not None and one.expires_at <= data.now + DAY_MS]
    under_way = sum(one.state.open for one in data.commands)
    return [
        Metric("Dead-letter queues", f"{len(data.found):,}", help="Queues that others send failures to."),
        Metric("Captured", f"{captured:,}", help="Their messages are kept in the table and do not expire."),
        Metric("Watched", f"{len(data.found) - captured:,}", help="Their messages stay in the queue."),
        Metric("Expiring within a day", f"{len(soon):,}", help="Queues that are about to forget a message that nothing "
                                                               "else keeps."),
        Metric("Under way", f"{under_way:,}", help="Asked of the worker and not over yet."),
    ]


def _detail(connection: Connection, one: Standing, data: Data) -> None:
    """One queue: what its custody means, where messages may go, and what can be asked for."""
    st.subheader(phrasing.plain_markdown(one.queue.name), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        tone = "green" if one.captured else "orange" if one.refused else "blue"
        st.badge(queues.custody(one), color=tone)  # type: ignore[arg-type]
        for word in ("FIFO",) * one.queue.fifo + ("encrypted",) * one.queue.encrypted:
            st.badge(word, color="gray")
        links.to("dead_letters", f"{queues.waiting(one)} dead letters", icon=":material/mail:", queue=one.queue.name)
    st.markdown(phrasing.plain_markdown(queues.explained(one), 600))
    st.caption("\n".join(f"- {phrasing.plain_markdown(line, 400)}" for line in facts(one, data)))
    _errands(connection, one, data)
    told(connection)
    drawn = _under_way(data.commands, one.queue.name)
    request = acts.standing()
    if request and request.kind in WORDS:
        errand_dialog(connection, request)
    live(WATCHED_SECONDS, lambda: _commands(connection, one.queue.name, data.zone, drawn))


def facts(one: Standing, data: Data) -> list[str]:
    """Deadline, look, way back and policies, a sentence each."""
    found = []
    if one.expires_at is not None:
        some = f"{phrasing.plural(one.expiring.count, 'message')} known to expire, " if one.expiring and (
            one.expiring.count) else ""
        more = ", perhaps more" if one.expiring and one.expiring.more and some else ""
        first = phrasing.ago(one.expires_at, data.now) if one.expires_at > data.now else "now"
        found.append(f"Deadline: {some}the first {first}, {phrasing.moment(one.expires_at, data.zone)}{more}.")
    if one.look and one.look.seen and not one.captured:
        seen = "everything in it" if one.look.complete else "not everything in it"
        count = phrasing.plural(one.look.seen, "message")
        found.append(f"Last look {phrasing.ago(one.look.at, data.now)}: {count} seen, {seen}; {one.look.new:,} new, "
                     f"{one.look.gone:,} gone; {one.look.requests:,} requests.")
    if one.look and one.look.problem:
        found.append(f"The look had a problem: {one.look.problem}")
    back = queues.ways_back(one)
    found.append(f"Messages may go back only to: {back}." if one.queue.sources else
                 "Nobody is known to send failures here, so a redrive has no destination.")
    policy = queues.policies(one)
    if policy:
        found.append(f"Policy: {'; '.join(policy)}.")
    return found


def _errands(connection: Connection, one: Standing, data: Data) -> None:
    """A button each, with why not beside it."""
    offered = queues.offered(one, data.commands)
    barred_all = people.missing(connection, [NEEDS[KINDS[errand]] for errand in offered])
    missing = [barred_all] if barred_all else []
    with st.container(horizontal=True, gap="small"):
        for errand, why in offered.items():
            barred = people.why_not(connection, NEEDS[KINDS[errand]])
            st.button(f"{errand}…", key=f"errand_{errand.name.lower()}", icon=f":material/{WORDS[errand].icon}:",
                      disabled=bool(barred or why), help=barred or why or None, on_click=acts.open_with,
                      args=(errand, one.queue.name))
            if why and not barred and errand in (Errand.MOVE, Errand.ARCHIVE, Errand.LOOK):
                missing.append(f"{errand}: {phrasing.plain_markdown(why, 400)}")
    for sentence in missing:
        st.caption(f":material/lock: {sentence}")


def _commands(connection: Connection, name: str, zone: tzinfo, drawn: list[str]) -> None:
    """What becomes of each. When one has ended, the queue above it and its buttons are drawn anew, unless somebody is
    in the middle of asking for something else."""
    found = reads_recover.recent_commands(connection)
    if _under_way(found, name) != drawn and not acts.standing():
        reads_recover.forget_letters()
        st.rerun()
    mine = [one for one in found if one.subject == name]
    if mine:
        st.markdown("**Asked for this queue**")
        commands_list(mine, connection.clock(), zone)


def _under_way(found: Sequence[Command], name: str) -> list[str]:
    return [one.id for one in found if one.subject == name and one.state.open]


def _columns() -> dict[str, object]:
    config = st.column_config
    return {
        "queue": config.TextColumn("queue", width=230),
        "custody": config.TextColumn("custody", width=110),
        "waiting": config.TextColumn("waiting", width=75, alignment="right",
                                     help="Counted when captured; ~ is SQS's own approximate number"),
        "oldest": config.TextColumn("oldest", width=75, alignment="right"),
        "expires": config.TextColumn("first expires", width=100),
        "look": config.TextColumn("last look", width=150),
        "fifo": config.TextColumn("type", width=80),
        "back": config.TextColumn("may go back to", width=230),
    }
