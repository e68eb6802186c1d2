"""Known vulnerabilities in what the dashboard runs on: `python -m infra.advisories`.

Asks pip-audit about every pinned part of requirements.txt and everything those bring along. An advisory
fails the command. A service that cannot be asked is said to be so, and does not: no news is not good news,
but it is no reason to stop working offline either.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import click
from packaging.requirements import Requirement

REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"


@dataclass(frozen=True, slots=True)
class Findings:
    """What the advisory service said: how many parts it knew, which it did not, and the advisories."""

    audited: int
    unknown: tuple[str, ...]
    advisories: tuple[str, ...]

    @property
    def sentence(self) -> str:
        if self.advisories:
            return "Known vulnerabilities:\n" + "\n".join(f"  {line}" for line in self.advisories)
        if not self.audited:
            return "Advisories: skipped, the advisory service is unreachable."
        rest = f"; not known to the service: {', '.join(self.unknown)}" if self.unknown else ""
        return f"Advisories: none for {self.audited} parts{rest}."


def direct_requirements(text: str) -> Iterator[Requirement]:
    """The requirements a file names itself; comments, options and included files are passed over."""
    for line in text.splitlines():
        stated = line.split("#")[0].strip()
        if stated and not stated.startswith("-"):
            yield Requirement(stated)


def installed_closure(roots: Iterator[Requirement]) -> dict[str, str]:
    """Every installed distribution the roots need, by normalised name, with its version."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or (requirement.marker and not _applies(requirement)):
            continue
        part = metadata.distribution(name)
        found[name] = part.version
        waiting.extend(Requirement(line) for line in part.requires or ())
    return found


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def read_report(report: dict[str, Any]) -> Findings:
    """Findings from pip-audit's JSON; a part with a `skip_reason` was not audited."""
    parts = report["dependencies"]
    known = [part for part in parts if "skip_reason" not in part]
    return Findings(
        audited=len(known),
        unknown=tuple(part["name"] for part in parts if "skip_reason" in part),
        advisories=tuple(
            f"{part['name']} {part['version']}: {vulnerability['id']}, fixed in "
            f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
            for part in known
            for vulnerability in part["vulns"]
        ),
    )


def audit(parts: dict[str, str]) -> Findings:
    """Ask pip-audit about these parts. A service that does not answer gives findings about nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("".join(f"{name}=={version}\n" for name, version in sorted(parts.items())))
        listed.flush()
        command = [sys.executable, "-m", "pip_audit", "--requirement", listed.name, "--no-deps", "--disable-pip",
                   "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return read_report(json.loads(answer.stdout))
    except json.JSONDecodeError:  # pip-audit gave up before its report: no network, no route, no name
        return Findings(0, tuple(parts), ())


def main() -> int:
    """Exit status: 1 when there is an advisory."""
    findings = audit(installed_closure(direct_requirements(REQUIREMENTS.read_text())))
    click.echo(findings.sentence)
    return 1 if findings.advisories else 0


if __name__ == "__main__":
    sys.exit(main())
