"""Stacks in the embedded cloud: packages go to a bucket, templates point there, CloudFormation does the rest.

It is what `sam package` and `sam deploy` do against an account, with the same templates."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from demo.errors import DemoError
from demo.processes import wait_until

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

BUCKET = "lamplight-demo-packages"
DEPLOY_S = 60.0
MAX_TEMPLATE_BYTES = 1_000_000  # CloudFormation's limit for a template in a bucket; in the call itself it is 51,200
NO_CHANGE = "No updates are to be performed"
SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def publish(objects: S3Client, name: str, data: bytes, kind: str = "zip") -> str:
    """Put a package or a template into the bucket; its address names its content, so an unchanged one is no change."""
    key = f"{name}-{hashlib.sha256(data).hexdigest()[:16]}.{kind}"
    with_bucket = {bucket["Name"] for bucket in objects.list_buckets()["Buckets"]}
    if BUCKET not in with_bucket:
        objects.create_bucket(Bucket=BUCKET)
    objects.put_object(Bucket=BUCKET, Key=key, Body=data)
    return f"s3://{BUCKET}/{key}"


def packaged(template: str, code: str) -> str:
    """The template with every local CodeUri replaced by `code`, an s3 address. Raises DemoError without any."""
    found, count = re.subn(r"^( +CodeUri: *)(?!s3:)\S+", rf"\g<1>{code}", template, flags=re.MULTILINE)
    if not count:
        raise DemoError("The template has no local CodeUri.", "Deploy the template as it is in the repository.")
    return found


def deploy(stacks: CloudFormationClient, objects: S3Client, name: str, template: str,
           parameters: Mapping[str, str]) -> dict[str, str]:
    """Create or update a stack, wait until it has settled, and return its outputs. The template goes through the
    bucket, as `sam deploy` sends it.

    Raises DemoError naming the resource that failed and why."""
    if len(template.encode()) > MAX_TEMPLATE_BYTES:
        raise DemoError(f"The template of {name} is larger than {MAX_TEMPLATE_BYTES} bytes.")
    arguments: dict[str, Any] = {
        "StackName": name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        address = publish(objects, name, template.encode(), "yaml")
        arguments["TemplateURL"] = f"https://s3.amazonaws.com/{address.removeprefix('s3://')}"
        _submit(stacks, name, arguments)
        if not wait_until(lambda: not _status(stacks, name).endswith("_IN_PROGRESS"), DEPLOY_S):
            raise DemoError(f"The stack {name} is still {_status(stacks, name)} after {DEPLOY_S:.0f} s.")
    except (ClientError, BotoCoreError) as exc:
        raise DemoError(f"The stack {name} was refused: {exc}") from exc
    if _status(stacks, name) not in SETTLED:
        raise DemoError(f"The stack {name} failed: {failure(stacks, name)}.")
    return outputs(stacks, name)


def outputs(stacks: CloudFormationClient, name: str) -> dict[str, str]:
    """A stack's outputs by name."""
    stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def failure(stacks: CloudFormationClient, name: str) -> str:
    """The first resource that failed, with its reason; later ones are only cancelled because of it."""
    for event in reversed(stacks.describe_stack_events(StackName=name)["StackEvents"]):
        if event.get("ResourceStatus", "").endswith("_FAILED"):
            reason = event.get("ResourceStatusReason", "no reason given").rstrip(".")
            return f"{event.get('LogicalResourceId')} ({event.get('ResourceType')}): {reason}"
    return f"it is {_status(stacks, name)}, and no resource says why"


def read_template(path: Path) -> str:
    """A template's text. Raises DemoError when the file is missing."""
    try:
        return path.read_text()
    except OSError as exc:
        raise DemoError(f"The template {path} cannot be read.", "Run this in a complete clone.") from exc


def _submit(stacks: CloudFormationClient, name: str, arguments: dict[str, Any]) -> None:
    try:
        stacks.create_stack(**arguments)
    except stacks.exceptions.AlreadyExistsException:
        try:
            stacks.update_stack(**arguments)
        except ClientError as exc:
            if NO_CHANGE not in str(exc):
                raise


def _status(stacks: CloudFormationClient, name: str) -> str:
    return stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
