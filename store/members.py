"""Other accounts and regions that are collected from here, each with the role that opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from store.errors import SettingsError

ROLE = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/[A-Za-z0-9+=.@_/-]{1,512}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")
EXTERNAL_ID = re.compile(r"[A-Za-z0-9+=.@:/_-]{2,1224}")
"""What STS takes as an external id; a comma too, which separates places here."""
PLACES, SHARED_ID = "LAMPLIGHT_PLACES", "LAMPLIGHT_EXTERNAL_ID"


@dataclass(frozen=True, slots=True)
class Member:
    """One region of one account. Without a role it is a region of the account we are in, with our own rights."""

    region: str
    role_arn: str | None = None
    external_id: str | None = None

    @property
    def account(self) -> str | None:
        """The account the role belongs to; None is ours."""
        named = ROLE.fullmatch(self.role_arn or "")
        return named.group(1) if named else None


def members(texts: tuple[str, ...], shared_id: str = "") -> tuple[Member, ...]:
    """Places as the setting spells them: `region`, `role ARN@region`, or `role ARN@region#external id` where that
    account has an external id of its own instead of the shared one. Raises SettingsError."""
    if shared_id and not EXTERNAL_ID.fullmatch(shared_id):
        raise SettingsError(SHARED_ID, f"is not an external id: {shared_id!r}",
                            "Use 2 to 1224 letters, digits or + = . @ : / _ -.")
    found = tuple(_member(text, shared_id) for text in texts)
    named = [(one.account, one.region) for one in found]
    for account, region in named:
        if named.count((account, region)) > 1:
            raise SettingsError(PLACES, f"names {account or 'this account'} in {region} twice", "Name each place once.")
    return found


def _member(text: str, shared_id: str) -> Member:
    where, _, own_id = text.partition("#")
    role, _, region = where.rpartition("@")
    external_id = own_id or shared_id
    right = bool(REGION.fullmatch(region)) and (not role or bool(ROLE.fullmatch(role)))
    if not right or (own_id and not (role and EXTERNAL_ID.fullmatch(own_id))):
        raise SettingsError(PLACES, f"holds what is no place: {text!r}",
                            "Write each as arn:aws:iam::444455556666:role/lamplight-member@eu-west-1, or as a region "
                            "of this account.")
    return Member(region, role or None, external_id if role and external_id else None)
