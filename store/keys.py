"""Every key string of the table, one function each. `place` is `account#region` and stands in all of them.

    what                    pk                                    sk                       read by
    function                REG#place                             FN#name                  one place's functions
    its configuration       REG#place                             C#name                   parts few pages need
    queue                   REG#place                             Q#name                   one place's queues
    look into a queue       REG#place                             L#queue                  how the last looks went
    deploy                  DEP#place#function                    epoch ms                 one function's deploys
    delta                   D#place#function#yyyymmddHH#shard     mm#content hash          fold of one hour
    ten minutes             A#place#function#yyyymmdd             M#HHM                    one function, minutes
    minutes of an hour      A#place#function#yyyymmdd             M#HH                     the same, written at once
    live rows               LIVE#place                            NOW#n                    what changes every minute
    hour rollup             A#place#function#yyyymm               h#DDHH                   one function, hours
    day rollup              A#place#function#yyyy                 d#MMDD                   one function, days
    fleet hour              FLEET#place#yyyymmddHH                function                 overview
    error group             EG#place                              fingerprint              all groups of a place
    kept invocations        I#place#function#yyyymmdd             epoch ms#content hash    failed, cold, slow ones
    metric series           XS#place                              series id                which metrics exist
    metric point            X#place#series id#yyyymmdd            HHMM                     one metric over time
    dead letter             Q#place#queue#shard                   M#message id             one queue's letters
    dead letter body part   Q#place#queue#shard                   B#message id#n           bodies over one item
    edit of a dead letter   Q#place#queue#shard                   E#message id#edit id#n   what is sent instead
    sent without a marker   SENT#place#message id                 LETTER                   which letter came back
    redrive job             JOB#id                                META                     one job
    job selection           JOB#id                                S#n                      one job's frozen selection
    job result              JOB#id                                M#queue/message id       one job's messages
    results of a batch      JOB#id                                M#~lease#batch          what one batch sent
    paused consumer         PAUSED#place                          mapping#job              what is to be resumed
    job history             JOBS#place                            epoch ms#id              newest jobs
    command                 CMD#id                                META                     one command
    command history         CMDS#place                            epoch ms#id              newest commands
    audit entry             AUDIT#place#yyyymm                    epoch ms#id#intent|outcome   one month, newest first
    late minute             LATE#place                            function#epoch ms        what waits to be folded again
    triage                  TRIAGE#place                          fingerprint              decisions about groups
    alert                   ALERT#place                           what it is about         what is to be told
    drift                   DRIFT#place                           epoch ms#function        logs against CloudWatch
    pushed log group        PUSH                                  place#group              what is not pulled
    parked payload          PARK#place                            content hash             what could not be read
    data of a parked one    PARKED#place#content hash             DATA                     the payload as it came
    known place             PLACES                                place                    where there is anything
    checkpoint              CKPT#place                            source                   where a collector stands
    collector run           HEALTH#place                          collector                health
    unrecognised sample     U#place#yyyymmdd                      source#event hash        what could not be read
    open work (index)       open = JOB | CMD | AWAIT#place | DEAD#place#queue | ALERT#place   open_at = epoch ms
    told alerts (index)     open = TOLD#place                     epoch ms                 the newest of them

The index `open` is sparse: only rows that are still somebody's work carry its attributes, and alerts that were told.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import NamedTuple

from store.clock import utc
from store.records import Place


class Key(NamedTuple):
    pk: str
    sk: str


def function(place: Place, name: str) -> Key:
    return Key(f"REG#{place}", f"FN#{name}")


def configuration(place: Place, name: str) -> Key:
    return Key(f"REG#{place}", f"C#{name}")


def queue(place: Place, name: str) -> Key:
    return Key(f"REG#{place}", f"Q#{name}")


def look(place: Place, queue_name: str) -> Key:
    return Key(f"REG#{place}", f"L#{queue_name}")


def deploy(place: Place, name: str, at: int) -> Key:
    return Key(f"DEP#{place}#{name}", f"{at:013d}")


def delta(place: Place, name: str, minute: int, content: str, shard: int = 0) -> Key:
    """`content` names the packed set itself, so the same set always lands on the same item."""
    return Key(f"D#{place}#{name}#{utc(minute):%Y%m%d%H}#{shard}", f"{utc(minute):%M}#{content}")


def minute_block(place: Place, name: str, at: int) -> Key:
    return Key(f"A#{place}#{name}#{utc(at):%Y%m%d}", f"M#{utc(at):%H%M}"[:-1])


def minutes_of_hour(place: Place, name: str, at: int) -> Key:
    return Key(f"A#{place}#{name}#{utc(at):%Y%m%d}", f"M#{utc(at):%H}")


def hour_rollup(place: Place, name: str, at: int) -> Key:
    return Key(f"A#{place}#{name}#{utc(at):%Y%m}", f"h#{utc(at):%d%H}")


def day_rollup(place: Place, name: str, at: int) -> Key:
    return Key(f"A#{place}#{name}#{utc(at):%Y}", f"d#{utc(at):%m%d}")


def fleet_hour(place: Place, name: str, at: int) -> Key:
    return Key(f"FLEET#{place}#{utc(at):%Y%m%d%H}", name)


def live(place: Place, number: int) -> Key:
    return Key(f"LIVE#{place}", f"NOW#{number}")


def error_group(place: Place, fingerprint: str) -> Key:
    return Key(f"EG#{place}", fingerprint)


def kept_invocations(place: Place, name: str, at: int, content: str) -> Key:
    """`at` is the end of the first of them."""
    return Key(f"I#{place}#{name}#{utc(at):%Y%m%d}", f"{at:013d}#{content}")


def metric_series(place: Place, series_id: str) -> Key:
    return Key(f"XS#{place}", series_id)


def metric_point(place: Place, series_id: str, at: int) -> Key:
    return Key(f"X#{place}#{series_id}#{utc(at):%Y%m%d}", f"{utc(at):%H%M}")


LETTER_SHARDS = 4
"""Four partitions a queue: a capture burst of 4,000 small letters a second before a key is hot."""


def letter_shard(message_id: str) -> int:
    return zlib.crc32(message_id.encode()) % LETTER_SHARDS


def dead_letter(place: Place, queue_name: str, message_id: str) -> Key:
    return Key(f"Q#{place}#{queue_name}#{letter_shard(message_id)}", f"M#{message_id}")


def dead_letter_part(place: Place, queue_name: str, message_id: str, part: int) -> Key:
    return Key(f"Q#{place}#{queue_name}#{letter_shard(message_id)}", f"B#{message_id}#{part:02d}")


def dead_letter_edit(place: Place, queue_name: str, message_id: str, edit_id: str, part: int) -> Key:
    return Key(f"Q#{place}#{queue_name}#{letter_shard(message_id)}", f"E#{message_id}#{edit_id}#{part:02d}")


def sent_as(place: Place, sent_message_id: str) -> Key:
    return Key(f"SENT#{place}#{sent_message_id}", "LETTER")


def job(job_id: str) -> Key:
    return Key(f"JOB#{job_id}", "META")


def job_selection(job_id: str, part: int) -> Key:
    return Key(f"JOB#{job_id}", f"S#{part:04d}")


def job_result(job_id: str, letter_key: str) -> Key:
    return Key(f"JOB#{job_id}", f"M#{letter_key}")


JOB_RESULTS = "M#"
"""Results in key order: those of single messages, then, as `~` stands in no queue's name, what batches sent."""


def job_results(job_id: str, fence: int, number: int) -> Key:
    """`number` counts the batches of one lease, `fence` the leases: no two batches share a key."""
    return Key(f"JOB#{job_id}", f"M#~{fence:08d}#{number:08d}")


def open_pauses() -> str:
    return "PAUSED"


def paused_consumers(place: Place) -> str:
    return f"PAUSED#{place}"


def paused_consumer(place: Place, mapping: str, job_id: str) -> Key:
    return Key(paused_consumers(place), f"{mapping}#{job_id}")


def job_history(place: Place, asked_at: int, job_id: str) -> Key:
    return Key(f"JOBS#{place}", f"{asked_at:013d}#{job_id}")


def command(command_id: str) -> Key:
    return Key(f"CMD#{command_id}", "META")


def command_history(place: Place, asked_at: int, command_id: str) -> Key:
    return Key(f"CMDS#{place}", f"{asked_at:013d}#{command_id}")


def audit_entry(place: Place, at: int, entry_id: str, half: str) -> Key:
    return Key(f"AUDIT#{place}#{utc(at):%Y%m}", f"{at:013d}#{entry_id}#{half}")


def late_minute(place: Place, name: str, minute: int) -> Key:
    return Key(f"LATE#{place}", f"{name}#{minute:013d}" if name else "")


def triage(place: Place, fingerprint: str) -> Key:
    return Key(f"TRIAGE#{place}", fingerprint)


def alert(place: Place, name: str) -> Key:
    return Key(f"ALERT#{place}", name)


def undelivered(place: Place) -> str:
    return f"ALERT#{place}"


def delivered(place: Place) -> str:
    return f"TOLD#{place}"


def drift(place: Place, hour: int, name: str) -> Key:
    return Key(f"DRIFT#{place}", f"{hour:013d}#{name}")


def pushed_group(place: Place | None, group: str) -> Key:
    """All places in one partition: whoever folds asks which there are."""
    return Key("PUSH", f"{place}#{group}" if place else "")


def parked(place: Place, name: str) -> Key:
    return Key(f"PARK#{place}", name)


def parked_data(place: Place, name: str) -> Key:
    return Key(f"PARKED#{place}#{name}", "DATA")


def known_place(place: Place | None) -> Key:
    """All places in one partition: whoever looks asks which there are."""
    return Key("PLACES", str(place) if place else "")


def checkpoint(place: Place, source: str) -> Key:
    return Key(f"CKPT#{place}", source)


def collector_run(place: Place, collector: str) -> Key:
    return Key(f"HEALTH#{place}", collector)


def unrecognised(place: Place, source: str, at: int, event_hash: str) -> Key:
    return Key(f"U#{place}#{utc(at):%Y%m%d}", f"{source}#{event_hash}")


def open_jobs() -> str:
    return "JOB"


def open_commands() -> str:
    return "CMD"


def awaiting_outcome(place: Place) -> str:
    return f"AWAIT#{place}"


def dead_in_queue(place: Place, queue_name: str) -> str:
    return f"DEAD#{place}#{queue_name}"


FACT_BYTES = 6
"""Of an event's hash, in facts. Two of 30,000 invocations that one function ends in ten minutes look like one once in
600,000 such stretches: 30,000² / 2 / 2⁴⁸."""


def fact_name(event_id: str) -> str:
    """12 hex characters that stand for the event that closed an invocation, in deltas."""
    return event_hash(event_id)[:2 * FACT_BYTES]


def event_hash(event_id: str) -> str:
    """16 hex characters (8 bytes) that stand for an event id in keys."""
    return hashlib.blake2b(event_id.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
