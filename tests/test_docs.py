"""The papers say what the code does: settings, access patterns, commands, links."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
from pathlib import Path

import click
import pytest

from store.settings import VARIABLES

ROOT = Path(__file__).parent.parent
PAPERS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
COMMAND_LINES = ("collectors", "operations", "demo")
WORD = re.compile(r"[a-z][a-z-]*")
OWN_TARGETS = {"demo-venv", "dev-venv"}  # steps of other targets, not for people


def text(paper):
    path = ROOT / paper
    return path.read_text() if path.is_file() else ""


def all_text():
    return "\n".join(map(text, PAPERS))


def key_families():
    """The functions of store/keys.py that make a key."""
    module = ast.parse((ROOT / "store/keys.py").read_text())
    return [node.name for node in module.body
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Key"]


def root_command(package):
    """The click command behind `python -m package`: the one of its module that no other one holds."""
    module = importlib.import_module(f"{package}.__main__")
    commands = [value for value in vars(module).values() if isinstance(value, click.Command)]
    held = {id(child) for group in commands if isinstance(group, click.Group) for child in group.commands.values()}
    roots = [command for command in commands if id(command) not in held]
    groups = [command for command in roots if isinstance(command, click.Group)]
    assert groups or roots, f"{package}/__main__.py holds no click command"
    return (groups or roots)[0]


def leaves(command, path=()):
    """Every command that does something, as the words that call it."""
    if not isinstance(command, click.Group):
        yield path
        return
    for name, child in command.commands.items():
        if not child.hidden:
            yield from leaves(child, (*path, name))


def alternatives(line):
    """`show|plan` stands for two commands; so many lines come out."""
    return itertools.product(*(word.strip("[]").split("|") for word in line.split()))


def written_commands(package):
    """The words after `python -m package` wherever a paper writes a command."""
    pattern = re.compile(rf"python3? -m {package}((?: +[^\s`#]+)*)")
    for paper in PAPERS:
        for found in pattern.finditer(code_of(paper)):
            for words in alternatives(found.group(1)):
                yield paper, words


def walk(command, words):
    """The path of sub-commands the words lead along, and the first word that leads nowhere, if one does."""
    path: list[str] = []
    for word in words:
        if not isinstance(command, click.Group):
            break
        if word not in command.commands:
            return tuple(path), word if WORD.fullmatch(word) else None
        command = command.commands[word]
        path.append(word)
    return tuple(path), None


def make_targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)) - OWN_TARGETS


def code_of(paper):
    """What stands in backticks or fenced blocks; in a table a bar is written `\\|`."""
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text(paper), re.MULTILINE | re.DOTALL)
    return "\n".join(fenced + re.findall(r"`([^`\n]+)`", text(paper))).replace("\\|", "|")


def written_targets(paper):
    for targets in re.findall(r"\bmake ((?:[a-z-]+\|)*[a-z-]+)", code_of(paper)):
        yield from targets.split("|")


@pytest.mark.parametrize("paper", [*PAPERS, "LICENSE"])
def test_every_paper_is_there(paper):
    assert (ROOT / paper).is_file(), f"write {paper}"


def test_every_setting_is_documented():
    papers = text("README.md") + text("ARCHITECTURE.md")
    assert [variable.name for variable in VARIABLES if variable.name not in papers] == [], "say what these are for"


def test_every_setting_that_is_documented_exists():
    written = set(re.findall(r"\bLAMPLIGHT_[A-Z_]+\b", all_text()))
    assert written - {variable.name for variable in VARIABLES} == set(), "no such setting"


def test_every_key_stands_in_the_table_of_access_patterns():
    missing = [family for family in key_families() if not has_row(family)]
    assert missing == [], "ARCHITECTURE.md needs a row for each: its words first, or `its_name` anywhere in the row"


def has_row(family):
    code = re.compile(rf"`(?:keys\.)?{family}(?:\(.*?\))?`")
    words = re.compile(rf"\|[^|]*\b{family.replace('_', ' ')}\b[^|]*\|")
    rows = (line.strip() for line in text("ARCHITECTURE.md").splitlines() if line.strip().startswith("|"))
    return any(code.search(row) or words.match(row) for row in rows)


@pytest.mark.parametrize("package", COMMAND_LINES)
def test_every_command_is_documented(package):
    command = root_command(package)
    documented = {walk(command, words)[0] for _, words in written_commands(package)}
    missing = [f"python -m {package} {' '.join(path)}" for path in leaves(command) if path not in documented]
    assert missing == [], "write these commands down in README.md or ARCHITECTURE.md"


@pytest.mark.parametrize("package", COMMAND_LINES)
def test_every_command_that_is_documented_exists(package):
    command = root_command(package)
    wrong = [f"{paper}: python -m {package} {' '.join(words)}" for paper, words in written_commands(package)
             if walk(command, words)[1]]
    assert wrong == [], "no such command"


def test_every_make_target_is_documented():
    documented = {target for paper in PAPERS for target in written_targets(paper)}
    assert make_targets() - documented == set(), "write these targets down"


@pytest.mark.parametrize("paper", PAPERS)
def test_every_make_target_that_is_documented_exists(paper):
    assert set(written_targets(paper)) - make_targets() == set(), f"{paper}: no such target"


@pytest.mark.parametrize("paper", PAPERS)
def test_every_relative_link_and_picture_leads_somewhere(paper):
    targets = re.findall(r"\]\(([^)\s]+)", text(paper)) + re.findall(r"""(?:src|href)=["']([^"']+)""", text(paper))
    relative = [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    assert [target for target in relative if target and not (ROOT / target).exists()] == []


@pytest.mark.parametrize("paper", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_is_named_in_code_marks_exists(paper):
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|yaml|sh|toml|md))`", text(paper))
    assert [path for path in named if path.split("/")[0] in folders and not (ROOT / path).exists()] == []
