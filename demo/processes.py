"""Child processes of the demo: each leads its own process group, is known by more than its number, and is
stopped for certain.

A process id alone proves nothing, as ids are used again. A child is remembered with the moment the kernel started
it and its command line; only a process that still has all three is ours to stop.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.errors import DemoError

GRACE_S = 4.0  # the embedded cloud and Streamlit end within a second of SIGTERM; then SIGKILL
POLL_S = 0.05
SETTLE_S = 5.0  # exec takes microseconds; a machine that swaps, longer
_OWN: dict[int, subprocess.Popen[bytes]] = {}  # children of this very process, which only it can reap


@dataclass(frozen=True, slots=True)
class Child:
    """A process we started. `started` is the kernel's word for when, comparable only with itself."""

    name: str
    pid: int
    started: str
    command: str


def start(name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Child:
    """Start a process in a session of its own, so that a Ctrl-C in the terminal reaches only its parent."""
    shown = " ".join(command)
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    _OWN[process.pid] = process
    # Between fork and exec, and for a moment after, the kernel shows another command line or none.
    wait_until(lambda: (identity(process.pid) or ("", shown))[1] == shown, SETTLE_S)
    return remembered(name, process.pid)


def remembered(name: str, pid: int) -> Child:
    """The running process `pid` as a Child. Raises DemoError when there is none."""
    known = identity(pid)
    if known is None:
        raise DemoError(f"The {name} ended at once.", "Look into its log in .demo/logs.")
    return Child(name, pid, *known)


def identity(pid: int) -> tuple[str, str] | None:
    """When the process was started and its command line; None when there is none, or only a zombie."""
    if not Path("/proc/self/stat").exists():
        return _identity_by_ps(pid)
    stat = _stat(pid)
    if stat is None or stat[0] == "Z":
        return None
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        return stat[19], b" ".join(words).decode(errors="replace")
    return None


def is_ours(child: Child) -> bool:
    """Whether the process of that number is still the one we started."""
    return identity(child.pid) == (child.started, child.command)


def stop(children: Iterable[Child], grace_s: float = GRACE_S) -> list[Child]:
    """End these children and everything in their process groups: SIGTERM, then SIGKILL after `grace_s` seconds.

    Children that are no longer ours are left alone. Returns those that were stopped."""
    ours = [child for child in children if is_ours(child)]
    for signal_number, patience in ((signal.SIGTERM, grace_s), (signal.SIGKILL, grace_s)):
        left = [child for child in ours if _members(child.pid)]
        for child in left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal_number)
        if wait_until(lambda left=left: not any(_members(child.pid) for child in left), patience):  # type: ignore[misc]
            break
    for child in ours:  # one that ended between the look at it and now is still to be reaped
        wait_until(lambda child=child: _reaped(child.pid), grace_s)  # type: ignore[misc]
    return ours


def own() -> list[Child]:
    """Children of this very process that still run, even one whose start was interrupted."""
    return [Child("child", pid, *known) for pid in list(_OWN) if (known := identity(pid))]


def exited(child: Child) -> bool:
    """Whether the child has ended."""
    process = _OWN.get(child.pid)
    return process.poll() is not None if process else not is_ours(child)


def wait_until(done: Callable[[], bool], timeout_s: float) -> bool:
    """Ask until the answer is yes; False when it was still no after `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _members(group: int) -> list[int]:
    """Living processes of a process group. Zombies do not count: not every container's first process reaps."""
    _reap(group)
    if Path("/proc/self/stat").exists():
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        stats = [(pid, _stat(pid)) for pid in numbers]
        return [pid for pid, stat in stats if stat and stat[0] not in "ZX" and stat[2] == str(group)]
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return []
    return [group]


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the third (state) on; the second, the name, may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _identity_by_ps(pid: int) -> tuple[str, str] | None:
    """For systems without /proc (macOS). `lstart` is a date of fixed width, 24 characters."""
    shown = subprocess.run(["ps", "-ww", "-o", "lstart=,state=,command=", "-p", str(pid)], capture_output=True,
                           text=True, check=False, env={**os.environ, "LC_ALL": "C"}).stdout.strip()
    started, _, rest = shown[:24], None, shown[24:].split(None, 1)
    if len(rest) < 2 or rest[0].startswith("Z"):
        return None
    return started, rest[1]


def _reaped(pid: int) -> bool:
    _reap(pid)
    return pid not in _OWN


def _reap(pid: int) -> None:
    process = _OWN.get(pid)
    if process and process.poll() is not None:
        del _OWN[pid]


def python(*arguments: str) -> list[str]:
    """A command that runs this very interpreter."""
    return [sys.executable, *arguments]
