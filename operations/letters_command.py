"""`dead-letters`: list, show, plan, apply, status, pause, resume, cancel."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, TextIO

import click

from operations import elsewhere, plan_file, protection, redrive
from operations.errors import BadPlan, JobNotFound, UnknownDeadLetters
from operations.plan import plan
from operations.plan_file import Manner
from operations.terminal import Terminal, facts, options, printable, when
from store import dead_letters as letters
from store import jobs, queues
from store.recovery import DeadLetter, Job

LISTED = 500
RATE_HELP = f"Messages per second, 1 to {redrive.MAX_RATE_PER_S} [default: no limit]."


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at dead letters and send them back."""


@dead_letters.command("list")
@click.argument("queue", required=False)
@options
def list_(queue: str | None, as_json: bool, actor_name: str | None) -> None:
    """Dead-letter queues, or the letters waiting in QUEUE."""
    terminal = Terminal(as_json, actor_name)
    table, place = terminal.connection.table, terminal.connection.place
    if queue:
        found = letters.dead_in_queue(table, place, queue, LISTED)
        terminal.rows([_letter_row(letter) for letter in found], f"No dead letter waits in {queue}.")
        return
    known = [one for one in queues.of_place(table, place) if one.is_dead_letter_queue]
    rows = [{"queue": one.name, "custody": str(one.custody), "waiting": letters.count_dead(table, place, one.name),
             "in queue": one.visible, "sources": ", ".join(arn.rsplit(":", 1)[-1] for arn in one.sources),
             "looked at": when(one.seen_at)} for one in known]
    terminal.rows(rows, "No dead-letter queue is known yet; the collector looks once a minute.")


@dead_letters.command()
@click.argument("queue")
@click.argument("message_id")
@options
def show(queue: str, message_id: str, as_json: bool, actor_name: str | None) -> None:
    """One letter with its body and journal."""
    terminal = Terminal(as_json, actor_name)
    letter = letters.get(terminal.connection.table, terminal.connection.place, queue, message_id)
    if letter is None:
        raise UnknownDeadLetters(queue, [message_id])
    terminal.one(facts(letter))


@dead_letters.command("plan")
@click.argument("queue")
@click.option("--id", "message_ids", multiple=True, help="A message id; may be repeated. Default: all that wait.")
@click.option("--out", type=click.File("w", encoding="utf-8"), help="Write the plan here, for `apply`.")
@click.option("--rate", type=int, help=RATE_HELP)
@click.option("--canary", help="Stages, each awaited: 1,10 sends one, then ten, then the rest.")
@click.option("--at", "at", help="Not before this time, such as 2026-11-24T08:00:00Z.")
@click.option("--to", "to", help="The ARN of another queue or function than each letter's own.")
@click.option("--pause-consumer", is_flag=True, help="Let the destination's consumers rest while it is sent.")
@options
def plan_(queue: str, message_ids: tuple[str, ...], out: TextIO | None, as_json: bool,  # noqa: PLR0913
          actor_name: str | None, **how: Any) -> None:
    """What a redrive would do with each letter, and how. Changes nothing."""
    terminal = Terminal(as_json, actor_name)
    table, place = terminal.connection.table, terminal.connection.place
    if not message_ids:
        message_ids = tuple(letters.dead_ids(table, place, queue, redrive.MAX_MESSAGES))
    manner = _manner(**how)
    aim = elsewhere.check(table, place, queue, manner.destination) if manner.destination else None
    rules = protection.rules(terminal.connection.settings.idempotency_keys)
    planned = protection.checked(table, plan(table, place, queue, message_ids, aim),
                                 terminal.connection.clients.dynamodb, rules)
    written = plan_file.written(planned, uuid.uuid4().hex, manner)
    if out:
        json.dump(written, out, indent=2)
    if terminal.as_json:
        terminal.one(written)
        return
    terminal.rows([{"message id": letter.message_id, "verdict": str(letter.verdict), "why": letter.reason}
                   for letter in planned.letters], f"No dead letter waits in {queue}.")
    for warning in planned.warnings:
        click.echo(printable(f"{warning.kind.capitalize()}: {warning.sentence}"))
    click.echo(f"{len(planned.runnable):,} of {len(planned.letters):,} would be sent.")


@dead_letters.command()
@click.argument("plan_path", type=click.File("r", encoding="utf-8"))
@click.option("--reason", required=True, help="Why it is safe now; kept in the audit.")
@click.option("--rate", type=int, help=RATE_HELP)
@options
def apply(plan_path: TextIO, reason: str, rate: int | None, as_json: bool, actor_name: str | None) -> None:
    """Ask for the redrive of a plan (a file, or - for standard input). The worker sends it."""
    terminal = Terminal(as_json, actor_name)
    connection = terminal.connection
    wanted = plan_file.read(plan_path.read())
    if wanted.place != connection.place:
        raise BadPlan(f"it is for account {wanted.place.account} in {wanted.place.region}")
    manner = wanted.manner
    job = redrive.ask(connection.table, connection.place, connection.clock, terminal.actor, terminal.writes,
                      queue=wanted.queue, message_ids=wanted.message_ids, reason=reason, job_id=wanted.job_id,
                      rate_per_s=rate or manner.rate_per_s, ramp=manner.ramp, not_before=manner.not_before,
                      destination=manner.destination, pause_consumer=manner.pause_consumer)
    terminal.one(_job_facts(job), f"Redrive {job.id} is asked for.")


@dead_letters.command()
@click.argument("job_id", required=False)
@options
def status(job_id: str | None, as_json: bool, actor_name: str | None) -> None:
    """The newest redrives, or one with the result of each message."""
    terminal = Terminal(as_json, actor_name)
    table, place = terminal.connection.table, terminal.connection.place
    if not job_id:
        rows = [_job_row(job) for job in jobs.recent(table, place)]
        terminal.rows(rows, "No redrive was asked for yet.")
        return
    job = jobs.get(table, job_id)
    if job is None or job.place != place:
        raise JobNotFound(job_id)
    results = [{"letter": one.letter, "outcome": str(one.outcome), "at": when(one.at), "detail": one.detail,
                "possible duplicates": one.ambiguous} for one in jobs.results(table, job_id)]
    if terminal.as_json:
        terminal.one({**_job_facts(job), "results": results})
        return
    terminal.one(_job_facts(job))
    terminal.rows(results, "No message has a result yet.")


@dead_letters.command()
@click.argument("job_id")
@options
def pause(job_id: str, as_json: bool, actor_name: str | None) -> None:
    """Ask a redrive to stand still after the batch in the worker's hands."""
    job = _steered(redrive.pause, Terminal(as_json, actor_name), job_id)
    Terminal(as_json).one(_job_facts(job), f"Redrive {job.id} is asked to stand still; resume or cancel it.")


@dead_letters.command()
@click.argument("job_id")
@options
def resume(job_id: str, as_json: bool, actor_name: str | None) -> None:
    """Let a paused redrive go on where it stood."""
    job = _steered(redrive.resume, Terminal(as_json, actor_name), job_id)
    Terminal(as_json).one(_job_facts(job), f"Redrive {job.id} goes on with the worker's next run.")


@dead_letters.command()
@click.argument("job_id")
@options
def cancel(job_id: str, as_json: bool, actor_name: str | None) -> None:
    """Ask a redrive to stop after the batch in the worker's hands."""
    job = _steered(redrive.cancel, Terminal(as_json, actor_name), job_id)
    Terminal(as_json).one(_job_facts(job), f"Redrive {job.id} is asked to stop; what was sent stays sent.")


def _steered(act: Callable[..., Job], terminal: Terminal, job_id: str) -> Job:
    connection = terminal.connection
    return act(connection.table, connection.place, connection.clock, terminal.actor, terminal.writes, job_id)


def _manner(rate: int | None, canary: str | None, at: str | None, to: str | None, pause_consumer: bool) -> Manner:
    try:
        ramp = tuple(int(size) for size in canary.split(",")) if canary else ()
    except ValueError as error:
        raise click.BadParameter("whole numbers with commas, such as 1,10", param_hint="--canary") from error
    return Manner(rate, ramp, plan_file.moment(at) if at else None, to, pause_consumer)


def _letter_row(letter: DeadLetter) -> dict[str, Any]:
    return {"message id": letter.message_id, "state": str(letter.state), "captured": when(letter.captured_at),
            "shape": str(letter.shape), "error": letter.error_type, "life": letter.life,
            "back to": letter.destination.arn.rsplit(":", 1)[-1] or letter.destination.why_not}


def _job_row(job: Job) -> dict[str, Any]:
    return {"job": job.id, "queue": job.queue, "state": str(job.state), "asked": when(job.asked_at),
            "by": job.actor, "messages": job.total, "handled": job.handled, "settled": job.settled,
            "problem": job.problem, "reason": job.reason}


def _job_facts(job: Job) -> dict[str, Any]:
    kept = facts(job)
    for own in ("fence", "lease_owner", "lease_until"):
        del kept[own]
    return kept
