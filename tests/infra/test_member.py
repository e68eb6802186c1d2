"""Other accounts: a role that reads and nothing else, which only Lamplight's collectors may take on."""

from __future__ import annotations

import json
from typing import Any

from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from infra.package import ROOT
from tests.infra.test_template import allowed, as_list, resources, statements

COLLECTORS = ("CollectLogsRole", "CollectMetricsRole", "CollectQueuesRole")
HERE_ONLY = {"sts:AssumeRole", "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "kms:Decrypt"}
"""What collectors do with their own role alone: looking into watched queues counts as a receive."""


def role() -> dict[str, Any]:
    template: dict[str, Any] = yaml_parse((ROOT / "infra/member.yaml").read_text())
    (only,) = template["Resources"].values()
    properties: dict[str, Any] = only["Properties"]
    return properties


def member_statements() -> list[dict[str, Any]]:
    (policy,) = role()["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def test_the_member_role_is_for_lamplights_collectors_with_the_external_id():
    (trust,) = role()["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Principal"] == {"AWS": {"Ref": "LamplightRoleArns"}}
    assert trust["Action"] == "sts:AssumeRole"
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}


def test_the_member_role_may_do_what_the_collectors_do_here_and_only_read():
    actions = {action for one in member_statements() for action in as_list(one["Action"])}
    here = {action for action in allowed(*COLLECTORS) if not action.startswith("dynamodb:")}

    assert actions == here - HERE_ONLY
    assert all(action.partition(":")[2].startswith(("Get", "List", "Describe", "Filter")) for action in actions)


def test_what_knows_a_resource_is_limited_to_the_account_it_is_in():
    narrow = [one["Resource"]["Fn::Sub"] for one in member_statements() if one["Resource"] != "*"]

    assert len(narrow) == 3
    assert all(":*:${AWS::AccountId}:" in arn for arn in narrow)


def test_the_collectors_alone_take_on_roles_and_only_those_that_were_named():
    taking = {name: [one["Resource"] for one in statements(name) if "sts:AssumeRole" in as_list(one["Action"])]
              for name in resources()}

    assert {name: found for name, found in taking.items() if found} == {
        name: [{"Ref": "MemberRoleArns"}] for name in COLLECTORS}
    assert all("CollectsMembers" in json.dumps(resources()[name]) for name in COLLECTORS)
