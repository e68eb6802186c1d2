from __future__ import annotations

from typing import Any

import pytest

from dashboard import queues
from dashboard.queues import Errand, Standing
from store.clock import DAY_MS, HOUR_MS
from store.commands import Kind
from store.deadlines import Expiring
from store.looks import Look
from store.recovery import Custody, Queue
from tests.builders import NOW, PLACE, SOURCE_ARN
from tests.dashboard.test_commands import a_command

NAME = "orders-fulfil-dlq"
ARN = f"arn:aws:sqs:eu-central-1:123456789012:{NAME}"


def standing(look: Look | None = None, **facts: Any) -> Standing:
    told = {name: facts.pop(name) for name in ("waiting", "oldest_at", "expiring") if name in facts}
    known: dict[str, Any] = {"is_dead_letter_queue": True, "sources": (SOURCE_ARN,), "seen_at": NOW, **facts}
    return Standing(Queue(PLACE, NAME, ARN, "https://sqs", **known), told.pop("waiting", 3), look=look, **told)


SEEN = Look(PLACE, NAME, NOW - HOUR_MS, complete=True, seen=3)


@pytest.mark.parametrize(("one", "word", "said"), [
    (standing(custody=Custody.CAPTURED), "captured", "does not expire"),
    (standing(SEEN), "watched", "a redrive receives them again"),
    (standing(), "watched, unseen", "Nobody has looked into it"),
    (standing(Look(PLACE, NAME, NOW, refused="Not listed.")), "refused", "not looked into. Not listed."),
    (standing(SEEN, dead_letter_arn=f"{ARN}-2"), "refused", "redrive policy of its own, to orders-fulfil-dlq-2"),
])
def test_custody_is_a_word_and_a_sentence(one, word, said):
    assert queues.custody(one) == word
    assert said in queues.explained(one)


def test_what_is_watched_counts_approximately_and_expires():
    one = standing(SEEN, visible=3, oldest_age_s=86_400, retention_s=345_600)
    assert (queues.waiting(one), queues.oldest_age(one, NOW), queues.expiry(one, NOW)) == ("~3", DAY_MS, "in 3 d")
    assert queues.expiry(standing(expiring=Expiring(NAME, NOW)), NOW) == "now"
    assert queues.expiry(standing(), NOW) == "–"


def test_what_is_captured_is_counted_and_does_not_expire():
    one = standing(custody=Custody.CAPTURED, oldest_at=NOW - HOUR_MS, visible=1, oldest_age_s=9, retention_s=9)
    assert (queues.waiting(one), queues.oldest_age(one, NOW), queues.expiry(one, NOW)) == ("3", HOUR_MS, "kept here")
    assert queues.last_look(one, NOW) == "not needed"


@pytest.mark.parametrize(("look", "said"), [
    (None, "never"), (SEEN, "60 min ago"), (Look(PLACE, NAME, NOW, refused="no"), "refused"),
    (Look(PLACE, NAME, NOW - DAY_MS, seen=9), "24 h ago, not all seen"),
])
def test_the_last_look_says_whether_it_saw_everything(look, said):
    assert queues.last_look(standing(look), NOW) in (said, said.replace("60 min", "1 h"))


def test_where_messages_may_go_and_how_they_came_is_told():
    one = Standing(standing(retention_s=345_600, dead_letter_arn=f"{ARN}-2", max_receive_count=5).queue, 3,
                   sources=(Queue(PLACE, "orders-fulfil", SOURCE_ARN, "", max_receive_count=4),))
    assert queues.ways_back(one) == "orders-fulfil"
    assert queues.policies(one) == ["orders-fulfil sends a message here after 4 receives",
                                    "it sends messages on to orders-fulfil-dlq-2 after 5 receives",
                                    "it keeps a message for 4 d"]
    assert queues.ways_back(standing(sources=())) == "–"


def test_what_expires_soonest_comes_first_then_what_has_most_waiting():
    few, many = standing(waiting=1), standing(waiting=9)
    soon, late = standing(expiring=Expiring(NAME, NOW)), standing(expiring=Expiring(NAME, NOW + 9))
    assert queues.worst_first([few, late, many, soon]) == [soon, late, many, few]


def test_a_captured_queue_can_only_be_watched():
    assert queues.offered(standing(custody=Custody.CAPTURED), []) == {Errand.WATCH: ""}


def test_what_cannot_be_asked_for_says_why():
    offered = queues.offered(standing(retention_s=14 * 86_400, sources=("arn:aws:lambda:r:1:function:f",)), [])
    assert "look into it first" in offered[Errand.ARCHIVE]
    assert "14 days already" in offered[Errand.EXTEND]
    assert "f sends its failures" in offered[Errand.MOVE]
    assert offered[Errand.LOOK] == offered[Errand.CAPTURE] == ""


def test_a_task_under_way_can_be_stopped_and_nothing_is_asked_twice():
    under_way = [a_command(Kind.MOVE), a_command(Kind.LOOK)]
    offered = queues.offered(standing(SEEN, oldest_at=NOW), under_way)
    assert Errand.MOVE not in offered
    assert offered[Errand.STOP_MOVE] == ""
    assert "not over yet" in offered[Errand.LOOK]


def test_each_queue_is_a_row():
    row = queues.frame([standing(SEEN, fifo=True, visible=0)], NOW).iloc[0]
    assert (row["queue"], row["custody"], row["fifo"], row["back"]) == (NAME, "watched", "FIFO", "orders-fulfil")
    assert len(queues.frame([], NOW)) == 0
