"""How other accounts and regions are named in a setting."""

from __future__ import annotations

import pytest

from store.errors import SettingsError
from store.members import Member, members

ROLE = "arn:aws:iam::444455556666:role/lamplight-member"


def test_a_place_is_a_region_of_this_account_or_a_role_in_another_with_its_region():
    assert members(("us-east-1", f"{ROLE}@eu-west-1", "arn:aws-us-gov:iam::444455556666:role/a/b@us-gov-west-1#own"),
                   "shared") == (
        Member("us-east-1"), Member("eu-west-1", ROLE, "shared"),
        Member("us-gov-west-1", "arn:aws-us-gov:iam::444455556666:role/a/b", "own"))
    assert [one.account for one in members(("us-east-1", f"{ROLE}@eu-west-1"))] == [None, "444455556666"]
    assert members(()) == ()


@pytest.mark.parametrize("text", [
    "here", "444455556666", f"{ROLE}", f"{ROLE}@", f"{ROLE}@../..", "arn:aws:iam::1:role/r@eu-west-1",
    "arn:aws:iam::444455556666:user/u@eu-west-1", "us-east-1#id", f"{ROLE}@eu-west-1#a b",
])
def test_what_is_no_place_is_named_with_how_to_write_one(text):
    with pytest.raises(SettingsError, match="LAMPLIGHT_PLACES holds what is no place") as wrong:
        members((text,))
    assert "role/lamplight-member@eu-west-1" in wrong.value.advice


def test_a_place_named_twice_and_an_external_id_that_is_none_are_refused():
    with pytest.raises(SettingsError, match="names 444455556666 in eu-west-1 twice"):
        members((f"{ROLE}@eu-west-1", f"{ROLE}-other@eu-west-1"))
    with pytest.raises(SettingsError, match="LAMPLIGHT_EXTERNAL_ID is not an external id"):
        members((), "a b")
