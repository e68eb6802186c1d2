"""Templates are packaged as `sam package` does, and a stack that fails says which resource and why."""

from __future__ import annotations

from typing import Any, cast

import pytest

from demo.deploy import deploy, failure, packaged, publish, read_template
from demo.errors import DemoError

TEMPLATE = "Resources:\n  A:\n    CodeUri: ../build/lamplight/\n  B:\n    CodeUri: s3://other/one.zip\n"


class FakeBucket:
    def __init__(self) -> None:
        self.buckets: list[str] = []
        self.objects: dict[str, bytes] = {}

    def list_buckets(self):
        return {"Buckets": [{"Name": name} for name in self.buckets]}

    def create_bucket(self, Bucket):  # noqa: N803
        self.buckets.append(Bucket)

    def put_object(self, Bucket, Key, Body):  # noqa: N803
        self.objects[f"s3://{Bucket}/{Key}"] = Body


class FailedStack:
    """A stack whose second event is the cause; the third resource was only cancelled because of it."""

    class exceptions:  # noqa: N801
        AlreadyExistsException = KeyError

    def create_stack(self, **arguments):
        self.asked = arguments

    def describe_stacks(self, StackName):  # noqa: N803
        return {"Stacks": [{"StackStatus": "ROLLBACK_COMPLETE"}]}

    def describe_stack_events(self, StackName):  # noqa: N803
        return {"StackEvents": [
            {"LogicalResourceId": "Worker", "ResourceType": "F", "ResourceStatus": "CREATE_FAILED",
             "ResourceStatusReason": "Resource creation cancelled"},
            {"LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table", "ResourceStatus": "CREATE_FAILED",
             "ResourceStatusReason": "Table already exists: lamplight"},
            {"LogicalResourceId": "Table", "ResourceStatus": "CREATE_IN_PROGRESS"},
        ]}


def test_every_local_code_address_is_replaced_and_others_are_kept():
    found = packaged(TEMPLATE, "s3://packages/new.zip")

    assert found == TEMPLATE.replace("../build/lamplight/", "s3://packages/new.zip")


def test_a_template_without_local_code_is_refused():
    with pytest.raises(DemoError, match="no local CodeUri"):
        packaged("Resources: {}\n", "s3://packages/new.zip")


def test_the_address_of_a_package_names_its_content():
    bucket: Any = FakeBucket()

    first, again, other = (publish(bucket, "lamplight", data) for data in (b"one", b"one", b"two"))

    assert first == again != other
    assert bucket.objects[first] == b"one"
    assert len(bucket.buckets) == 1


def test_a_failed_stack_names_the_first_resource_that_failed():
    stack: Any = FailedStack()

    with pytest.raises(DemoError, match=r"lamplight failed: Table \(AWS::DynamoDB::Table\): Table already exists"):
        deploy(stack, cast(Any, FakeBucket()), "lamplight", TEMPLATE, {"TableName": "lamplight"})


def test_a_stack_without_a_failed_resource_gives_its_status():
    stack: Any = FailedStack()
    stack.describe_stack_events = lambda StackName: {"StackEvents": []}  # noqa: N803

    assert failure(stack, "lamplight") == "it is ROLLBACK_COMPLETE, and no resource says why"


def test_a_template_goes_through_the_bucket_whatever_its_size():
    stack, bucket = FailedStack(), FakeBucket()
    large = TEMPLATE + "#" * 60_000

    with pytest.raises(DemoError):
        deploy(cast(Any, stack), cast(Any, bucket), "lamplight", large, {})

    address = stack.asked["TemplateURL"].replace("https://s3.amazonaws.com/", "s3://")
    assert bucket.objects[address] == large.encode()


def test_a_template_that_cloudformation_would_refuse_for_its_size_is_not_sent():
    stack: Any = FailedStack()

    with pytest.raises(DemoError, match="larger than 1000000 bytes"):
        deploy(stack, cast(Any, FakeBucket()), "lamplight", "#" * 1_000_001, {})

    assert not hasattr(stack, "asked")


def test_a_missing_template_is_named(tmp_path):
    with pytest.raises(DemoError, match=r"absent\.yaml cannot be read"):
        read_template(tmp_path / "absent.yaml")
