"""DynamoDB's expressions, as far as a table of top-level attributes needs them. DynamoDB Developer Guide,
"Condition and filter expressions" and "Update expressions"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

Wire = dict[str, Any]
_TOKENS = re.compile(r"\s*(<>|<=|>=|[()<>=,+\-]|:[\w]+|#?[A-Za-z_][\w.]*)")
_COMPARED = {"=", "<>", "<", ">", "<=", ">="}


class Expression:
    """One condition, read over one item (None is no item)."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any], item: Wire | None) -> None:
        self.tokens = tokens(text)
        self.names, self.values, self.item = names, values, item or {}
        self.at = 0

    def holds(self) -> bool:
        result = self._either()
        assert self.at == len(self.tokens), f"not read to the end: {self.tokens[self.at:]}"
        return result

    def _either(self) -> bool:
        result = self._both()
        while self._skipped("OR"):
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._one()
        while self._skipped("AND"):
            result = self._one() and result
        return result

    def _one(self) -> bool:
        if self._skipped("NOT"):
            return not self._one()
        if self._skipped("("):
            result = self._either()
            assert self._skipped(")")
            return result
        if self.tokens[self.at + 1:self.at + 2] == ["("] and self.tokens[self.at] != "size":
            return self._function()
        return self._comparison()

    def _function(self) -> bool:
        name, arguments = self.tokens[self.at], []
        self.at += 2
        while not self._skipped(")"):
            arguments.append(self._next())
            self._skipped(",")
        standing = self._operand(arguments[0])
        if name == "attribute_exists":
            return standing is not None
        if name == "attribute_not_exists":
            return standing is None
        wanted = self._operand(arguments[1])
        assert name in ("begins_with", "contains"), f"the fake does not know {name}"
        if standing is None or wanted is None:
            return False
        mine, theirs = plain(standing), plain(wanted)
        return bool(mine.startswith(theirs) if name == "begins_with" else theirs in mine)

    def _comparison(self) -> bool:
        left = self._operand(self._next())
        sign = self._next()
        if sign == "BETWEEN":
            low = self._operand(self._next())
            assert self._skipped("AND")
            return compared(left, ">=", low) and compared(left, "<=", self._operand(self._next()))
        if sign == "IN":
            assert self._skipped("(")
            listed = []
            while not self._skipped(")"):
                listed.append(self._operand(self._next()))
                self._skipped(",")
            return any(compared(left, "=", one) for one in listed)
        return compared(left, sign, self._operand(self._next()))

    def _operand(self, token: str) -> Wire | None:
        return self.values[token] if token.startswith(":") else self.item.get(self.names.get(token, token))

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _skipped(self, token: str) -> bool:
        if self.tokens[self.at:self.at + 1] == [token]:
            self.at += 1
            return True
        return False


@cache
def tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKENS.match(text, at)
        assert match, f"the fake cannot read {text[at:]!r}"
        found.append(match.group(1))
        at = match.end()
    return found


def plain(wire: Wire) -> Any:
    """A value to compare: numbers as numbers."""
    ((tag, value),) = wire.items()
    if tag == "N":
        return float(value) if "." in value or "e" in value else int(value)
    return value


def compared(left: Wire | None, sign: str, right: Wire | None) -> bool:
    """An attribute that is not there compares as false, as in DynamoDB; so do different types but for `<>`."""
    assert sign in _COMPARED, f"the fake does not know {sign}"
    if left is None or right is None:
        return sign == "<>" and left is not right
    if left.keys() != right.keys():
        return sign == "<>"
    mine, theirs = plain(left), plain(right)
    return bool({"=": lambda: mine == theirs, "<>": lambda: mine != theirs, "<": lambda: mine < theirs,
                 ">": lambda: mine > theirs, "<=": lambda: mine <= theirs, ">=": lambda: mine >= theirs}[sign]())


def updated(expression: str, names: Mapping[str, str], values: Mapping[str, Any], item: Wire) -> Wire:
    """The item after `SET a = :a, … REMOVE b, …`. ADD and DELETE are not known: nothing of ours may count so."""
    after, words = dict(item), list(tokens(expression))
    clause = ""
    while words:
        word = words.pop(0)
        if word in ("SET", "REMOVE", "ADD", "DELETE"):
            assert word in ("SET", "REMOVE"), f"the fake does not {word}"
            clause = word
        elif word == ",":
            continue
        elif clause == "REMOVE":
            after.pop(names.get(word, word), None)
        else:
            assert words.pop(0) == "="
            after[names.get(word, word)] = _assigned(words, names, values, item)
    return after


def _assigned(words: list[str], names: Mapping[str, str], values: Mapping[str, Any], item: Wire) -> Any:
    source = words.pop(0)
    if source == "if_not_exists":
        _, standing, _, default, _ = (words.pop(0) for _ in range(5))
        return item.get(names.get(standing, standing), values[default])
    return values[source] if source.startswith(":") else item[names.get(source, source)]
