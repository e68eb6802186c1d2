"""What an entry point's imports add to a cold start, against `import boto3` alone, which none can do without."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.target import Report, Target

MOST = 1.25
ROUNDS = 11
_ROOT = Path(__file__).parent.parent
_BASE = "import boto3"
_ENVIRONMENT = {
    "LAMPLIGHT_TABLE": "lamplight", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_LAMBDA_FUNCTION_NAME": "lamplight",
}  # fmt: skip
_TIMED = """
import time
began = time.perf_counter()
{statement}
print(time.perf_counter() - began)
"""


def entry_points() -> list[str]:
    """The modules that are deployed as functions."""
    return sorted(path.stem for path in (_ROOT / "lambda").glob("*.py") if "def handler" in path.read_text())


def _statement(module: str) -> str:
    # Clients are made at init too, but that is the same for every entry point and not an import's cost.
    return ("import importlib, types, store.clients\n"
            "nothing = dict(clients=None, table=None, clock=None, place=None)\n"
            "store.clients.connect = lambda settings: types.SimpleNamespace(settings=settings, **nothing)\n"
            f"importlib.import_module('lambda.{module}')")


def _ms(statement: str) -> float:
    command = [sys.executable, "-c", _TIMED.format(statement=statement)]
    environment = {**os.environ, **_ENVIRONMENT}
    done = subprocess.run(command, cwd=_ROOT, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout) * 1000


def run(rounds: int = ROUNDS) -> Report:
    """Import each entry point in fresh processes, in turn with boto3."""
    modules = entry_points()
    times: dict[str, list[tuple[float, float]]] = {module: [] for module in modules}
    for module in modules:
        _ms(_statement(module))  # compiles what is not compiled yet
    for _ in range(rounds):
        base = _ms(_BASE)
        for module in modules:
            times[module].append((base, _ms(_statement(module))))
    rows, targets = [["import boto3", f"{statistics.median(base for base, _ in times[modules[0]]):.0f} ms", "1.00"]], []
    for module, pairs in times.items():
        ratio = statistics.median(ours / base for base, ours in pairs)
        rows.append([f"lambda/{module}", f"{statistics.median(ours for _, ours in pairs):.0f} ms", f"{ratio:.2f}"])
        targets.append(Target(f"import time of lambda/{module}, of boto3's", ratio, MOST))
    return Report("Import time", ("module", "median", "of boto3's"), rows, targets)
