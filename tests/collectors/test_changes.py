"""What is different between two looks at a function, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors.changes import deploy_between
from store.configured import Alias, Configuration, EventSource, Provisioned
from store.records import Change, FunctionInfo
from tests.builders import NOW, PLACE

KNOWN = FunctionInfo(PLACE, "fulfil", "/aws/lambda/fulfil", memory_mb=512, timeout_s=30, version="$LATEST",
                     code_sha256="a", last_modified=NOW - 9_000, seen_at=NOW - 5_000, details_at=NOW - 5_000,
                     layers=("arn:aws:lambda:r:1:layer:kit:7",), storage_mb=512)
PARTS = Configuration(PLACE, "fulfil", aliases=(Alias("live", "3"),), provisioned=(Provisioned("live", 5),),
                      sources=(EventSource("m", "arn:aws:sqs:r:1:orders", "Enabled", 10),))


def between(before, after, parts=PARTS):
    return deploy_between(before, replace(after, seen_at=NOW), PARTS, parts)


@pytest.mark.parametrize(("facts", "change"), [
    ({"memory_mb": 1_024}, Change("memory", "512 MB", "1,024 MB")),
    ({"timeout_s": 5}, Change("timeout", "30 s", "5 s")),
    ({"reserved_concurrency": 0}, Change("reserved concurrency", "", "0")),
    ({"on_failure_arn": "arn:aws:sqs:r:1:failures"}, Change("on-failure destination", "", "failures")),
    ({"vpc_id": "vpc-1"}, Change("VPC", "", "vpc-1")),
    ({"layers": ()}, Change("layers", "kit:7", "")),
])
def test_a_setting_is_told_with_before_and_after(facts, change):
    marker = between(KNOWN, replace(KNOWN, **facts))
    assert marker is not None
    assert (marker.changes, marker.code, marker.at) == ((change,), False, NOW)


@pytest.mark.parametrize(("parts", "change"), [
    (replace(PARTS, aliases=(Alias("live", "3", {"4": 0.1}),)),
     Change("alias live", "version 3", "version 3, 10% version 4")),
    (replace(PARTS, provisioned=()), Change("provisioned concurrency of live", "5", "")),
    (replace(PARTS, sources=(EventSource("m", "arn:aws:sqs:r:1:orders", "Enabled", 1, 5, True, max_concurrency=2),)),
     Change("event source orders", "on, batches of 10, window 0 s",
            "on, batches of 1, window 5 s, failed items reported, at most 2 at once")),
    (replace(PARTS, sources=()), Change("event source orders", "on, batches of 10, window 0 s", "")),
])
def test_a_part_is_told_with_before_and_after(parts, change):
    marker = between(KNOWN, KNOWN, parts)
    assert marker is not None
    assert marker.changes == (change,)


def test_new_code_is_a_deploy_at_the_time_lambda_names_with_what_else_changed():
    marker = between(KNOWN, replace(KNOWN, code_sha256="b", memory_mb=256, last_modified=NOW - 1_000))
    assert marker is not None
    assert (marker.code, marker.at, marker.code_sha256) == (True, NOW - 1_000, "b")
    assert marker.changes == (Change("memory", "512 MB", "256 MB"),)


def test_a_mapping_on_its_way_is_no_change():
    creating = replace(PARTS, sources=(replace(PARTS.sources[0], state="Updating"),))
    assert between(KNOWN, KNOWN, creating) is None


def test_learning_more_of_a_function_is_no_change():
    earlier = replace(KNOWN, details_at=0, storage_mb=None, layers=())
    assert deploy_between(earlier, replace(KNOWN, vpc_id="vpc-1"), Configuration(PLACE, "fulfil"), PARTS) is None
    assert deploy_between(None, KNOWN) is None
    assert deploy_between(FunctionInfo(PLACE, "fulfil", "g"), KNOWN) is None
