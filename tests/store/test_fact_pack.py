"""Facts as bytes: what goes in comes out, in a dozen bytes each."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from store import fact_pack
from store.fact_pack import Fact
from store.histogram import ZERO_BUCKET, bucket_of, value_of
from store.records import Status
from tests.builders import NOW

buckets = st.none() | st.just(ZERO_BUCKET) | st.integers(-120, 470)
facts = st.lists(st.builds(
    Fact,
    event_hash=st.binary(min_size=6, max_size=6).map(bytes.hex),
    at=st.integers(NOW, NOW + 600_000),
    status=st.sampled_from(list(Status)[:5]),
    cold=st.booleans(),
    restored=st.booleans(),
    duration_bucket=buckets,
    init_bucket=buckets,
    billed_ms=st.integers(0, 2**40),
    memory_mb=st.none() | st.integers(128, 10_240),
    max_memory_mb=st.none() | st.integers(1, 10_240),
    fingerprint=st.none() | st.binary(min_size=8, max_size=8).map(bytes.hex),
    version=st.none() | st.text(st.characters(exclude_characters="\0"), min_size=1),
    evidence=st.integers(0, 100_000),
), max_size=30, unique_by=lambda fact: fact.event_hash)


@given(facts)
def test_facts_come_back_as_they_were(given_facts):
    packed = fact_pack.pack(given_facts, NOW)
    assert sorted(map(repr, fact_pack.unpack(packed, NOW))) == sorted(map(repr, given_facts))
    assert fact_pack.pack(given_facts[::-1], NOW) == packed


def test_a_busy_minute_fits_a_write_unit():
    dice = Random(3)
    one_minute = [Fact(dice.randbytes(6).hex(), NOW + dice.randrange(60_000), Status.OK, billed_ms=billed,
                       duration_bucket=bucket_of(billed - dice.random()), memory_mb=512, version="7", evidence=7,
                       max_memory_mb=dice.choice((88, 89, 91)))
                  for billed in (round(dice.lognormvariate(4.5, 0.6)) + 1 for _ in range(69))]
    assert len(fact_pack.pack(one_minute, NOW)) < 69 * 12


def test_no_estimate_of_a_bucket_in_use_rounds_either_way():
    assert min(abs(value_of(bucket) % 1 - 0.5) for bucket in range(bucket_of(0.02), bucket_of(9e7) + 1)) > 1e-4
