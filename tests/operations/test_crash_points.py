"""Every place a run of three messages can be cut at, and every fault a call of it can meet, one after the other."""

from __future__ import annotations

import pytest

from store.recovery import LetterState
from tests.operations.redrive_stories import STORIES, killed_at_every_call

KINDS = ("standard", "fifo", "invoke", "watched", "watched fifo")
FINE = (LetterState.PRESUMED, LetterState.NEEDS_OPERATOR, LetterState.RETURNED, LetterState.DEAD,
        LetterState.QUARANTINED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_with_nothing_lost_and_every_duplicate_listed(story: str, kind: str):
    states = {letter.state for world in STORIES[story](kind) for letter in world.letters()}
    assert states <= set(FINE)


@pytest.mark.parametrize("kind", KINDS)
def test_one_death_makes_at_most_one_batch_ambiguous_and_loses_nothing(kind: str):
    worlds = list(killed_at_every_call(kind))
    assert len(worlds) > 20
    for world in worlds:
        assert {token: bool(world.processed.get(token)) for token in world.originals} == dict.fromkeys(
            world.originals, True)
        assert sum(world.copies().values()) <= 3 + sum(letter.ambiguous for letter in world.letters())
        assert {letter.state for letter in world.letters()} == {LetterState.PRESUMED}
    assert sum(letter.ambiguous for letter in worlds[-1].letters()) == 0
    assert sum(letter.ambiguous for world in worlds for letter in world.letters()) > 0
