"""What a demo consists of now, for people and for scripts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from demo.cloud import REGION, Clients
from demo.home import Home
from demo.processes import is_ours
from demo.stacks import LAMPLIGHT_STACK, ORDERS_STACK

QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True, slots=True)
class Status:
    """`running`: some `up` holds the demo. `ready`: it has come to the end of its steps. `collected`: and its first
    collection too, which takes longer."""

    running: bool
    ready: bool = False
    collected: bool = False
    endpoint: str | None = None
    region: str = REGION
    dashboard: str | None = None
    table: str | None = None
    queues: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    logs: str | None = None


def status(home: Home) -> Status:
    """Look at a demo folder and, when it runs, at its stacks. Never raises for a demo that does not run."""
    if not home.is_held():
        return Status(running=False)
    state = home.state()
    table, queues, functions = _deployed(state.endpoint) if state.endpoint and state.ready else (None, (), ())
    return Status(
        running=True, ready=state.ready, collected=state.collected, endpoint=state.endpoint,
        dashboard=state.dashboard, table=table, queues=queues, functions=functions, logs=str(home.logs),
        processes=tuple(f"{child.name} {child.pid}" for child in state.children if is_ours(child)),
    )


def lines(known: Status, folder: Path) -> list[str]:
    """The status as people read it."""
    if not known.running:
        return [f"The demo in {folder} is not running. Start it with `python -m demo up`."]
    shown = {key: value for key, value in asdict(known).items() if key not in ("running", "ready", "collected")}
    stage = ("running" if known.collected else "running, first collection still going") if known.ready else "starting"
    return [stage] + [
        f"  {key:<10} {', '.join(value) if isinstance(value, tuple) else value}"
        for key, value in shown.items() if value
    ]


def _deployed(endpoint: str) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """Table, queues and functions of both stacks, as CloudFormation knows them."""
    stacks = Clients(endpoint).stacks
    found = [resource for name in (ORDERS_STACK, LAMPLIGHT_STACK)
             for resource in stacks.describe_stack_resources(StackName=name)["StackResources"]]

    def of(kind: str) -> list[str]:
        return sorted(resource.get("PhysicalResourceId", "") for resource in found if resource["ResourceType"] == kind)

    tables = [resource.get("PhysicalResourceId") for resource in found if resource["LogicalResourceId"] == "Table"]
    queues = tuple(url.rsplit("/", 1)[-1] for url in of(QUEUE))
    return (tables[0] if tables else None), queues, tuple(of(FUNCTION))
