"""AWS's own move task, on a stub: no emulator has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations import commands
from operations.commands import Handlers
from operations.errors import AlreadyRedriving, CommandNotPossible
from operations.move_task import SKEW_MS, Move, MoveTasks, StopMove, why_not
from store import audit_log, jobs, queues
from store import commands as rows
from store.commands import CommandState, Kind
from store.recovery import Custody
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN, a_job
from tests.operations.bench import ADA, DLQ_ARN, LONG_MS, a_queue
from tests.operations.fake_calls import Fault, refusal
from tests.operations.fake_sqs import FakeSqs, redrive_policy

FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:notify"


class World:
    """A dead-letter queue with messages of one source, and a worker."""

    def __init__(self, table, clock, messages=25):
        self.table, self.clock = table, clock
        self.sqs = FakeSqs(clock)
        self.dead = self.sqs.add(QUEUE)
        self.source = self.sqs.add("orders-fulfil", RedrivePolicy=redrive_policy(self.dead.arn, 3))
        for number in range(messages):
            self.dead.take(str(number), {}, {"DeadLetterQueueSourceArn": SOURCE_ARN}, None, None)
        queues.put(table, a_queue(url=self.dead.url))

    def ask(self, kind=Kind.MOVE, command_id="c-1", **arguments):
        wanted = commands.new(PLACE, command_id, kind, QUEUE, "everything can run again", arguments=arguments)
        return commands.ask(self.table, self.clock, ADA, True, wanted)

    def work(self, allowed=(DLQ_ARN,), owner="worker-1"):
        tasks = MoveTasks(self.sqs.client(4), self.sqs)  # type: ignore[arg-type]
        handlers: Handlers = {Kind.MOVE: Move(self.table, tasks, allowed),
                              Kind.STOP_MOVE: StopMove(self.table, tasks, allowed)}
        return commands.run(self.table, self.clock, handlers, owner, lambda: LONG_MS)

    def standing(self, command_id="c-1"):
        command = rows.get(self.table, command_id)
        assert command is not None
        return command


@pytest.fixture
def world(table, clock):
    return World(table, clock)


def test_a_task_is_started_once_followed_and_ended_with_what_it_says(world):
    world.ask(rate="50")
    assert world.work()[0].outcome == "Running: about 0 of about 25 messages moved."
    world.clock.advance(60_000)
    world.sqs.tasks.work()
    assert world.work()[0].outcome == "Running: about 10 of about 25 messages moved."
    world.sqs.tasks.work(100)
    (done,) = world.work()
    assert (done.state, done.outcome) == (CommandState.DONE, "Completed: about 25 of about 25 messages moved.")
    assert len(world.sqs.tasks.tasks) == 1
    assert len(world.source.messages) == 25
    (entry,) = audit_log.entries(world.table, PLACE, NOW)
    assert (entry.action, entry.outcome, entry.outcome_details["moved"]) == ("move everything back", "done", "25")


def test_a_start_whose_answer_was_lost_is_found_in_the_list_and_not_started_again(world):
    world.ask()
    world.sqs.calls.plan("sqs:StartMessageMoveTask", [Fault.DROP_AFTER])
    assert "Running" in (world.work()[0].outcome or "")
    world.work()
    assert len(world.sqs.tasks.tasks) == 1


def test_a_start_that_never_arrived_is_a_failure_and_says_so(world):
    world.ask()
    world.sqs.calls.plan("sqs:StartMessageMoveTask", [Fault.DROP_BEFORE])
    (failed,) = world.work()
    assert (failed.state, world.sqs.tasks.tasks) == (CommandState.FAILED, [])


def test_a_worker_that_died_after_the_start_does_not_start_another(world):
    asked = world.ask()
    world.sqs.start_message_move_task(SourceArn=DLQ_ARN)
    rows.save(world.table, replace(asked, state=CommandState.RUNNING, attempts=1, started_at=NOW))
    world.sqs.tasks.work(100)
    (done,) = world.work()
    assert (done.state, len(world.sqs.tasks.tasks)) == (CommandState.DONE, 1)
    assert "note" not in done.details


def test_a_task_that_somebody_else_began_is_followed_and_said_to_be_theirs(world):
    world.sqs.start_message_move_task(SourceArn=DLQ_ARN)
    world.clock.advance(SKEW_MS + 1)
    world.ask()
    assert "somebody had started" in world.work()[0].details["note"]
    assert len(world.sqs.tasks.tasks) == 1


def test_an_older_task_that_has_ended_is_not_taken_for_ours(world):
    world.sqs.start_message_move_task(SourceArn=DLQ_ARN)
    world.sqs.tasks.work(100)
    world.clock.advance(SKEW_MS + 1)
    world.ask()
    world.work()
    assert len(world.sqs.tasks.tasks) == 2


def test_a_message_that_says_no_source_fails_the_task_in_words(world):
    world.dead.take("sent here by hand", {}, {}, None, None)
    world.ask()
    world.work()
    world.sqs.tasks.work(100)
    (failed,) = world.work()
    assert failed.state is CommandState.FAILED
    assert "CouldNotDetermineMessageSource; about 25 of about 26" in (failed.outcome or "")


def test_a_running_task_that_cannot_be_asked_about_goes_on(world):
    world.ask()
    world.work()
    world.sqs.calls.plan("sqs:ListMessageMoveTasks", [Fault.THROTTLE] * 4)
    (going,) = world.work()
    assert (going.state, going.outcome) == (CommandState.RUNNING, "Running: about 0 of about 25 messages moved.")


def test_a_task_that_sqs_forgot_is_not_started_again(world):
    world.ask()
    world.work()
    world.sqs.tasks.tasks.clear()
    world.clock.advance(60_000)
    (failed,) = world.work()
    assert (failed.state, world.sqs.tasks.tasks) == (CommandState.FAILED, [])


def test_stopping_tells_what_stays_moved_and_the_move_ends_as_cancelled(world):
    world.ask()
    world.work()
    world.sqs.tasks.work(10)
    world.ask(Kind.STOP_MOVE, "c-2")
    world.work()
    assert "about 10 messages had been moved" in (world.standing("c-2").outcome or "")
    world.work()
    assert world.standing().outcome == "Cancelled: about 10 of about 25 messages moved."
    world.ask(Kind.STOP_MOVE, "c-3")
    world.work()
    assert world.standing("c-3").state is CommandState.REFUSED


def test_a_queue_a_redrive_is_sending_from_is_left_to_it(world):
    world.ask()
    jobs.create(world.table, a_job(), ["m-1"])  # of a moment later, which did not see the command yet
    (refused,) = world.work()
    assert refused.outcome == AlreadyRedriving("job-1", [f"messages of {QUEUE}"]).sentence


@pytest.mark.parametrize(("facts", "why"), [
    ({"custody": Custody.CAPTURED}, "is captured"), ({"sources": ()}, "No queue is known"),
    ({"sources": (SOURCE_ARN, FUNCTION_ARN)}, "notify sends its failures"),
    ({"arn": DLQ_ARN.replace("123456789012", "999999999999")}, "account 999999999999"),
])
def test_where_it_is_the_wrong_tool_the_reason_is_said(world, facts, why):
    queue = a_queue(**facts)
    assert why in (why_not(queue) or "")
    queues.put(world.table, queue)
    world.ask()
    assert world.work(allowed=(queue.arn,))[0].state is CommandState.REFUSED
    assert world.sqs.tasks.tasks == []


def test_a_queue_that_was_not_listed_and_a_rate_sqs_has_not_are_refused(world):
    assert why_not(a_queue()) is None
    world.ask()
    assert "may not touch" in (world.work(allowed=())[0].outcome or "")
    world.ask(command_id="c-2", rate="501")
    assert "501 messages per second" in (world.work()[0].outcome or "")


def test_a_cloud_without_move_tasks_says_so(world):
    def unsupported(**_):
        raise refusal("AWS.SimpleQueueService.UnsupportedOperation", "ListMessageMoveTasks")
    world.sqs.tasks.listed = unsupported
    world.ask()
    (failed,) = world.work()
    assert (failed.state, "UnsupportedOperation" in (failed.outcome or "")) == (CommandState.FAILED, True)


def test_what_it_cannot_do_there_is_a_refusal_before_anything_is_asked(world):
    with pytest.raises(CommandNotPossible, match="not known here"):
        Move(world.table, MoveTasks(world.sqs, world.sqs), ())(
            commands.new(PLACE, "c-1", Kind.MOVE, "other-dlq", "everything"), lambda: LONG_MS)
    assert world.sqs.calls.said == []
