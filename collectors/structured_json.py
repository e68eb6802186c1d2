"""Structured log lines: whatever the logger, the same facts, found by an ordered list of keys each.

The order is from what managed runtimes write to what loggers write; a request id counts only if it is a UUID, so that
a web framework's own `request_id` does not pass for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors import embedded_metrics, platform_json
from collectors.documents import object_in, shown
from collectors.java_logs import uncaught_in
from collectors.json_errors import ErrorFacts, error_of, errors_in, first_text
from collectors.levels import is_error, level_of
from collectors.lines import Ignored, Line, Said, Uncaught, unrecognised
from collectors.shapes import is_request_id, trace_of

Json = Mapping[str, Any]
REQUEST_ID_KEYS = (
    "requestId", "function_request_id", "AWSRequestId", "awsRequestId", "aws_request_id", "lambdaRequestId",
    "functionRequestId", "FunctionRequestId", "AwsRequestId", "faas.execution", "request_id",
)  # fmt: skip
CONTEXTS = ("mdc", "contextMap", "Properties")
"""Where Quarkus, log4j2 and Serilog put what every line of a request has in common."""
LEVEL_KEYS = ("level_name", "level", "log_level", "levelname", "severity", "@l", "lvl", "Level", "log.level",
              "_logLevel", "LogLevel", "severityText", "severity_text")
"""Monolog writes its own number as `level` and the word as `level_name`."""
MESSAGE_KEYS = ("message", "msg", "event", "@m", "@mt", "Message", "RenderedMessage", "MessageTemplate")
WRAPPED_KEYS = ("log", "record", "_meta", "severityText", "severity_text", *CONTEXTS)
"""With one of these the level, the message or the request id stand elsewhere: ECS, loguru, tslog, OpenTelemetry."""
TRACE_KEYS = ("xray_trace_id", "xrayTraceId", "xRayTraceId", "XrayTraceId", "XRayTraceId", "traceId",
              "trace_id", "trace.id")
COLD_KEYS = ("cold_start", "coldStart", "ColdStart", "faas.coldstart")
MESSAGE_ID_KEYS = ("message_id", "messageId", "sqs_message_id")
VERSION_KEYS = ("function_version", "functionVersion", "FunctionVersion", "faas.version")
TENANT_KEYS = ("tenantId", "tenant_id")
EXECUTION_KEYS = ("executionArn", "durableExecutionArn", "execution_arn")
DURABLE = "/durable-execution/"
"""In the ARN of a durable execution; a state machine's execution is another thing of the same name."""
RUNTIME_ERROR_KEYS = frozenset({"errorMessage", "errorType", "stackTrace", "cause", "causes", "requestId", "trace"})
PYTHON_ERROR_KEYS = RUNTIME_ERROR_KEYS | {"timestamp", "level", "log_level", "location", "tenantId"}
"""Python's runtime called the level `log_level` until 2026 and `level` since; a logger's line has a message too."""
RUBY_UNCAUGHT = (
    "Error raised from handler method", "Critical exception from handler", "Init error when loading handler",
)  # fmt: skip
"""Sentences of Ruby's runtime; nobody else puts an errorType beside them."""
MAX_ID_CHARS = 100


def _request_id(document: Json) -> str | None:
    for key in REQUEST_ID_KEYS:
        value = document.get(key)
        if value is not None and is_request_id(value):
            return str(value)
    if "span" in document or "spans" in document:
        return _request_id_of_span(document)
    for name in CONTEXTS:
        context = document.get(name)
        if isinstance(context, dict):
            return next((str(context[key]) for key in REQUEST_ID_KEYS if is_request_id(context.get(key))), None)
    return None


def _request_id_of_span(document: Json) -> str | None:
    """Rust's tracing writes the innermost span, or all of them, outermost first."""
    spans = document.get("spans")
    for span in (document.get("span"), *(spans if isinstance(spans, list) else ())):
        if isinstance(span, dict) and is_request_id(span.get("requestId")):
            return str(span["requestId"])
    return None


def _level(document: Json) -> str | None:
    for key in LEVEL_KEYS:
        if key in document:
            level = document[key]
            return level_of(level.get("name") if isinstance(level, dict) else level)
    if isinstance(document.get("log"), dict):
        return level_of(document["log"].get("level"))
    if isinstance(document.get("_meta"), dict):
        return level_of(document["_meta"].get("logLevelName"))
    return "INFO" if "@t" in document and ("@m" in document or "@mt" in document) else None


def _message(document: Json) -> object:
    for key in MESSAGE_KEYS:
        if key in document:
            return document[key]
    if "severityText" in document or "severity_text" in document:
        return document.get("body", "")
    if "_meta" in document:
        return document.get("0", "")
    fields = document.get("fields")
    return fields.get("message", "") if isinstance(fields, dict) else ""


def _message_ids(document: Json) -> tuple[str, ...]:
    if not any(key in document for key in MESSAGE_ID_KEYS):
        return ()
    ids = [document.get(key) for key in MESSAGE_ID_KEYS]
    return tuple(value for value in ids if isinstance(value, str) and 0 < len(value) <= MAX_ID_CHARS)


def _cold(document: Json) -> bool | None:
    for key in COLD_KEYS:
        value = document.get(key)
        if isinstance(value, bool):
            return value
    return None


def read(document: dict[str, Any], text: str, *, nested: bool = False) -> Line:
    """One JSON object that is a whole log message: a platform event, embedded metrics, or a logger's line."""
    if "_aws" in document:
        return embedded_metrics.read(document, text)
    if not nested and ("record" in document or "CloudWatchMetrics" in document):
        line = _record(document, text)
        if line is not None:
            return line
    level = _level(document)
    if "errorMessage" in document and "errorType" in document and document.keys() <= RUNTIME_ERROR_KEYS:
        return _uncaught(document, level)
    message = _message(document)
    if isinstance(message, dict):
        return _said(document, message, level)
    words = message if isinstance(message, str) else shown(message)
    inner = object_in(words) if not nested and words.startswith("{") else None
    if inner is not None:
        return _unwrapped(document, read(inner, words, nested=True), level, words)
    return _failure(document, words, level) if is_error(level) else _said(document, {}, level, words)


def _record(document: Json, text: str) -> Line | None:
    """What has the shape of a platform event, or of metrics put where CloudWatch does not look for them."""
    kind, record = document.get("type"), document.get("record")
    if isinstance(kind, str) and kind.startswith("platform.") and "record" in document:
        return platform_json.read(document, text)
    wraps = kind in ("function", "extension") and "time" in document
    if wraps and isinstance(record, dict) and "record" not in record:
        return read(record, text, nested=True) if kind == "function" else Ignored("an extension's log line")
    if "text" in document and isinstance(record, dict) and isinstance(record.get("level"), dict):
        return read(record, text, nested=True)  # loguru's serialized record
    if isinstance(document.get("CloudWatchMetrics"), list):
        return unrecognised("embedded metrics without an _aws member: CloudWatch does not read them", text)
    return None


def _unwrapped(document: Json, inner: Line, level: str | None, words: str) -> Line:
    """JSON printed through a runtime that logs JSON: the inner line knows best, the outer knows the request.

    Neither the platform nor CloudWatch's metrics extraction goes through a logger: such a line inside one is a print.
    Go's runtime does, when the function made slog the default logger."""
    if isinstance(inner, Uncaught) and "msg" in document and "time" in document:
        return inner._replace(request_id=inner.request_id or _request_id(document))
    if not isinstance(inner, Said):
        return _said(document, {}, level, words)
    request_id = inner.request_id or _request_id(document)
    return inner._replace(level=inner.level or level, request_id=request_id)


def _failure(document: Json, words: str, level: str | None) -> Line:
    if "errorMessage" in document and "message" not in document and document.keys() <= PYTHON_ERROR_KEYS:
        return _uncaught(document, level)
    if "errorType" in document and "message" in document and (words == "" or words.startswith(RUBY_UNCAUGHT)):
        return _uncaught(document, level)
    from_java = uncaught_in(words)
    if from_java is not None:
        return from_java._replace(request_id=_request_id(document), level=level)
    return _said(document, {}, level, words)


def _uncaught(document: Json, level: str | None) -> Uncaught:
    facts = error_of(document)
    return Uncaught(facts.error_type, facts.message or "", facts.stack, _request_id(document), level)


def _said(document: Json, inner: Json, level: str | None, words: str = "") -> Said:
    """A logger's line. `inner` is its message when that is an object: an error, or whatever was logged."""
    facts = ErrorFacts() if level in ("INFO", "DEBUG", "TRACE") else errors_in(document)
    if inner and "errorType" in inner:
        facts = error_of(inner)
    return Said(
        words or facts.message or first_text(inner, MESSAGE_KEYS) or "",
        level,
        _request_id(document),
        facts.error_type,
        facts.message or (words if facts.error_type else None),
        facts.stack,
        _cold(document),
        trace_of(first_text(document, TRACE_KEYS)),
        first_text(document, TENANT_KEYS),
        first_text(document, VERSION_KEYS),
        _message_ids(document) + (_message_ids(inner) if inner else ()),
        _execution(document),
    )


def _execution(document: Json) -> str | None:
    arn = first_text(document, EXECUTION_KEYS)
    return arn if arn is not None and DURABLE in arn else None
