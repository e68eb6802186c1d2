"""Every setting, read once per entry point, failing early and by name.

AWS's own variables (AWS_REGION, AWS_ENDPOINT_URL, credentials) are read by the SDK as anywhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from store.errors import SettingsError
from store.members import Member, members

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
ROLES = ("viewer", "operator", "admin")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: what it is for and what stands when it is not set."""

    name: str
    meaning: str
    default: str | None = None


VARIABLES = (
    Variable("LAMPLIGHT_TABLE", "name of the DynamoDB table; required"),
    Variable("LAMPLIGHT_LOG_GROUP_PREFIXES", "log groups to read, as prefixes, comma-separated", "/aws/lambda/"),
    Variable("LAMPLIGHT_NAMESPACES", "custom metric namespaces to collect, comma-separated", ""),
    Variable("LAMPLIGHT_PLACES", "other accounts and regions to collect, comma-separated; see store/members.py", ""),
    Variable("LAMPLIGHT_EXTERNAL_ID", "external id those accounts' roles ask for", ""),
    Variable("LAMPLIGHT_IDEMPOTENCY_TABLES", "idempotency tables operators may look into, comma-separated", ""),
    Variable("LAMPLIGHT_IDEMPOTENCY_KEYS",
             "how functions make their idempotency keys, a JSON list; see operations/protection.py", ""),
    Variable("LAMPLIGHT_WRITES", "whether the dashboard may ask for actions (on, off)", "off"),
    Variable("LAMPLIGHT_ROLE", "role of people the dashboard does not know otherwise (viewer, operator, admin)",
             "viewer"),
    Variable("LAMPLIGHT_ACTOR", "name to write into the audit when no login is configured", "anonymous"),
    Variable("LAMPLIGHT_REFRESH_SECONDS", "how often pages refresh, seconds, 2 to 300", "10"),
    Variable("LAMPLIGHT_PRESUME_MINUTES",
             "minutes without a return after which a redriven message is presumed processed, 1 to 1440", "30"),
    Variable("LAMPLIGHT_WATCHED_QUEUES",
             "ARNs of dead-letter queues whose messages may be received where they are, comma-separated", ""),
    Variable("LAMPLIGHT_ALERT_TOPIC", "ARN of the SNS topic that alerts are told through", ""),
    Variable("LAMPLIGHT_DASHBOARD_URL", "where the dashboard is, for links in alerts", ""),
    Variable("LAMPLIGHT_LOOK_MINUTES", "minutes between looks into those queues, 0 for only when asked, to 1440", "60"),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process, checked."""

    table: str
    log_group_prefixes: tuple[str, ...] = ("/aws/lambda/",)
    namespaces: tuple[str, ...] = ()
    idempotency_tables: tuple[str, ...] = ()
    writes: bool = False
    role: str = "viewer"
    actor: str = "anonymous"
    refresh_seconds: int = 10
    presume_minutes: int = 30
    watched_queues: tuple[str, ...] = ()
    look_minutes: int = 60
    idempotency_keys: str = ""
    members: tuple[Member, ...] = ()
    alert_topic: str = ""
    dashboard_url: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every variable. Raises SettingsError naming the first one that is wrong."""
        return cls(
            table=_table_name(environ),
            log_group_prefixes=_list(environ, "LAMPLIGHT_LOG_GROUP_PREFIXES"),
            namespaces=_list(environ, "LAMPLIGHT_NAMESPACES"),
            idempotency_tables=_list(environ, "LAMPLIGHT_IDEMPOTENCY_TABLES"),
            idempotency_keys=_text(environ, "LAMPLIGHT_IDEMPOTENCY_KEYS"),
            writes=_switch(environ, "LAMPLIGHT_WRITES"),
            role=_choice(environ, "LAMPLIGHT_ROLE", ROLES),
            actor=_text(environ, "LAMPLIGHT_ACTOR") or "anonymous",
            refresh_seconds=_whole(environ, "LAMPLIGHT_REFRESH_SECONDS", 2, 300),
            presume_minutes=_whole(environ, "LAMPLIGHT_PRESUME_MINUTES", 1, 1440),
            watched_queues=_list(environ, "LAMPLIGHT_WATCHED_QUEUES"),
            look_minutes=_whole(environ, "LAMPLIGHT_LOOK_MINUTES", 0, 1440),
            alert_topic=_topic(environ),
            dashboard_url=_address(environ),
            members=members(_list(environ, "LAMPLIGHT_PLACES"), _text(environ, "LAMPLIGHT_EXTERNAL_ID")),
        )


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, _BY_NAME[name].default or "").strip()


def _table_name(environ: Mapping[str, str]) -> str:
    name = _text(environ, "LAMPLIGHT_TABLE")
    if not name:
        raise SettingsError("LAMPLIGHT_TABLE", "is not set",
                            "Set it to the table's name: the stack's output TableName, or `lamplight` in the demo.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):  # DynamoDB naming rules
        raise SettingsError("LAMPLIGHT_TABLE", f"is not a table name: {name!r}",
                            "Use 3 to 255 letters, digits, dots, dashes or underscores.")
    return name


def _topic(environ: Mapping[str, str]) -> str:
    arn = _text(environ, "LAMPLIGHT_ALERT_TOPIC")
    if arn and not re.fullmatch(r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}([.]fifo)?", arn):
        raise SettingsError("LAMPLIGHT_ALERT_TOPIC", f"is not an SNS topic's ARN: {arn!r}")
    return arn


def _address(environ: Mapping[str, str]) -> str:
    url = _text(environ, "LAMPLIGHT_DASHBOARD_URL").rstrip("/")
    if url and not re.fullmatch(r"https?://[^\s?#]+", url):
        raise SettingsError("LAMPLIGHT_DASHBOARD_URL", f"is not an address: {url!r}",
                            "Give the address of the dashboard's first page, such as https://ops.example.com/lamplight.")
    return url


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(environ, name).split(",") if part.strip())


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = _text(environ, name).lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise SettingsError(name, f"must be on or off, not {text!r}")


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    text = _text(environ, name).lower()
    if text not in allowed:
        raise SettingsError(name, f"must be one of {', '.join(allowed)}, not {text!r}")
    return text


def _whole(environ: Mapping[str, str], name: str, low: int, high: int) -> int:
    text = _text(environ, name)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(name, f"must be a whole number from {low} to {high}, not {text!r}")
    return int(text)
