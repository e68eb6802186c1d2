"""The idempotency key a library would compute for a payload: `{function}#{hash}`.

Each language hashes another text of the same JSON (md5, the default of all four):
    python      json.dumps(data, sort_keys=True)                     hex      function: name.module.qualname
    typescript  JSON.stringify of the data, keys sorted, no spaces   base64   function: name, or name.method
    java        JsonNode.toString(), keys as given; strings raw      hex      function: name.method
    dotnet      JsonElement.ToString(), the text as given            hex      function: name.method"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from operations.errors import UnknownKeySchema

_LONE = re.compile("[\ud800-\udfff]")
_ARRAY_INDEX_LIMIT = 2**32 - 1
"""JavaScript orders keys that are array indexes by number, before all others."""


class Language(StrEnum):
    PYTHON = "python"
    TYPESCRIPT = "typescript"
    JAVA = "java"
    DOTNET = "dotnet"


def key_for(payload: str, function: str, language: str) -> str:
    """The key for a payload (JSON text: what the function's key expression selects). `function` is the prefix as in
    the table above. Raises UnknownKeySchema when the payload is no JSON or the language is not known."""
    if language not in set(Language):
        raise UnknownKeySchema(f"No key is known for {language}.", f"Choose one of {', '.join(Language)}.")
    try:
        data = json.loads(payload)
        text = _TEXTS[Language(language)](payload.strip(), data)
    except (ValueError, RecursionError) as error:
        raise UnknownKeySchema("The payload is not JSON.", 'A bare string needs its quotes: "abc".') from error
    digest = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    if language == Language.TYPESCRIPT:
        return f"{function}#{base64.b64encode(digest.digest()).decode()}"
    return f"{function}#{digest.hexdigest()}"


def _python(_: str, data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def _typescript(_: str, data: Any) -> str:
    return _LONE.sub(lambda lone: f"\\u{ord(lone.group()):04x}", _written(data, _js_number, _js_order))


def _java(_: str, data: Any) -> str:
    return data if isinstance(data, str) else _written(data, _java_number, list)


def _dotnet(payload: str, data: Any) -> str:
    return data if isinstance(data, str) else payload


_TEXTS: dict[Language, Callable[[str, Any], str]] = {
    Language.PYTHON: _python, Language.TYPESCRIPT: _typescript, Language.JAVA: _java, Language.DOTNET: _dotnet,
}


def _written(data: Any, number: Callable[[float], str], order: Callable[[dict[str, Any]], list[str]]) -> str:
    """JSON without spaces, with this number format and this order of keys."""
    if isinstance(data, dict):
        members = (f"{_quoted(name)}:{_written(data[name], number, order)}" for name in order(data))
        return "{" + ",".join(members) + "}"
    if isinstance(data, list):
        return "[" + ",".join(_written(item, number, order) for item in data) + "]"
    if isinstance(data, int | float) and not isinstance(data, bool):
        return number(data)
    return _quoted(data)


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _js_order(data: dict[str, Any]) -> list[str]:
    indexes = [name for name in data if name.isascii() and name.isdecimal() and str(int(name)) == name
               and int(name) < _ARRAY_INDEX_LIMIT]
    others = set(data) - set(indexes)
    return sorted(indexes, key=int) + sorted(others, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def _js_number(value: float) -> str:
    """ECMAScript Number::toString: plain digits from 1e-6 up to 1e21, else one digit, fraction and exponent."""
    try:
        number = float(value)
    except OverflowError:
        return "null"  # what JSON.stringify makes of Infinity
    if not math.isfinite(number):
        return "null"
    if number == 0:
        return "0"
    sign, digits, point = _shortest(number)
    if 0 < point <= 21:
        return sign + _plain(digits, point).removesuffix(".0")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def _java_number(value: float) -> str:
    """Integers as they are; Double.toString: plain from 1e-3 below 1e7, else one digit, fraction and `E`."""
    if isinstance(value, int):
        return str(value)
    if value == 0 or not math.isfinite(value):
        return repr(value)
    sign, digits, point = _shortest(value)
    if 0 < point <= 7:
        return sign + _plain(digits, point)
    if -3 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _shortest(number: float) -> tuple[str, str, int]:
    """Sign, the fewest digits that name the number, and where the point stands among them."""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    point = len(whole) - leading_zeros + int(exponent or 0)
    return ("-" if number < 0 else ""), digits.rstrip("0"), point


def _plain(digits: str, point: int) -> str:
    padded = digits.ljust(point, "0")
    return f"{padded[:point]}.{padded[point:] or '0'}"
