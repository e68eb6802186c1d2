"""Log levels: what loggers call them, and the six names they are counted under."""

from __future__ import annotations

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_SPELLINGS = {
    "TRACE": ("trace", "trce", "verbose", "vrb", "silly", "finest", "t"),
    "DEBUG": ("debug", "dbug", "dbg", "fine", "finer", "d"),
    "INFO": ("info", "inf", "information", "informational", "notice", "http", "log", "config", "i"),
    "WARN": ("warn", "warning", "wrn", "w"),
    "ERROR": ("error", "err", "fail", "severe", "e"),
    "FATAL": ("fatal", "critical", "crit", "ftl", "emergency", "emerg", "alert", "panic", "dpanic", "f"),
}
_BY_SPELLING = {spelling: level for level, spellings in _SPELLINGS.items() for spelling in spellings}
_BY_SPELLING |= {
    variant: level
    for spelling, level in list(_BY_SPELLING.items())
    for variant in (spelling.upper(), spelling.capitalize())
}

_NUMBERS = (
    (500, "FATAL"), (400, "ERROR"), (300, "WARN"), (200, "INFO"), (100, "DEBUG"),
    (60, "FATAL"), (50, "ERROR"), (40, "WARN"), (30, "INFO"), (20, "DEBUG"),
)  # fmt: skip
"""pino and bunyan number levels 10 to 60, monolog 100 to 600; anything lower is trace."""


def level_of(value: object) -> str | None:
    """The counted level a logger's own word or number stands for, or None when it is no level.

    Go's slog writes `ERROR+4` for levels between the named ones: the named one counts."""
    if isinstance(value, str):
        known = _BY_SPELLING.get(value)
        if known is not None:
            return known
        return _BY_SPELLING.get(value[:20].strip().lower().partition("+")[0].partition("-")[0])
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return next((level for least, level in _NUMBERS if value >= least), "TRACE")
    return None


def quiet_levels() -> dict[object, str]:
    """Every usual way of writing a level that is no error, with the level it counts as."""
    values = (*_BY_SPELLING, *(number for number, _ in _NUMBERS if number < 100), 10)
    counted = {value: level_of(value) for value in values}
    return {value: level for value, level in counted.items() if level is not None and not is_error(level)}


def is_error(level: str | None) -> bool:
    """Whether a line of this level speaks of a failure."""
    return level in ("ERROR", "FATAL")
