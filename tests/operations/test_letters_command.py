"""`python -m operations dead-letters`, as people and scripts use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operations.__main__ import main
from store import audit_log, queues
from store.clock import iso, wall_clock
from store.recovery import MessageAttribute
from tests.builders import NOW, PLACE, QUEUE, SOURCE_ARN
from tests.operations.bench import REASON, Bench, a_queue


@pytest.fixture(autouse=True)
def operator(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LAMPLIGHT_TABLE": "lamplight", "LAMPLIGHT_WRITES": "on", "LAMPLIGHT_ROLE": "operator",
                        "LAMPLIGHT_ACTOR": "ada@example.com"}.items():
        monkeypatch.setenv(name, value)


def command(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["dead-letters", *words], input=given)


def answered(*words: str, given: str | None = None) -> Any:
    result = command(*words, "--json", given=given)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_queues_are_listed_with_what_waits(bench: Bench):
    bench.letters("m-1", "m-2")
    queues.put(bench.table, a_queue(name="orders", is_dead_letter_queue=False))
    (row,) = answered("list")
    assert (row["queue"], row["waiting"], row["sources"]) == (QUEUE, 2, "orders-fulfil")
    assert "orders-fulfil-dlq  watched  2" in command("list").output


def test_letters_of_a_queue_are_listed(bench: Bench):
    bench.letters("m-1", error_type="KeyError")
    output = command("list", QUEUE).output
    assert "MESSAGE ID" in output
    assert "KeyError" in output
    assert answered("list", QUEUE)[0]["message id"] == "m-1"
    assert "No dead letter waits in other-dlq." in command("list", "other-dlq").output


def test_one_letter_is_shown_whole(bench: Bench):
    bench.letters("m-1", attributes={"raw": MessageAttribute("Binary", None, b"\x00")})
    shown = answered("show", QUEUE, "m-1")
    assert (shown["body"], shown["attributes"]["raw"]["binary"]) == ('{"order_id": "88123"}', "AA==")
    assert "order_id" in command("show", QUEUE, "m-1").output


def test_a_plan_is_reviewed_applied_and_followed(bench: Bench, tmp_path: Path):
    bench.letters("m-1", "m-2")
    path = str(tmp_path / "plan.json")
    output = command("plan", QUEUE, "--out", path).output
    assert "2 of 2 would be sent." in output
    first = answered("apply", path, "--reason", REASON, "--rate", "5")
    assert (first["total"], first["rate_per_s"], first["actor"], first["state"]) == (2, 5, "ada@example.com", "queued")
    assert answered("apply", path, "--reason", REASON)["id"] == first["id"]
    bench.clock.now = first["asked_at"]
    bench.run()
    status = answered("status", first["id"])
    assert [result["outcome"] for result in status["results"]] == ["sent", "sent"]
    assert [job["job"] for job in answered("status")] == [first["id"]]
    assert f"{QUEUE}/m-1" in command("status", first["id"]).output


def test_a_plan_can_be_piped(bench: Bench):
    bench.letters("m-1", "m-2")
    plan = answered("plan", QUEUE, "--id", "m-2")
    job = answered("apply", "-", "--reason", REASON, "--actor", "grace@example.com", given=json.dumps(plan))
    assert (job["total"], job["actor"]) == (1, "grace@example.com")
    (entry,) = audit_log.entries(bench.table, PLACE, job["asked_at"])
    assert entry.actor == "grace@example.com"


def test_a_cancel_is_asked_for(bench: Bench):
    bench.ask(bench.letters("m-1"))
    assert "is asked to stop" in command("cancel", "job-1").output
    assert bench.job().cancel_asked


def test_a_pause_and_a_resume_are_asked_for(bench: Bench):
    bench.ask(bench.letters("m-1"))
    assert "is asked to stand still" in command("pause", "job-1").output
    assert bench.job().pause_asked
    assert "goes on" in command("resume", "job-1").output
    assert not answered("resume", "job-1")["pause_asked"]


def test_how_a_plan_is_carried_out_stands_in_its_file(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAMPLIGHT_ROLE", "admin")
    repair = "arn:aws:sqs:eu-central-1:123456789012:orders-repair"
    queues.put(bench.table, a_queue(name="orders-repair", arn=repair, is_dead_letter_queue=False))
    bench.letters("m-1")
    soon = iso(wall_clock() + 60_000)
    plan = answered("plan", QUEUE, "--rate", "7", "--canary", "1,10", "--at", soon, "--to", repair)
    assert (plan["rate_per_s"], plan["canary"], plan["not_before"], plan["destination"]) == (7, [1, 10], soon, repair)
    assert plan["destinations"] == {repair: 1}
    job = answered("apply", "-", "--reason", REASON, given=json.dumps(plan))
    assert (job["rate_per_s"], job["ramp"], job["destination"]) == (7, [1, 10], repair)
    assert iso(job["not_before"]) == soon


def test_a_consumer_is_paused_when_the_plan_says_so(bench: Bench):
    bench.letters("m-1")
    plan = answered("plan", QUEUE, "--pause-consumer")
    job = answered("apply", "-", "--reason", REASON, given=json.dumps(plan))
    assert job["pause_consumers_of"] == [SOURCE_ARN]


@pytest.mark.parametrize(("change", "said"), [
    ({"rate_per_s": "7"}, "rate_per_s is not a whole number"), ({"canary": ["1"]}, "canary is not a list"),
    ({"not_before": "tomorrow"}, "tomorrow is no time"), ({"not_before": "2026-11-24T08:00:00"}, "time zone"),
    ({"destination": 7}, "not text"), ({"pause_consumer": "yes"}, "neither true nor false"),
])
def test_a_plan_that_does_not_say_clearly_how_is_refused(bench: Bench, change: dict[str, object], said: str):
    bench.letters("m-1")
    result = command("apply", "-", "--reason", REASON, given=json.dumps({**answered("plan", QUEUE), **change}))
    assert (result.exit_code, said in result.output) == (2, True)


def test_a_canary_that_is_no_numbers_is_refused_by_name():
    assert "whole numbers with commas" in command("plan", QUEUE, "--canary", "a few").output


def test_an_empty_history_is_a_sentence(bench: Bench):
    assert command("status").output == "No redrive was asked for yet.\n"
    bench.ask(bench.letters("m-1"))
    assert "No message has a result yet." in command("status", "job-1").output


@pytest.mark.parametrize(("words", "said"), [
    (("show", QUEUE, "m-9"), "holds no dead letter m-9"), (("status", "job-9"), "There is no redrive job-9"),
    (("cancel", "job-9"), "There is no redrive job-9"), (("apply", "-", "--reason", REASON), "This is not a plan"),
])
def test_what_cannot_be_done_is_one_sentence_and_exit_code_two(words: tuple[str, ...], said: str):
    result = command(*words, given="{}")
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert said in result.output


def test_a_plan_of_another_account_is_refused(bench: Bench):
    plan = {**answered("plan", QUEUE), "account": "999999999999"}
    result = command("apply", "-", "--reason", REASON, given=json.dumps(plan))
    assert "it is for account 999999999999 in eu-central-1" in result.output


def test_with_writes_off_nothing_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.letters("m-1")
    plan = json.dumps(answered("plan", QUEUE))
    monkeypatch.setenv("LAMPLIGHT_WRITES", "off")
    result = command("apply", "-", "--reason", REASON, given=plan)
    assert (result.exit_code, "Writes are off" in result.output) == (2, True)
    assert audit_log.entries(bench.table, PLACE, NOW) == []


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LAMPLIGHT_TABLE")
    result = command("list")
    assert (result.exit_code, "Setting LAMPLIGHT_TABLE is not set." in result.output) == (2, True)


def test_a_missing_table_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAMPLIGHT_TABLE", "elsewhere")
    assert "There is no elsewhere in this account and region." in command("list").output
