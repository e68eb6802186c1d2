"""The folder of a demo (.demo): what runs in it, its logs, its scratch space. One demo at a time per folder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from demo.errors import AlreadyRunning
from demo.processes import Child, stop

ROOT = Path(__file__).parent.parent
DEFAULT = ROOT / ".demo"


@dataclass(frozen=True, slots=True)
class State:
    """What is running, as written to state.json after every step so that a killed demo can be cleaned up."""

    supervisor: Child | None = None
    children: tuple[Child, ...] = ()
    endpoint: str | None = None
    dashboard: str | None = None
    ready: bool = False
    collected: bool = False
    """Whether the first collection has come to its end."""

    def with_child(self, child: Child) -> State:
        """The state with this child, in place of an earlier try of the same name."""
        return replace(self, children=(*(one for one in self.children if one.name != child.name), child))


class Home:
    """Paths, the state file and the lock of one demo folder."""

    def __init__(self, folder: Path = DEFAULT) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self.scratch = self.folder / "tmp"
        self._state = self.folder / "state.json"
        self._lock = self.folder / "lock"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold this folder for one `up`. The kernel lets go when the process ends, however it ends.

        Raises AlreadyRunning when another process holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(self.state().dashboard) from None
            yield

    def is_held(self) -> bool:
        """Whether some process holds this folder now."""
        if not self._lock.exists():
            return False
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def state(self) -> State:
        """What state.json says; nothing when it is absent or cannot be read (a half-written one cannot be)."""
        try:
            known = json.loads(self._state.read_text())
            supervisor = known.pop("supervisor")
            children = tuple(Child(**child) for child in known.pop("children"))
            return State(Child(**supervisor) if supervisor else None, children, **known)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return State()

    def remember(self, state: State) -> None:
        """Write state.json in one step: a reader sees the old one or the new one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self._state.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(state), indent=1))
        fresh.replace(self._state)

    def prepare(self) -> None:
        """Empty logs and scratch space for a new run."""
        for folder in (self.logs, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def clean_up(self) -> list[Child]:
        """Stop what the state file remembers and is provably ours, and forget it. Returns what was stopped."""
        stopped = stop(child for child in self.state().children if child.pid != os.getpid())
        with contextlib.suppress(FileNotFoundError):
            self._state.unlink()
        shutil.rmtree(self.scratch, ignore_errors=True)
        return stopped
