"""The embedded cloud: MiniStack as a child process on loopback, and clients for it.

Its environment is our own, cleaned: no profile, credential, endpoint or proxy of the person who runs the demo
reaches it or the functions it runs, and it keeps its hands off Docker and off ports nobody asked for."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from demo.errors import DemoError
from demo.home import Home
from demo.ports import free_port
from demo.processes import Child, exited, python, start, stop, wait_until

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
ACCOUNT = "123456789012"
FIRST_PORT = 4566  # where emulators of AWS are expected
START_S = 30.0
INVOKE_S = 150.0  # the longest timeout of a function of ours is 120 s
ATTEMPTS = 3  # another program may take the port between our look and MiniStack's
FOREIGN = ("AWS_", "LAMPLIGHT_", "STREAMLIT_", "MINISTACK_", "LOCALSTACK_", "DEMO_", "LAMBDA_", "POWERTOOLS_")
"""Prefixes of variables that would change what the demo does."""
FOREIGN_NAMES = frozenset({"PYTHONPATH", "PYTHONHOME", "GATEWAY_PORT", "EDGE_PORT", "BIND_HOST", "SERVICES",
                           "PERSIST_STATE", "USE_SSL", "AUTH", "DOCKER_HOST", "S3_PERSIST", "STATE_DIR"})


def clean_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Our environment without anything that could lead to, or away to, a real AWS account."""
    kept = {name: value for name, value in environ.items()
            if not name.startswith(FOREIGN) and name not in FOREIGN_NAMES}
    loopback = "127.0.0.1,localhost"
    return kept | {
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # MiniStack takes a key of twelve digits for the account
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(filter(None, (environ.get("NO_PROXY"), loopback))),
        "no_proxy": ",".join(filter(None, (environ.get("no_proxy"), loopback))),
    }


def cloud_environment(home: Home, port: int, *, auth: bool = False) -> dict[str, str]:
    """What MiniStack is started with. With `auth` it enforces IAM policies on every call."""
    return clean_environment() | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": str(auth).lower(),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": "unix:///nonexistent",  # or it removes containers at start that it takes for its own
        "IOT_MTLS_ENABLED": "0",  # or it listens on port 8883 and spends the start on a certificate
        "SFTP_ENABLED": "0",
        "TMPDIR": str(home.scratch),
        "STATE_DIR": str(home.scratch / "state"),
        "S3_DATA_DIR": str(home.scratch / "s3"),
        "PYTHONUNBUFFERED": "1",
    }


def start_cloud(home: Home, first_port: int = FIRST_PORT, *, auth: bool = False,
                started: Callable[[Child], None] = lambda child: None) -> tuple[Child, str]:
    """Start MiniStack on the first free port and wait until it answers; returns it and its endpoint.

    `started` hears of every process as soon as it exists, so that it can be stopped whatever happens next.
    Raises DemoError when it does not answer within START_S seconds or keeps ending."""
    port = first_port
    for _ in range(ATTEMPTS):
        port = free_port(port)
        endpoint = f"http://127.0.0.1:{port}"
        child = start("cloud", python("-m", "ministack"), cloud_environment(home, port, auth=auth), home.folder,
                      home.logs / "cloud.log")
        started(child)
        answered = wait_until(lambda url=endpoint, child=child: answers(  # type: ignore[misc]
            f"{url}/_ministack/health") or exited(child), START_S)
        if answered and not exited(child):
            return child, endpoint
        stop([child])
        port += 1
    raise DemoError("The embedded cloud does not start.", f"See {home.logs / 'cloud.log'}.")


def answers(url: str) -> bool:
    """Whether a GET of this loopback address succeeds now. No proxy is asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Clients:
    """AWS clients for one embedded cloud. Call `isolate` first: the SDK reads the process's environment."""

    def __init__(self, endpoint: str) -> None:
        session = boto3.Session(ACCOUNT, "demo", region_name=REGION)
        self.stacks: CloudFormationClient = session.client("cloudformation", **_reaching(endpoint))
        self.objects: S3Client = session.client("s3", **_reaching(endpoint))
        self.logs: CloudWatchLogsClient = session.client("logs", **_reaching(endpoint))
        self.functions: LambdaClient = session.client("lambda", **_reaching(endpoint, read_timeout=INVOKE_S))


def isolate() -> None:
    """Make this process's own environment the clean one."""
    clean = clean_environment()
    os.environ.clear()
    os.environ.update(clean)


def _reaching(endpoint: str, read_timeout: float = 30.0) -> dict[str, Any]:
    return {"endpoint_url": endpoint,
            "config": Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=read_timeout,
                             max_pool_connections=16)}
