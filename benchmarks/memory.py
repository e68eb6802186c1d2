"""Peak memory of a reader as its input grows a hundredfold: the same, or something is kept that should not be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.target import Report, Target

EVENTS = 10_000
GROWTH = 100
MOST = 1.25
"""Peak at a hundred times the input, against once: what is remembered of event ids is bounded, not nothing."""
_ROOT = Path(__file__).parent.parent
_READ = """
import resource, sys
from benchmarks.corpus import STRUCTURED, payloads
from benchmarks.reading import reader
reader(payloads(STRUCTURED, {events}))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mb(events: int) -> float:
    """Peak resident memory of a process that reads so many events, from environments that live and die."""
    command = [sys.executable, "-c", _READ.format(events=events)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def run(events: int = EVENTS, growth: int = GROWTH) -> Report:
    """Measure once the input, and `growth` times."""
    once, grown = peak_mb(events), peak_mb(events * growth)
    rows = [["once", f"{events:,}", f"{once:.0f} MB"], [f"{growth} times", f"{events * growth:,}", f"{grown:.0f} MB"]]
    target = Target(f"peak memory at {growth} times the input", grown / once, MOST)
    return Report("Peak memory of a reader", ("input", "events", "peak"), rows, [target])
