"""R1 to R15: what must hold of a redrive world, each as its own check. AFTER_EVERY_STEP holds at any moment,
AT_THE_END once everything has been drained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from operations.plan import plan, sends
from operations.sending import ABSENT
from store import jobs
from store.recovery import DeadLetter, JobState, LetterState
from tests.builders import PLACE
from tests.operations.redrive_world import World, marker

GONE_BACK = (LetterState.SENT, LetterState.SUCCEEDED, LetterState.PRESUMED, LetterState.RETURNED)
BATCH = 10
MAX_REDRIVES = 3
SECOND_MS = 1_000


class Broken(AssertionError):
    """An invariant does not hold; `verdict` says what it means: LOST, DUP, or the invariant's number."""

    def __init__(self, verdict: str, said: str) -> None:
        super().__init__(f"{verdict}: {said}")
        self.verdict = verdict


def must(holds: bool, verdict: str, said: object) -> None:
    if not holds:
        raise Broken(verdict, str(said))


def r1_every_message_is_somewhere(world: World) -> None:
    """In a queue, in the table with its body, or processed; and what is said to be sent was sent."""
    lives, copies = world.lives(), world.copies()
    for token, (body, _, _) in world.originals.items():
        mine = lives.get(token, [])
        in_queues = any(world.token(one.body, one.attributes) == token
                        for queue in (world.dead, world.source, world.foreign) for one in queue.messages.values())
        unseen = token in world.unseen
        must(bool(mine or in_queues or unseen or world.processed.get(token)), "LOST", f"{token} is nowhere")
        must(all(letter.body == body for letter in mine), "LOST", f"{token} is kept with another body")
        gone = sum(letter.state in GONE_BACK for letter in mine)
        must(copies[token] >= gone, "LOST", f"{token}: {gone} lives are said to be sent, {copies[token]} arrived")


def r2_every_duplicate_is_listed(world: World) -> None:
    lives, copies = world.lives(), world.copies()
    for token, count in copies.items():
        most = sum(1 + letter.ambiguous for letter in lives.get(token, []))
        must(count <= most, "DUP", f"{token}: {count} copies arrived, {most} can be accounted for")
    by_life = Counter(marker(one) for one in world.returns if one.delivered)
    for letter in (one for each in lives.values() for one in each):
        must(by_life[letter.key] <= 1 + letter.ambiguous, "DUP",
             f"{letter.key}: {by_life[letter.key]} copies, {letter.ambiguous} ambiguous sends")


def r3_nothing_is_deleted_before_it_is_safe(world: World) -> None:
    """Captured: not before the table has it. Watched: not before it is written down as sent."""
    for message_id, letter in world.deletions:
        must(letter is not None and bool(letter.body), "LOST", f"{message_id} was deleted before it was stored")
        must(not world.watched or (letter is not None and letter.state in GONE_BACK), "LOST",
             f"{message_id} was deleted before it was written down as sent")


def r4_every_letter_of_a_job_has_one_result(world: World) -> None:
    for job in world.jobs():
        results = [one.letter for one in jobs.results(world.eye, job.id)]
        asked = {f"{job.queue}/{one}" for one in jobs.selection(world.eye, job.id)}
        must(set(results) <= asked and len(results) == len(set(results)), "R4", f"{job.id} has results of others")
        if not sends(job) and job.state is not JobState.REFUSED:
            must(set(results) == asked, "R4", f"{job.id} is past sending, without {asked - set(results)}")


def r5_what_arrives_is_what_died(world: World) -> None:
    for one in world.returns:
        token = world.token(one.body, one.attributes)
        carried = {name: value for name, value in one.attributes.items() if name != "lamplight-redrive"}
        must((one.body, carried, one.group) == world.originals[token], "R5", f"{token} arrived changed")


def r6_one_letter_is_in_one_pair_of_hands(world: World) -> None:
    """The result of a letter that went back stands in the job that sent it, and in no other."""
    sent: dict[str, str] = {}
    for job in world.jobs():
        for result in jobs.results(world.eye, job.id):
            if result.sent_message_id:
                must(sent.setdefault(result.sent_message_id, job.id) == job.id or world.fifo, "DUP",
                     f"{result.letter} was sent by {sent[result.sent_message_id]} and by {job.id}")


def r7_every_job_comes_to_its_end(world: World) -> None:
    must(not [job.id for job in world.jobs() if job.state.open], "R7", "jobs are still open")


def r8_the_counts_are_counted(world: World) -> None:
    for job in world.jobs():
        if job.state.open or job.state is JobState.REFUSED:
            continue
        counted = Counter(str(one.outcome) for one in jobs.results(world.eye, job.id))
        must(sum(counted.values()) == job.total, "R8", f"{job.id}: {job.total} asked for, {counted} counted")


def r9_rate_and_cancel_are_kept(world: World) -> None:
    for job in world.jobs():
        returns = world.returns_of_job(job.id)
        if job.id in world.cancelled:
            after = len(returns) - world.cancelled[job.id]
            must(after <= BATCH, "R9", f"{job.id}: {after} were sent after the cancel")
        if job.rate_per_s and not world.invoke:
            for first in returns:
                together = sum(first.at <= one.at < first.at + SECOND_MS for one in returns)
                must(together <= job.rate_per_s + BATCH, "R9", f"{job.id}: {together} in a second")


def r10_fifo_keeps_order_and_deduplicates_by_life(world: World) -> None:
    if not world.fifo:
        return
    letters = {letter.key: letter for letter in world.letters()}
    ids: dict[str, str] = {}
    order: dict[tuple[str | None, str | None], list[int]] = {}
    for one in world.returns:
        letter = letters.get(marker(one) or "")
        if letter is None:
            continue
        must(ids.setdefault(letter.key, one.deduplication or "") == one.deduplication, "R10", "another id for a retry")
        if one.delivered:
            order.setdefault((letter.job_id, one.group), []).append(int(letter.system["SequenceNumber"]))
    must(len(set(ids.values())) == len(ids), "R10", "two lives share a deduplication id")
    for (job_id, group), numbers in order.items():
        firsts = list(dict.fromkeys(numbers))
        must(job_id is None or firsts == sorted(firsts), "R10", f"{job_id} sent {group} as {firsts}")


def r11_an_empty_receive_proves_nothing(world: World) -> None:
    """What is said to have left its queue is not in it."""
    said = {letter.message_id for letter in world.letters() if letter.state is LetterState.GONE}
    for job in world.jobs():
        said |= {one.letter.rpartition("/")[2] for one in jobs.results(world.eye, job.id) if one.detail == ABSENT}
    still = {one.id for one in world.dead.messages.values() if not one.deleted}
    must(not said & still, "R11", f"{said & still} are still in their queue")


def r12_looking_changes_nothing(world: World) -> None:
    must(not world.disturbed, "R12", f"{world.disturbed} were gone after a look")
    table = {key: dict(partition) for key, partition in world.dynamo.items.items()}
    received, said = world.dead.receives, len(world.calls.said)
    plan(world.eye, PLACE, world.dead.name, [letter.message_id for letter in world.letters()])
    must(world.dynamo.items == table, "R12", "a plan wrote into the table")
    must((world.dead.receives, len(world.calls.said)) == (received, said), "R12", "a plan called a queue")


def r13_nothing_known_expires(world: World) -> None:
    known = {letter.message_id: letter for letter in world.letters()}
    for message_id in world.dead.expired:
        must(message_id not in known or bool(known[message_id].body), "LOST", f"{message_id} expired and was known")


def r14_only_what_feeds_the_queue_is_sent_to(world: World) -> None:
    foreign = [one for one in world.foreign.arrivals if one.id not in world.produced]
    buried = [one for one in world.dead.arrivals if marker(one)]
    must(not foreign and not buried, "R14", "a letter went where it did not come from")


def r15_what_always_fails_is_put_aside(world: World) -> None:
    """What came back from three redrives is sent by no fourth; nobody here releases it."""
    for letter in world.letters():
        put_aside = letter.state is LetterState.QUARANTINED and not letter.attempts
        must(letter.life <= MAX_REDRIVES or put_aside, "R15", f"{letter.key}, life {letter.life}, is {letter.state}")


def total_queue(world: World) -> None:
    """Jepsen's check at the end: lost, duplicated, unexpected."""
    lives = world.lives()
    must(set(world.processed) <= set(world.originals), "UNEXPECTED", set(world.processed) - set(world.originals))
    for token in world.originals:
        done = len(world.processed.get(token, ()))
        waiting = [letter for letter in lives.get(token, []) if _waits(letter)]
        expired = any(letter.message_id in world.dead.expired for letter in lives.get(token, []))
        kept = any(world.token(one.body, one.attributes) == token for one in world.dead.messages.values())
        must(bool(done or waiting or kept or expired or token in world.unseen), "LOST",
             f"{token} was not processed, and nobody is asked to look at it")
        listed = sum(letter.ambiguous for letter in lives.get(token, []))
        must(done <= 1 + listed, "DUP", f"{token} was processed {done} times, {listed} sends are listed as ambiguous")


def _waits(letter: DeadLetter) -> bool:
    return letter.state.redrivable or letter.state in (LetterState.DISCARDED, LetterState.QUARANTINED)


Check = Callable[[World], None]
AFTER_EVERY_STEP: Mapping[str, Check] = {
    "R14": r14_only_what_feeds_the_queue_is_sent_to, "R1": r1_every_message_is_somewhere,
    "R2": r2_every_duplicate_is_listed, "R3": r3_nothing_is_deleted_before_it_is_safe,
    "R4": r4_every_letter_of_a_job_has_one_result, "R5": r5_what_arrives_is_what_died,
    "R6": r6_one_letter_is_in_one_pair_of_hands, "R8": r8_the_counts_are_counted, "R9": r9_rate_and_cancel_are_kept,
    "R10": r10_fifo_keeps_order_and_deduplicates_by_life, "R11": r11_an_empty_receive_proves_nothing,
    "R12": r12_looking_changes_nothing, "R13": r13_nothing_known_expires, "R15": r15_what_always_fails_is_put_aside,
}
"""R14 first: what went to the wrong place is missing in the right one, too."""
AT_THE_END: Mapping[str, Check] = {"R7": r7_every_job_comes_to_its_end, "total": total_queue}


def check(world: World) -> None:
    for promise in AFTER_EVERY_STEP.values():
        promise(world)


def check_end(world: World) -> None:
    check(world)
    for promise in AT_THE_END.values():
        promise(world)
