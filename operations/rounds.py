"""One round through the letters of a hold: batch by batch claimed, sent, written down, and let go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from operations.holds import Hold, QueueHold
from operations.journal import LEFT_US, Claim, Move
from operations.leased import Leased
from operations.queue_sender import fifo_group
from operations.senders import Answer, Sender, SendResult
from store import dead_letters
from store.clock import SECOND_MS
from store.errors import LamplightError
from store.letter_items import Stored
from store.recovery import Custody, DeadLetter, Destination, JobResult, LetterState, Outcome, Way

OTHER_BODY = "the message in its queue is not the one in the table"


@dataclass(slots=True)
class Round:
    """`held` are the FIFO groups that wait for their first letter; `order` says where a letter stands in the
    selection, and `barred` behind which place a group may not go on; both only where order counts."""

    leased: Leased
    hold: Hold
    order: dict[str, int] = field(default_factory=dict)
    barred: dict[str, int] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    apart: list[str] = field(default_factory=list)
    """Letters that another hold has."""
    waiting_for: str = ""
    stored: dict[str, Stored | None] = field(default_factory=dict)
    """Rows of letters that were read and not claimed yet."""

    def run(self, ids: Sequence[str]) -> None:
        """Raises ConditionLost when another worker has the job, StoreError when table or queue cannot be used."""
        try:
            self._through(self._batches(ids))
        except LamplightError:
            self.hold.release()
            raise
        self.hold.release()

    @property
    def _watched(self) -> bool:
        return isinstance(self.hold, QueueHold)

    def _through(self, batches: Iterator[tuple[list[DeadLetter], Sender]]) -> None:
        """The next batch is read before this one is sent, so that its claims go with what comes of this one."""
        settling: list[Move] = []
        upcoming = next(batches, None)
        while upcoming and not self.leased.must_stop:
            batch, sender = upcoming
            upcoming = None
            claims = self._claimed(settling, batch)
            settling = []
            if claims:
                if self.hold.ahead:
                    upcoming = self._read_ahead(batches, claims)
                settling = self._sent(sender, claims)
            if settling and (not self.hold.ahead or self.leased.job.rate_per_s):
                settling = self._settled(settling)
            if claims:
                self._keep_to_rate(len(claims), claims[0].letter.claimed_at or 0)
            if not upcoming and not self.leased.must_stop:
                settling = self._settled(settling) if settling else settling
                upcoming = next(batches, None)
        self._settled(settling)

    def _claimed(self, settling: list[Move], batch: list[DeadLetter]) -> list[Claim]:
        leased, now = self.leased, self.leased.means.clock()
        kept = self.hold.keep([letter.message_id for letter in batch])
        ready = [letter for letter in batch if letter.message_id in kept and self._in_turn(letter)]
        if not ready and not settling:
            return []
        rows = {letter.message_id: self.stored.pop(letter.message_id, None) for letter in batch}
        claims = self._written(settling, [leased.journal.claiming(letter, now, rows[letter.message_id])
                                          for letter in ready])
        leased.moved = leased.moved or len(claims) < len(ready)
        if claims:
            leased.refuse_to_send_without_lease(claims)
        return claims

    def _read_ahead(self, batches: Iterator[tuple[list[DeadLetter], Sender]],
                    claims: list[Claim]) -> tuple[list[DeadLetter], Sender] | None:
        try:
            upcoming = next(batches, None)
            self.leased.refuse_to_send_without_lease(claims)
        except LamplightError:
            self.leased.give_back(claims)
            raise
        return upcoming

    def _sent(self, sender: Sender, claims: list[Claim]) -> list[Move]:
        """Send, and say what is to be written down of it. In watched custody what was sent is written down, then its
        queue is told, and that is to be written down."""
        answers = sender.send([claim.letter for claim in claims])
        now = self.leased.means.clock()
        moves = [move for claim, answer in zip(claims, answers, strict=True)
                 if (move := self._answered(claim, answer, now))]
        if not self._watched:
            return moves
        sent = tuple(move.before.message_id for move in moves if move.result and move.result.outcome is Outcome.SENT)
        done, _ = self.leased.turn(moves, deleting=tuple(dict.fromkeys((*self.leased.job.deleting, *sent))))
        self.done |= done
        gone = self._forgotten([replace(move.after, version=move.before.version + 1) for move in moves
                                if move.before.message_id in sent])
        stored = {move.before.message_id: move.stored for move in moves}
        return [replace(move, stored=stored[move.before.message_id]) for move in gone]

    def _answered(self, claim: Claim, answer: SendResult, now: int) -> Move | None:
        move = self.leased.journal.answering(claim, answer, now)
        if answer.answer in (Answer.LATER, Answer.AMBIGUOUS):
            self.leased.moved = self.leased.moved or answer.answer is Answer.AMBIGUOUS
            self.waiting_for = answer.reason
            group = fifo_group(claim.letter)
            if group is not None:
                self.held.add(group)
        return move

    def _forgotten(self, letters: Sequence[DeadLetter]) -> list[Move]:
        """Tell the queue to forget these; what is to be written down of it."""
        now = self.leased.means.clock()
        gone = set(self.hold.forget([letter.message_id for letter in letters]))
        return [Move(letter, replace(letter, deleted_at=now)) for letter in letters if letter.message_id in gone]

    def _settled(self, settling: list[Move]) -> list[Move]:
        """Write down what came of the last batch, with no other to claim."""
        if settling:
            self._written(settling, [])
        return []

    def _written(self, settling: list[Move], claiming: list[Move]) -> list[Claim]:
        gone = {move.before.message_id for move in settling if move.after.deleted_at}
        deleting = tuple(one for one in self.leased.job.deleting if one not in gone)
        done, claims = self.leased.turn(settling, claiming, deleting)
        self.done |= done
        return claims

    def _in_turn(self, letter: DeadLetter) -> bool:
        group = fifo_group(letter)
        if group is None:
            return True
        place = self.order.get(letter.message_id, 0)
        if group in self.held:
            self.barred[group] = min(place, self.barred.get(group, place))
            return False
        return place <= self.barred.get(group, place)

    def _keep_to_rate(self, count: int, started: int) -> None:
        rate = self.leased.job.rate_per_s
        if rate:
            passed = (self.leased.means.clock() - started) / SECOND_MS
            self.leased.means.pause(max(0.0, count / rate - passed))

    def _batches(self, ids: Sequence[str]) -> Iterator[tuple[list[DeadLetter], Sender]]:
        for chunk in self.hold.chunks(ids):
            for destination, together in groupby(self._to_send(chunk), key=lambda letter: letter.destination):
                sender = self.leased.means.senders[destination.way]
                for batch in sender.pack(together):
                    for some in _cut(batch, self.leased.job.rate_per_s or len(batch)):
                        yield some, sender

    def _to_send(self, ids: Sequence[str]) -> list[DeadLetter]:
        """Read the letters and give their result to those there is nothing to send for."""
        leased, job, now = self.leased, self.leased.job, self.leased.means.clock()
        letters, broken, stored = dead_letters.find_many(leased.means.table, job.place, job.queue, ids)
        waiting: list[DeadLetter] = []
        self.stored |= stored
        for message_id in ids:
            letter = letters.get(message_id)
            if message_id in broken:
                result = leased.journal.lose(broken[message_id].letter, str(broken[message_id]), now)
            elif letter is None:
                gone = JobResult(f"{job.queue}/{message_id}", Outcome.SKIPPED, now, "it is not in the table")
                result = leased.journal.write(gone)
            else:
                result = self._assessed(self._aimed(letter), waiting)
            if leased.count(result):
                self.done.add(message_id)
                self.stored.pop(message_id, None)
        return waiting

    def _assessed(self, letter: DeadLetter, waiting: list[DeadLetter]) -> JobResult | None:
        journal, now = self.leased.journal, self.leased.means.clock()
        if self._elsewhere(letter):
            return None
        if self.hold.differs(letter.message_id, letter.body_sha256):
            return journal.lose(letter, OTHER_BODY, now)
        result = journal.assess(letter, self.leased.queue, now, self.leased.job.destination or "")
        if result is None and letter.state not in LEFT_US:
            waiting.append(letter)
        if letter.state in LEFT_US and letter.job_id == self.leased.job.id and self._watched:
            for move in self._forgotten([letter]):
                journal.forgotten(move.before, now)
        return result

    def _elsewhere(self, letter: DeadLetter) -> bool:
        """Whether another hold has it; its FIFO group then waits for it."""
        at_rest = not letter.state.redrivable and letter.state is not LetterState.CLAIMED
        queue = self.leased.queue
        if (letter.custody is Custody.WATCHED) is self._watched or at_rest or not queue or queue.dead_letter_arn:
            return False
        self.apart.append(letter.message_id)
        group = fifo_group(letter)
        if group is not None:
            self.held.add(group)
        return True

    def _aimed(self, letter: DeadLetter) -> DeadLetter:
        """The letter with the destination the job names; its own way back stays as it was in the table."""
        arn = self.leased.job.destination
        if not arn:
            return letter
        return replace(letter, destination=Destination(Way.INVOKE if ":lambda:" in arn else Way.SEND, arn))


def _cut(batch: list[DeadLetter], size: int) -> Iterator[list[DeadLetter]]:
    for start in range(0, len(batch), size):
        yield batch[start:start + size]
