"""Errors inside JSON: their type, message and stack, whatever member a logger or a runtime puts them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from collectors import tracebacks

Json = Mapping[str, Any]
NESTED_ERRORS = ("error", "err", "exception", "Exception", "thrown")
TYPE_KEYS = ("errorType", "exception_name", "exceptionType", "exception.type", "name", "type", "Type", "class")
ERROR_MESSAGE_KEYS = ("errorMessage", "exception.message", "message", "Message", "value")
STACK_KEYS = ("stackTrace", "stack_trace", "stack", "StackTrace", "exception", "exc_info", "stacktrace", "@x",
              "Exception", "error.stack_trace", "extendedStackTrace", "exception.stacktrace", "frames")
CAUSE_KEYS = ("cause", "inner_exception", "innerException", "InnerException", "errors")
CLASS_KEYS = ("class", "declaringClass", "className")
FILE_KEYS = ("file", "path", "source", "fileName")
FUNCTION_KEYS = ("function", "label", "func", "method", "methodName")
LINE_KEYS = ("line", "lineNumber")
MAX_STACK_FRAMES = 500
"""Frames of a stack written as an array; deeper ones are recursion."""
MAX_CAUSES = 20
"""Links of a chain of causes, and errors of a group, that are followed."""
REJECTION = "UnhandledPromiseRejection"
_RUBY = re.compile(r"(?:Function|Init|Runtime)<(.{1,200})>")


class ErrorFacts(NamedTuple):
    """What a line says about an error."""

    error_type: str | None = None
    message: str | None = None
    stack: str | None = None


def first_text(document: Json, keys: tuple[str, ...]) -> str | None:
    """The first of the keys that holds a non-empty text."""
    for key in keys:
        value = document.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def plain_type(name: str) -> str:
    """A type without the phase that Ruby's runtime wraps around it: `Function<KeyError>`."""
    ruby = _RUBY.fullmatch(name)
    return ruby.group(1) if ruby else name


def _stack_text(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        told = [_frame(frame) for frame in value[:MAX_STACK_FRAMES]]
        return "\n".join(frame.rstrip("\n") for frame in told if frame) or None
    if isinstance(value, dict):
        frames = value.get("frames")
        return _stack_text(frames) if isinstance(frames, list) else None
    return None


def _frame(frame: object) -> str:
    """A frame as the language would write it, so that it is told from those of libraries in the same way."""
    if isinstance(frame, str):
        return frame
    if not isinstance(frame, dict):
        return ""
    file, function = first_text(frame, FILE_KEYS), first_text(frame, FUNCTION_KEYS) or "?"
    line = next((frame[key] for key in LINE_KEYS if key in frame), "?")
    owner = first_text(frame, CLASS_KEYS)
    if owner is not None:
        return f"\tat {owner}.{function}({file or owner.rpartition('.')[2].partition('$')[0] + '.java'}:{line})"
    return f'  File "{file or "?"}", line {line}, in {function}'


def _stack_of(document: Json) -> str | None:
    """The stack as the language wrote it, before one told frame by frame (Powertools for Python tells both)."""
    for key in sorted(STACK_KEYS, key=lambda key: isinstance(document.get(key), dict)):
        stack = _stack_text(document.get(key))
        if stack is not None:
            return stack
    return None


def error_of(document: Json) -> ErrorFacts:
    """Type, message and stack of an object that is an error (`{"name": …, "message": …, "stack": …}`)."""
    error_type = first_text(document, TYPE_KEYS)
    message = first_text(document, ERROR_MESSAGE_KEYS)
    stack = _stack_of(document) or _stack_text(document.get("trace"))
    reason = document.get("reason")
    if isinstance(reason, dict) and error_type is not None and error_type.endswith(REJECTION):
        why = error_of_reason(reason)
        return ErrorFacts(error_type, why.message or message, why.stack or stack)
    return ErrorFacts(plain_type(error_type) if error_type else None, message, _with_causes(document, stack))


def error_of_reason(reason: Json) -> ErrorFacts:
    """What a promise was rejected with."""
    return ErrorFacts(first_text(reason, TYPE_KEYS), first_text(reason, ERROR_MESSAGE_KEYS), _stack_of(reason))


def _with_causes(document: Json, stack: str | None) -> str | None:
    """The stack, and below it the chain of causes, which the error's own stack leaves out in V8 and in loggers."""
    told = [stack] if stack else []
    cause = _cause(document)
    for _ in range(MAX_CAUSES):
        if cause is None:
            break
        name, message, own = first_text(cause, TYPE_KEYS), first_text(cause, ERROR_MESSAGE_KEYS), _stack_of(cause)
        head = f"{name or 'Error'}: {message}" if message else name or "Error"
        if stack is None or f"Caused by: {head}" not in stack:
            told.append(f"Caused by: {head}")
            told += [line for line in (own or "").split("\n") if line.lstrip().startswith(("at ", "File "))]
        cause = _cause(cause)
    return "\n".join(told) or None


def _cause(document: Json) -> Json | None:
    """The cause of an error; of several at once, the one that is first whatever order they came in."""
    for key in CAUSE_KEYS:
        value = document.get(key)
        if isinstance(value, dict) and (first_text(value, TYPE_KEYS) or first_text(value, ERROR_MESSAGE_KEYS)):
            return value
        if isinstance(value, list):
            errors = [one for one in value[:MAX_CAUSES] if isinstance(one, dict) and first_text(one, TYPE_KEYS)]
            if errors:
                return min(errors, key=lambda one: (first_text(one, TYPE_KEYS) or "",
                                                    first_text(one, ERROR_MESSAGE_KEYS) or ""))
    return None


def errors_in(document: Json) -> ErrorFacts:
    """Type, message and stack of a log line, at its root or in its error object."""
    error_type = first_text(document, ("errorType", "exception_name", "errorName", "error.type"))
    message = first_text(document, ("errorMessage", "error.message"))
    stack = _stack_of(document)
    told = document.get("stack_trace")
    if isinstance(told, dict):
        error_type, message = error_type or first_text(told, ("type",)), message or first_text(told, ("value",))
    for nested in _nested(document):
        inner = error_of(nested)
        error_type, message, stack = error_type or inner[0], message or inner[1], inner[2] or stack
    message = message or first_text(document, ("error", "err")) or _of_fields(document)
    if stack is not None and (error_type is None or message is None):
        thrown = tracebacks.python_thrown(stack) or tracebacks.jvm_thrown(stack) or tracebacks.dotnet_thrown(stack)
        if thrown is not None:
            error_type, message = error_type or thrown.error_type, message or thrown.message
    return ErrorFacts(error_type, message, stack)


def _nested(document: Json) -> list[Json]:
    """The error objects of a line, at its root, in Monolog's context, or told flat as OpenTelemetry's attributes."""
    context, attributes = document.get("context"), document.get("attributes")
    found: list[Json] = []
    for key in NESTED_ERRORS:
        value = document.get(key) or (context.get(key) if isinstance(context, dict) else None)
        if isinstance(value, dict):
            found.append(value)
    if isinstance(attributes, dict) and first_text(attributes, ("exception.type", "exception.stacktrace")):
        found.append(attributes)
    return found


def _of_fields(document: Json) -> str | None:
    """Rust's tracing puts what was logged into an object of its own."""
    fields = document.get("fields")
    return first_text(fields, ("error", "err", "exception")) if isinstance(fields, dict) else None
