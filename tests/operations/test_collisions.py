"""A task that moves everything out of a queue, and what would take messages of the same queue meanwhile."""

from __future__ import annotations

import pytest

from operations import commands, redrive
from operations.commands import WITHIN_MS
from operations.errors import AlreadyRedriving, BeingMoved, CommandNotPossible
from operations.permissions import Actor
from operations.plan import BEING_MOVED, Verdict, plan
from store.commands import Command, Kind
from store.recovery import Custody
from tests.builders import PLACE, QUEUE
from tests.operations.bench import ADA, Bench

ADMIN = Actor("root@example.com", "admin")


def asked(bench: Bench, kind: Kind, command_id: str = "c-1", queue: str = QUEUE) -> Command:
    wanted = commands.new(PLACE, command_id, kind, queue, "everything is fixed")
    return commands.ask(bench.table, bench.clock, ADMIN, True, wanted)


@pytest.mark.parametrize("kind", [Kind.MOVE, Kind.SWITCH, Kind.FORGET])
def test_what_takes_from_a_queue_is_not_asked_for_while_everything_is_moved(bench: Bench, kind: Kind):
    asked(bench, Kind.MOVE)
    with pytest.raises(CommandNotPossible, match=f"asked to move everything back for {QUEUE}; it is asked"):
        asked(bench, kind, "c-2")
    assert asked(bench, kind, "c-3", "another-dlq").kind is kind
    assert asked(bench, Kind.LOOK, "c-4").kind is Kind.LOOK
    assert asked(bench, Kind.STOP_MOVE, "c-5").kind is Kind.STOP_MOVE
    assert asked(bench, Kind.MOVE).id == "c-1", "the same click again is the same command"


def test_a_command_nobody_began_in_time_stands_in_no_way(bench: Bench):
    asked(bench, Kind.MOVE)
    bench.clock.advance(WITHIN_MS + 1)
    assert asked(bench, Kind.MOVE, "c-2").id == "c-2"


def test_everything_is_not_moved_while_a_redrive_sends(bench: Bench):
    bench.ask(bench.letters("m-1"))
    with pytest.raises(AlreadyRedriving, match="job-1"):
        asked(bench, Kind.MOVE)
    assert asked(bench, Kind.SWITCH, "c-2").kind is Kind.SWITCH


def test_messages_that_are_moved_are_not_redriven_too(bench: Bench):
    bench.letters("m-1", custody=Custody.WATCHED)
    bench.letters("m-2")
    asked(bench, Kind.MOVE)
    first, second = plan(bench.table, PLACE, QUEUE, ["m-1", "m-2"]).letters
    assert (first.verdict, first.reason, first.job_id) == (Verdict.HELD, BEING_MOVED, None)
    assert second.verdict is Verdict.WILL_RUN, "a captured letter is not in the queue"
    with pytest.raises(BeingMoved, match=f"A task moves everything in {QUEUE} back"):
        bench.ask(["m-1", "m-2"])
    assert redrive.ask(bench.table, PLACE, bench.clock, ADA, True, queue=QUEUE, message_ids=["m-2"],
                       reason="the warehouse is back", job_id="job-2").total == 1
