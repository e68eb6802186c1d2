"""What was told is remembered exactly, up to a bound, and the newest longest."""

from collectors.told import FIRST_SLOTS, Told


def test_a_thing_is_told_once():
    told = Told()
    assert [told.again(thing) for thing in ("a", ("a", 1), "a", ("a", 1))] == [False, False, True, True]


def test_all_are_remembered_while_there_is_room():
    told = Told()
    assert not any(told.again(("thing", number)) for number in range(100_000))
    assert all(told.again(("thing", number)) for number in range(100_000))


def test_the_newest_are_remembered_when_there_is_not():
    told = Told(most=FIRST_SLOTS)
    for number in range(100_000):
        told.again(("thing", number))
    assert all(told.again(("thing", number)) for number in range(100_000 - FIRST_SLOTS // 2, 100_000))
    assert not told.again(("thing", 5))
