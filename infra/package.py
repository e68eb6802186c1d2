"""The zip that is deployed: `python -m infra.package` (or `make package`) fills build/<name>/ and build/<name>.zip.

A package holds our folders and what they need beyond boto3, which Lambda's Python brings. Compiled parts are
carried for every runtime and processor the template offers: their file names differ (`cpython-312-x86_64`,
`cpython-313-aarch64`), so they lie side by side and no choice of parameters can miss one. With `--local` only
the parts of the running interpreter go in, copied from its own site-packages: nothing is downloaded, which is
what the demo does. Same input, same bytes: names are sorted and times fixed.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import click

from store.errors import LamplightError

ROOT = Path(__file__).parent.parent
RUNTIMES = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("manylinux2014_x86_64", "manylinux2014_aarch64")  # glibc 2.17: older than any Lambda runtime's
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
PROVIDED = frozenset({"boto3", "botocore"})
"""Lambda's Python runtimes bring these."""

Contents = dict[str, bytes]
"""Path in the package → bytes."""


class PackageError(LamplightError):
    """The package could not be built, or does not work."""


@dataclass(frozen=True, slots=True)
class Package:
    """What goes into one zip. `folders` are our own, name in the package → where they are."""

    name: str
    folders: Mapping[str, Path]
    requirements: tuple[str, ...]
    template: Path
    check_environment: Mapping[str, str] = field(default_factory=dict)
    """Variables whose value matters when the entry points are imported; see `placeholders` for the rest."""


def pinned(file: Path, only: Iterable[str] = ()) -> tuple[str, ...]:
    """Lines `name==version` of a requirements file, without what Lambda provides; `only` narrows them by name."""
    wanted = set(only)
    lines = re.findall(r"^([A-Za-z0-9_.-]+)(==\S+)", file.read_text(), re.MULTILINE)
    return tuple(name + version for name, version in lines
                 if name not in PROVIDED and (not wanted or name in wanted))


LAMPLIGHT = Package(
    "lamplight",
    {name: ROOT / name for name in ("lambda", "collectors", "operations", "store")},
    pinned(ROOT / "requirements.txt", only=("isal", "orjson")),
    ROOT / "infra" / "template.yaml",
    {"LAMPLIGHT_PLACES": "", "LAMPLIGHT_IDEMPOTENCY_KEYS": "", "LAMPLIGHT_DASHBOARD_URL": "",
     "LAMPLIGHT_ALERT_TOPIC": "arn:aws:sns:us-east-1:123456789012:alerts"},
)
ORDERS = Package(
    "orders",
    {"orders": ROOT / "examples" / "orders" / "src" / "orders"},
    pinned(ROOT / "examples" / "orders" / "requirements.txt"),
    ROOT / "examples" / "orders" / "template.yaml",
    {"POWERTOOLS_LOG_LEVEL": "INFO"},
)
PACKAGES = {package.name: package for package in (LAMPLIGHT, ORDERS)}


def sources(package: Package) -> Contents:
    """Our own files. Raises PackageError when a folder is missing."""
    found: Contents = {}
    for name, folder in package.folders.items():
        if not folder.is_dir():
            raise PackageError(f"The folder {folder} is missing.", "Run this in a complete clone.")
        for path in folder.rglob("*.py"):
            found[f"{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return found


def installed(requirements: Iterable[str]) -> Contents:
    """The required parts as they are installed beside the running interpreter; nothing is downloaded.

    Raises PackageError when one is missing or of another version."""
    found: Contents = {}
    for requirement in requirements:
        name, _, version = requirement.partition("==")
        try:
            part = metadata.distribution(name)
        except metadata.PackageNotFoundError as exc:
            raise PackageError(f"{name} is not installed.", "Run `make package`, which installs it.") from exc
        if part.version != version:
            raise PackageError(f"{name} is {part.version}, but {version} is asked for.", "Run `make package`.")
        for path in part.files or ():
            if _belongs(path.as_posix()):
                found[path.as_posix()] = Path(str(part.locate_file(path))).read_bytes()
    return found


def downloaded(requirements: tuple[str, ...]) -> Contents:
    """The required parts, and theirs, for every runtime and platform. Raises PackageError when pip cannot."""
    if not requirements:
        return {}
    targets = [(runtime, platform) for platform in PLATFORMS for runtime in RUNTIMES]
    found: Contents = {}
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        folders = [Path(scratch, f"{runtime}-{platform}") for runtime, platform in targets]
        for folder, _ in zip(folders, pool.map(_download, [requirements] * len(targets), targets, folders),
                             strict=True):
            for wheel in sorted(folder.glob("*.whl")):
                _merge(found, _unpacked(wheel), wheel.name)
    return found


def download_command(requirements: Iterable[str], runtime: str, platform: str, folder: Path) -> list[str]:
    """The pip call that fetches wheels for one Lambda runtime (`3.12`) and platform tag into `folder`."""
    return [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--only-binary=:all:", "--implementation", "cp", "--python-version", runtime,
            "--platform", platform, "--dest", str(folder), *requirements]


def build(package: Package, *, local: bool = False, bare: bool = False) -> Contents:
    """Everything in the package. `bare` leaves required parts out, where functions see them anyway."""
    parts: Contents = {}
    if not bare:
        parts = installed(package.requirements) if local else downloaded(package.requirements)
    return {**parts, **sources(package)}


def zipped(contents: Contents) -> bytes:
    """A zip of the contents; the same contents always give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(contents):
            entry = zipfile.ZipInfo(path, ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16  # Lambda's user is not the owner and must be able to read
            archive.writestr(entry, contents[path])
    return buffer.getvalue()


def write(contents: Contents, directory: Path) -> None:
    """Put the contents into `directory`, which is emptied first."""
    shutil.rmtree(directory, ignore_errors=True)
    for path, data in contents.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def handlers(template: Path) -> list[str]:
    """The entry points a template names, such as `lambda/collect_logs.handler`."""
    return re.findall(r"^ +Handler: *(\S+)", template.read_text(), re.MULTILINE)


def placeholders(template: Path) -> dict[str, str]:
    """A value for every variable a template sets: 100 passes for a name as well as for a number."""
    names = re.findall(r"^ +([A-Z][A-Z0-9]*_[A-Z0-9_]+):", template.read_text(), re.MULTILINE)
    return dict.fromkeys(names, "100")


CHECK = """
import importlib, sys
sys.path[:0] = sys.argv[1:3]
for handler in sys.argv[3:]:
    module, _, name = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module.replace("/", ".")), name)), handler
"""


def check(package: Package, directory: Path) -> list[str]:
    """Import every entry point from `directory` with nothing else on the path but boto3, as Lambda would.

    Returns the entry points. Raises PackageError with the interpreter's last words when one does not import."""
    names = handlers(package.template)
    with tempfile.TemporaryDirectory() as provided:
        _link_provided(Path(provided))
        run = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", CHECK, str(directory), provided, *names],
            env={"AWS_DEFAULT_REGION": "us-east-1", **placeholders(package.template), **package.check_environment},
            cwd=provided, capture_output=True, text=True, check=False,
        )
    if run.returncode:
        raise PackageError(f"The package {package.name} does not import: {run.stderr.strip().splitlines()[-1]}.",
                           "Add what is missing to its requirements, or its folder to the package.")
    return names


def _belongs(path: str) -> bool:
    """Code and licences; not caches, stubs or the installer's own notes, which differ from place to place."""
    if "__pycache__" in path or ".data/" in path or path.startswith("..") or path.endswith(".pyi"):
        return False
    return ".dist-info/" not in path or "/licenses/" in path or path.endswith("/METADATA")


def _download(requirements: tuple[str, ...], target: tuple[str, str], folder: Path) -> None:
    run = subprocess.run(download_command(requirements, *target, folder), capture_output=True, text=True,
                         check=False)
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise PackageError(f"pip could not fetch {', '.join(requirements)} for Python {target[0]}: {last}",
                           "Check the network and pip's index, or build with --local for this machine only.")


def _unpacked(wheel: Path) -> Contents:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()
                if not name.endswith("/") and _belongs(name)}


def _merge(found: Contents, more: Contents, wheel: str) -> None:
    if wheel.split("-", maxsplit=1)[0] in PROVIDED:
        return
    for path, data in more.items():
        if found.setdefault(path, data) != data and ".dist-info/" not in path:
            raise PackageError(f"{wheel} has another {path} than the same part for another runtime.",
                               "These parts cannot share one package: pin a version whose files agree.")


def _link_provided(directory: Path) -> None:
    """Links to boto3 and all it requires, as Lambda's own runtime has them."""
    waiting, seen = ["boto3"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        part = metadata.distribution(name)
        for top in {path.parts[0] for path in part.files or () if ".." not in path.parts}:
            if not top.endswith((".dist-info", "__pycache__")):
                (directory / top).symlink_to(Path(str(part.locate_file(top))))
        waiting += [re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in part.requires or () if "extra ==" not in line]


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(PACKAGES)))
@click.option("--local", is_flag=True, help="Only for the Python that runs this; downloads nothing.")
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "build", show_default="build")
def main(names: tuple[str, ...], local: bool, out: Path) -> None:
    """Build the packages that templates deploy (both, or those named) and check that they import."""
    for package in [PACKAGES[name] for name in names or PACKAGES]:
        try:
            contents = build(package, local=local)
            write(contents, out / package.name)
            checked = check(package, out / package.name)
        except LamplightError as exc:
            raise click.ClickException(exc.sentence) from exc
        data = zipped(contents)
        (out / f"{package.name}.zip").write_bytes(data)
        click.echo(f"{package.name}: {len(contents)} files, {len(data) / 1e6:.1f} MB zipped, "
                   f"{len(checked)} entry points import, sha256 {hashlib.sha256(data).hexdigest()[:12]}")


if __name__ == "__main__":
    main()
