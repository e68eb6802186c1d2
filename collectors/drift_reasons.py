"""Why logs and CloudWatch's metrics say different things of an hour, when reading again does not help."""

from __future__ import annotations

from store.drift import Drift
from store.readings import SourceReading
from store.records import FunctionInfo

READ_AGAIN = "Read three times, still missing. "
SUCCESSES_SILENT = "WARN"
"""Lambda's system log level from which on a success leaves no platform line (JSON format only)."""


def missing(info: FunctionInfo, found: Drift, reading: SourceReading | None, refused: str = "") -> str:
    """The likeliest reason why the logs hold less. `reading` is how the function's log group is read; None when there
    is no such group among those that are. `refused` is why it could not be read again."""
    if found.missing <= 0:
        return _of_equals(found)
    if reading is None:
        return (f"There is no log group {info.log_group} among those that are read: the function's logs are switched "
                "off, or it is not under LAMPLIGHT_LOG_GROUP_PREFIXES.")
    if refused or reading.problem:
        return f"Its log group cannot be read: {refused or reading.problem}"
    if info.log_format == "JSON" and info.system_log_level == SUCCESSES_SILENT:
        return ("Its system log level is WARN, so a success leaves no line; failures are counted. Set the level to "
                "INFO to have all counted.")
    if found.counted == 0:
        return (READ_AGAIN + "Nothing of this hour is in its log group: its logs are switched off. See whether its "
                "role may write them (logs:CreateLogStream, logs:PutLogEvents), and whether it logs to another group.")
    if info.log_format == "JSON":
        return (READ_AGAIN + "With JSON logs and system log level WARN a success leaves no line; set the function's "
                "system log level to INFO to have it counted.")
    return (READ_AGAIN + "The lines are not in the log group: it was deleted, its retention is over, the role may not "
            "write to it, or it logs to another group.")


def more(found: Drift) -> str:
    """Why the logs may hold more."""
    if found.missing == 0:
        return _of_equals(found)
    return ("CloudWatch counted fewer: its metrics came late or were not collected all hour, or another function "
            "writes to the same log group.")


def _of_equals(found: Drift) -> str:
    """As many invocations, but not the same ones, or not the same of them."""
    if found.errors is not None and found.errors != found.failures:
        return (f"As many invocations, but CloudWatch counted {found.errors:,} errors and the logs tell of "
                f"{found.failures:,} failures: lines that say how an invocation ended are missing, or a print looked "
                "like one.")
    return (f"As many invocations, but they took {found.mean_ms or 0:,.1f} ms on average by CloudWatch and "
            f"{found.counted_mean_ms or 0:,.1f} ms by the logs: some REPORT lines are not the ones of this hour.")
