"""The dashboard's image, read: what goes in, who runs it, and that what goes in is enough to run."""

from __future__ import annotations

import ast
import json
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
from streamlit.web.server.starlette.starlette_routes import BASE_ROUTE_CORE

from infra.advisories import direct_requirements, installed_closure

ROOT = Path(__file__).parent.parent


def instructions(text):
    """(instruction, arguments) in order; continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text())


def arguments(name):
    return [rest for instruction, rest in DOCKERFILE if instruction == name]


def copied():
    return [rest.split()[0] for rest in arguments("COPY")]


def type_checking_only(tree):
    """The nodes under `if TYPE_CHECKING:`, which never run."""
    blocks = (node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    return {id(inner) for block in blocks for statement in block.body for inner in ast.walk(statement)}


def imported_names(path):
    tree = ast.parse(path.read_text())
    unused = type_checking_only(tree)
    for node in ast.walk(tree):
        if id(node) in unused:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def provided_names():
    """What can be imported in the image: the standard library, the copied folders, the requirements' closure."""
    parts = installed_closure(direct_requirements((ROOT / "requirements.txt").read_text()))
    normal = {module: {re.sub(r"[-_.]+", "-", name).lower() for name in names}
              for module, names in metadata.packages_distributions().items()}
    installed = {module for module, names in normal.items() if names & set(parts)}
    return sys.stdlib_module_names | set(copied()) | installed


def test_everything_that_is_copied_exists_and_is_let_in():
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [path for path in copied() if not (ROOT / path).exists()] == []
    assert set(copied()) == let_in


def test_the_base_image_is_pinned_to_a_patch_release():
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", arguments("FROM")[0])


def test_the_process_is_not_root_and_owns_nothing_it_runs():
    user = arguments("USER")[-1].split(":")[0]
    assert int(user) >= 1000
    assert not any("chown" in rest for rest in arguments("COPY") + arguments("RUN"))


def test_only_runtime_requirements_are_installed():
    installs = [rest for rest in arguments("RUN") if "pip install" in rest]
    assert len(installs) == 1
    assert re.findall(r"-r (\S+)", installs[0]) == ["requirements.txt"]
    assert "--no-cache-dir" in installs[0]


def test_the_health_check_asks_where_streamlit_answers():
    port = arguments("EXPOSE")[0]
    check = arguments("HEALTHCHECK")[0]
    assert f"http://127.0.0.1:{port}/{BASE_ROUTE_CORE}/health" in check
    assert f"STREAMLIT_SERVER_PORT={port}" in arguments("ENV")[0]


def test_the_command_starts_an_app_that_is_copied():
    script = json.loads(arguments("CMD")[0])[-1]
    assert (ROOT / script).is_file()
    assert script.split("/")[0] in copied()


@pytest.mark.parametrize("folder", ["dashboard", "operations", "store"])
def test_a_copied_folder_imports_nothing_the_image_lacks(folder):
    provided = provided_names()
    missing = [f"{path.relative_to(ROOT)} imports {name}" for path in sorted((ROOT / folder).rglob("*.py"))
               for name in imported_names(path) if name not in provided]
    assert missing == []


def test_a_development_part_would_be_noticed_in_the_image():
    assert {"pytest", "moto", "ministack", "collectors"}.isdisjoint(provided_names())
