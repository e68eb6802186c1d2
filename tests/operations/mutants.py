"""Mistakes that redrivers really make, each a small change to the engine, and what it must be found out by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from collectors import dead_letters as capturing
from collectors import lineage
from operations import holds, payloads, queue_sender, rounds, verdicts
from operations.holds import QueueHold
from operations.journal import Claim, Journal, Move
from operations.leased import Leased
from operations.rounds import Round
from operations.senders import Answer, SendResult, ok
from store.letter_items import Stored
from store.recovery import DeadLetter, LetterState
from tests.operations.fake_dynamo import FakeDynamo
from tests.operations.redrive_world import World

Patch = pytest.MonkeyPatch
SENDS = "one_fault_in_every_send"


@dataclass(frozen=True)
class Mutant:
    """`verdict` is what the invariants must call it, `kind` the world it shows in, `story` the one that shows it."""

    apply: Callable[[Patch], None]
    verdict: str
    kind: str = "standard"
    story: str = SENDS


def written_down_before_it_is_sent(patch: Patch) -> None:
    """As deleting first: a crash in between, and nobody sends it."""
    claiming = Journal.claiming

    def too_early(self: Journal, letter: DeadLetter, now: int, stored: Stored | None) -> Move:
        move = claiming(self, letter, now, stored)
        return replace(move, after=replace(move.after, state=LetterState.SENT, redriven_at=now))

    patch.setattr(Journal, "claiming", too_early)


def failed_entries_are_not_looked_at(patch: Patch) -> None:
    patch.setattr(queue_sender, "_reconciled", lambda letter, taken, failed: ok((taken or {}).get("MessageId", "?")))


def nothing_is_written_down_before_a_send(patch: Patch) -> None:
    """Only that this job has it is written, which nobody reads as a send."""
    claiming = Journal.claiming

    def silent(self: Journal, letter: DeadLetter, now: int, stored: Stored | None) -> Move:
        move = claiming(self, replace(letter, state=LetterState.DEAD), now, stored)
        return replace(move, before=letter, after=replace(move.after, state=LetterState.DEAD, attempts=0))

    patch.setattr(Journal, "claiming", silent)


def each_job_keeps_its_own_journal(patch: Patch) -> None:
    aimed = Round._aimed

    def mine_only(self: Round, letter: DeadLetter) -> DeadLetter:
        others = letter.job_id not in (None, self.leased.job.id)
        return aimed(self, replace(letter, state=LetterState.DEAD, job_id=None) if others else letter)

    patch.setattr(Round, "_aimed", mine_only)


def deduplicated_by_body(patch: Patch) -> None:
    patch.setattr(queue_sender, "deduplication_id", lambda letter: hashlib.sha256(letter.body.encode()).hexdigest())


def the_sdk_sends_again_by_itself(patch: Patch) -> None:
    senders = World.senders

    def eager(self: World) -> Any:
        made = senders(self)
        for sender in made.values():
            if hasattr(sender._client, "client"):
                sender._client = sender._client.client(tries=4)
        return made

    patch.setattr(World, "senders", eager)


def doubtful_sends_are_not_counted(patch: Patch) -> None:
    claiming = Journal.claiming

    def certain(self: Journal, letter: DeadLetter, now: int, stored: Stored | None) -> Move:
        move = claiming(self, letter, now, stored)
        return replace(move, after=replace(move.after, ambiguous=letter.ambiguous))

    patch.setattr(Journal, "claiming", certain)


def whoever_writes_last_wins(patch: Patch) -> None:
    """No version guards a letter, no fence a job."""
    patch.setattr(FakeDynamo, "_check", lambda self, standing, more, operation: None)
    patch.setattr(FakeDynamo, "_reason", lambda self, action: {"Code": "None"})


def attributes_stay_behind(patch: Patch) -> None:
    attributes = payloads.attributes
    patch.setattr(payloads, "attributes", lambda letter: {
        name: value for name, value in attributes(letter).items() if value.binary is None})


def a_group_does_not_wait_for_its_first(patch: Patch) -> None:
    patch.setattr(rounds, "fifo_group", lambda letter: None)


def any_destination_will_do(patch: Patch) -> None:
    patch.setattr(verdicts, "_not_allowed", lambda *_: "")


def taken_before_it_is_stored(patch: Patch) -> None:
    capture = capturing.capture

    def blind(event: Any, connection: Any) -> dict[str, Any]:
        capture(event, connection)
        return {"batchItemFailures": []}

    patch.setattr(capturing, "capture", blind)


def a_cancel_is_not_heard(patch: Patch) -> None:
    patch.setattr(Leased, "must_stop", property(lambda self: self.means.out_of_time))


def the_rate_is_forgotten(patch: Patch) -> None:
    patch.setattr(Round, "_keep_to_rate", lambda self, count, started: None)


def doubt_is_taken_for_success(patch: Patch) -> None:
    """A letter whose answer never came is told as sent."""
    answering = Journal.answering

    def hopeful(self: Journal, claim: Claim, answer: SendResult, now: int) -> Move | None:
        return answering(self, claim, ok("?") if answer.answer is Answer.AMBIGUOUS else answer, now)

    patch.setattr(Journal, "answering", hopeful)


def deleted_before_it_is_sent(patch: Patch) -> None:
    """The queue is told to forget the messages first, as some movers do."""
    sent = Round._sent

    def forgetful(self: Round, sender: Any, claims: list[Claim]) -> list[Move]:
        self.hold.forget([claim.letter.message_id for claim in claims])
        return sent(self, sender, claims)

    patch.setattr(Round, "_sent", forgetful)


def deleted_without_writing_it_down(patch: Patch) -> None:
    """Sent, then deleted; the table hears of it last."""
    patch.setattr(Round, "_answered", _then_forgotten(Round._answered))


def _then_forgotten(answered: Any) -> Any:
    def forgetful(self: Round, claim: Claim, *rest: Any) -> Any:
        self.hold.forget([claim.letter.message_id])
        return answered(self, claim, *rest)

    return forgetful


def one_empty_receive_is_enough(patch: Patch) -> None:
    patch.setattr(holds, "EMPTY_POLLS", 1)
    patch.setattr(QueueHold, "_holds_all", lambda self: True)


def a_lineage_is_never_given_up(patch: Patch) -> None:
    patch.setattr(lineage, "RETURNS", 99)


FIVE = ("recorded first", "failed ignored", "no journal", "journal per job", "dedup by body")
"""What tools that move messages really get wrong: the send is believed before it is made (or its queue forgets first),
entries that failed are taken for sent, a restart knows nothing, each job knows only itself, ids by content."""
MUTANTS = {
    "recorded first": Mutant(written_down_before_it_is_sent, "LOST"),
    "failed ignored": Mutant(failed_entries_are_not_looked_at, "LOST"),
    "no journal": Mutant(nothing_is_written_down_before_a_send, "DUP", story="killed_at_every_call"),
    "journal per job": Mutant(each_job_keeps_its_own_journal, "DUP", story="two_operators_choose_the_same"),
    "dedup by body": Mutant(deduplicated_by_body, "LOST", "fifo", "back_within_five_minutes"),
    "sdk retries": Mutant(the_sdk_sends_again_by_itself, "DUP"),
    "doubt not counted": Mutant(doubtful_sends_are_not_counted, "DUP", story="killed_at_every_call"),
    "last writer wins": Mutant(whoever_writes_last_wins, "R4", story="overtaken_in_the_middle_of_a_send"),
    "attributes dropped": Mutant(attributes_stay_behind, "R5"),
    "group overtakes": Mutant(a_group_does_not_wait_for_its_first, "R10", "fifo", "a_group_whose_first_is_not_taken"),
    "any destination": Mutant(any_destination_will_do, "R14", story="a_stranger_in_the_queue"),
    "captured unseen": Mutant(taken_before_it_is_stored, "LOST", story="the_table_is_away_while_messages_die"),
    "cancel unheard": Mutant(a_cancel_is_not_heard, "R9", story="cancelled_after_the_first_send"),
    "rate forgotten": Mutant(the_rate_is_forgotten, "R9", story="a_rate_is_asked_for"),
    "ambiguous is sent": Mutant(doubt_is_taken_for_success, "LOST"),
    "never given up": Mutant(a_lineage_is_never_given_up, "R15", story="back_from_every_redrive"),
    "deleted first": Mutant(deleted_before_it_is_sent, "LOST", "watched", SENDS),
    "deleted unrecorded": Mutant(deleted_without_writing_it_down, "LOST", "watched", "killed_at_every_call"),
    "empty is gone": Mutant(one_empty_receive_is_enough, "R11", "watched", "overtaken_in_the_middle_of_a_send"),
}
