"""The dashboard as a child process: Streamlit on loopback, pointed at the embedded cloud."""

from __future__ import annotations

import getpass
from collections.abc import Mapping

from demo.cloud import answers, clean_environment
from demo.errors import DemoError
from demo.home import ROOT, Home
from demo.ports import free_port
from demo.processes import Child, exited, python, start, wait_until

FIRST_PORT = 8501  # Streamlit's own
START_S = 40.0


def dashboard_environment(endpoint: str, table: str, orders: Mapping[str, str]) -> dict[str, str]:
    """An operator at a desk with writes on, which a deployment has to ask for."""
    return clean_environment() | {
        "AWS_ENDPOINT_URL": endpoint,
        "LAMPLIGHT_TABLE": table,
        "LAMPLIGHT_WRITES": "on",
        "LAMPLIGHT_ROLE": "admin",
        "LAMPLIGHT_ACTOR": _user(),
        "LAMPLIGHT_IDEMPOTENCY_TABLES": orders["IdempotencyTableName"],
        "LAMPLIGHT_REFRESH_SECONDS": "5",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }


def start_dashboard(home: Home, environment: Mapping[str, str], port: int) -> tuple[Child, str]:
    """Start Streamlit on the first free port from `port` upwards; returns it and its URL, not yet answering."""
    port = free_port(port)
    child = start("dashboard", python("-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port),
                                      "--server.address", "127.0.0.1", "--server.headless", "true"),
                  environment, ROOT, home.logs / "dashboard.log")
    return child, f"http://127.0.0.1:{port}"


def wait_for_dashboard(home: Home, child: Child, url: str) -> None:
    """Return when the dashboard answers. Raises DemoError when it ended or stays silent for START_S seconds."""
    wait_until(lambda: answers(f"{url}/_stcore/health") or exited(child), START_S)
    if exited(child) or not answers(f"{url}/_stcore/health"):
        raise DemoError("The dashboard does not answer.", f"See {home.logs / 'dashboard.log'}.")


def _user() -> str:
    """Who sits here, for the audit. Containers may run as a user without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "demo"
