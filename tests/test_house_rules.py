"""The rules of the house that no linter knows. Each failure names the place and says what to do."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORK = ("lambda", "collectors", "store", "operations", "dashboard")
NOT_OURS = {"build", "__pycache__", "node_modules"}
HIDDEN_OURS = {".ci", ".streamlit", ".dockerignore", ".gitignore"}
WRITTEN = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".txt", ".json", ".cfg", ""}
MAX_LINES = 300
MAX_ENTRY_POINT_LINES = 60
UNDOCUMENTED_STATEMENTS = 12  # what one look takes in
ATTICS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
MAKES_CLIENTS = {"store/clients.py", "dashboard/clients.py"}
EDGES = ("lambda/", "demo/", "examples/", "tests/", "benchmarks/")
TABLE_WORDS = ("ConditionExpression", "KeyConditionExpression", "UpdateExpression", "FilterExpression",
               "ProjectionExpression", "ExpressionAttributeValues", "ExpressionAttributeNames",
               "ConditionalCheckFailedException", "TransactionCanceledException")
ATTRIBUTE_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"}
LEFT_OVER = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")))
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:home|root|work|Users)/\w")
DODGES = {"skip", "skipif", "xfail", "importorskip", "skipTest", "expectedFailure"}


def ours():
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        hidden = inside[0].startswith(".") and inside[0] not in HIDDEN_OURS
        if path.is_file() and not hidden and not NOT_OURS & set(inside):
            yield path


FILES = list(ours())
PYTHON = [path for path in FILES if path.suffix == ".py"]
TESTS = [path for path in PYTHON if path.is_relative_to(ROOT / "tests")]


def name(path):
    return path.relative_to(ROOT).as_posix()


def tree(path):
    return ast.parse(path.read_text(), filename=str(path))


def place(path, node):
    """`file:line`, as editors and terminals link it."""
    return f"{name(path)}:{getattr(node, 'lineno', 0)}"


def called(node):
    """The last name of what is called: `sleep` for `time.sleep(1)`."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def calls(paths, wanted):
    """The place of every call whose last name is in `wanted`."""
    return [place(path, node) for path in paths for node in ast.walk(tree(path)) if called(node) in wanted]


def imported(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def size(node):
    """Statements in a function, its docstring left out."""
    statements = sum(isinstance(inner, ast.stmt) for inner in ast.walk(node)) - 1
    return statements - (ast.get_docstring(node) is not None)


def test_no_file_is_longer_than_a_reader_holds_in_mind():
    lengths = {name(path): len(path.read_text().splitlines()) for path in PYTHON}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}, "split along a noun"


def test_no_module_is_an_attic():
    named = [name(path) for path in PYTHON for part in path.relative_to(ROOT).with_suffix("").parts
             if ATTICS & set(part.lower().split("_"))]
    assert named == [], "name the file after the noun it holds"


def test_module_names_are_lower_case_words():
    assert [name(path) for path in PYTHON if not re.fullmatch(r"[a-z_][a-z0-9_]*", path.stem)] == []


def test_nothing_in_the_dashboard_hides_a_package():
    # `streamlit run` puts dashboard/ first on sys.path: dashboard/store.py would replace the package store.
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    parts = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    present = {path.stem for path in (ROOT / "dashboard").iterdir() if path.name not in NOT_OURS}
    assert present & (folders | parts | set(sys.stdlib_module_names)) - {"dashboard"} == set()


def test_entry_points_are_flat_thin_and_deployed():
    files = [path for path in PYTHON if path.is_relative_to(ROOT / "lambda") and path.stem != "__init__"]
    assert [name(path) for path in files if path.parent != ROOT / "lambda"] == []
    assert [name(path) for path in files if len(path.read_text().splitlines()) > MAX_ENTRY_POINT_LINES] == []
    template = (ROOT / "infra/template.yaml").read_text()
    deployed = {f"lambda/{entry}.py" for entry in re.findall(r"Handler: lambda/(\w+)\.handler", template)}
    handlers = {name(path) for path in files for node in tree(path).body
                if isinstance(node, ast.FunctionDef) and node.name == "handler"}
    assert handlers == deployed, "infra/template.yaml deploys every handler there is, and no other"


@pytest.mark.parametrize("folder", [*WORK, "infra", "demo"])
def test_every_package_says_what_it_is_for(folder):
    packages = {path.parent for path in PYTHON if path.is_relative_to(ROOT / folder)}
    silent = [name(package) for package in sorted(packages)
              if not (package / "__init__.py").is_file() or not ast.get_docstring(tree(package / "__init__.py"))]
    assert silent == [], "add an __init__.py with one sentence"


@pytest.mark.parametrize("folder", ["store", "operations", "collectors"])
def test_what_a_name_cannot_say_has_a_docstring(folder):
    """A module; a class, but no enumeration or named tuple; a public function that raises or is long."""
    silent = []
    for path in (path for path in PYTHON if path.is_relative_to(ROOT / folder)):
        module = tree(path)
        silent += [name(path)] if not ast.get_docstring(module) else []
        silent += [place(path, node) for node in ast.walk(module)
                   if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                   and needs_docstring(node) and not ast.get_docstring(node)]
    assert silent == []


def needs_docstring(node):
    if isinstance(node, ast.ClassDef):
        bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
        return not node.name.startswith("_") and not bases & {"Enum", "StrEnum", "IntEnum", "NamedTuple"}
    if node.name.startswith("_"):
        return False
    raises = any(isinstance(inner, ast.Raise) and inner.exc and "AssertionError" not in ast.unparse(inner.exc)
                 for inner in ast.walk(node))
    return raises or size(node) > UNDOCUMENTED_STATEMENTS


def test_clients_are_handed_in_and_made_at_the_edges():
    makers = [name(path) for path in PYTHON
              if any(module.split(".")[0] == "boto3" for module in imported(path))]
    assert [path for path in makers if path not in MAKES_CLIENTS and not path.startswith(EDGES)] == []


def test_only_the_store_speaks_dynamodb():
    found = []
    for path in PYTHON:
        if name(path).startswith(("store/", *EDGES[1:])):
            continue
        for node in ast.walk(tree(path)):
            text = node.value if isinstance(node, ast.Constant) else getattr(node, "arg", None)
            if text in TABLE_WORDS or is_attribute_value(node) or makes_table_client(node, path):
                found.append(place(path, node))
    assert found == [], "say it in store/, behind a function with a name"


def is_attribute_value(node):
    """`{"S": …}` or `something["S"]`."""
    if isinstance(node, ast.Dict) and len(node.keys) == 1:
        key = node.keys[0]
    elif isinstance(node, ast.Subscript):
        key = node.slice
    else:
        return False
    return isinstance(key, ast.Constant) and key.value in ATTRIBUTE_TYPES


def makes_table_client(node, path):
    first = node.args[0] if called(node) in ("client", "resource") and node.args else None
    return isinstance(first, ast.Constant) and first.value == "dynamodb" and name(path) not in MAKES_CLIENTS


def test_only_command_lines_print():
    assert calls([path for path in PYTHON if path.stem != "__main__"], {"print"}) == []


def test_nothing_is_left_for_later():
    left = [f"{name(path)}:{number}" for path in FILES if path.suffix in WRITTEN and path.name != "LICENSE"
            for number, line in enumerate(path.read_text().splitlines(), 1) if LEFT_OVER.search(line)]
    assert left == [], "do it, or open an issue"


def test_no_file_knows_the_machine_it_was_written_on():
    found = [f"{name(path)}:{number}" for path in FILES if path.suffix in WRITTEN
             for number, line in enumerate(path.read_text().splitlines(), 1) if MACHINE_PATH.search(line)]
    assert found == []


def all_tests():
    return [(path, node) for path in TESTS for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")]


def asserts(node):
    """An assert, pytest.raises or warns, Playwright's expect, or a call named assert_…."""
    return any(isinstance(inner, ast.Assert) or called(inner) in ("raises", "warns", "expect")
               or called(inner).startswith("assert_") for inner in ast.walk(node))


def test_every_test_asserts_something():
    assert [f"{place(path, node)} {node.name}" for path, node in all_tests() if not asserts(node)] == []


def test_every_test_is_named_as_a_sentence():
    short = [f"{place(path, node)} {node.name}" for path, node in all_tests()
             if len(node.name.split("_")) < 4]
    assert short == [], "say what holds, in at least three words"


def test_no_two_tests_of_a_file_share_a_name():
    seen: dict[tuple[Path, str], int] = {}
    for path, node in all_tests():
        seen[path, node.name] = seen.get((path, node.name), 0) + 1
    assert [f"{name(path)} {test}" for (path, test), times in seen.items() if times > 1] == []


def test_no_test_is_skipped_or_expected_to_fail():
    dodged = [place(path, node) for path in TESTS for node in ast.walk(tree(path))
              if isinstance(node, ast.Attribute) and node.attr in DODGES]
    assert dodged == [], "make it pass, or delete it and say why"


def test_no_test_sleeps():
    assert calls(TESTS, {"sleep", "wait_for_timeout"}) == [], "wait for the thing, with a deadline"
