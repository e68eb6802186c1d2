"""What is different between two looks at a function, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from store.configured import Alias, Configuration, EventSource
from store.records import Change, Deploy, FunctionInfo

ALWAYS = {
    "runtime": "runtime", "architecture": "architecture", "memory_mb": "memory", "timeout_s": "timeout",
    "storage_mb": "ephemeral storage", "tracing": "tracing", "log_format": "log format", "log_group": "log group",
    "snap_start": "SnapStart",
}
"""What every function has: when it becomes known for the first time, nothing has changed."""
OPTIONAL = {
    "dead_letter_arn": "dead-letter target", "vpc_id": "VPC", "application_log_level": "application log level",
    "system_log_level": "system log level",
}
DETAILS = {
    "reserved_concurrency": "reserved concurrency", "on_failure_arn": "on-failure destination",
    "on_success_arn": "on-success destination",
}
"""Known only once they were asked for."""
UNITS = {"memory_mb": " MB", "timeout_s": " s", "storage_mb": " MB"}
UNSEEN = "a setting that is not read here, such as an environment variable"


def deploy_between(before: FunctionInfo | None, after: FunctionInfo, parts_before: Configuration | None = None,
                   parts_after: Configuration | None = None) -> Deploy | None:
    """The deploy or change of configuration that lies between two looks at a function; None when there is none, or
    when it was known by its logs alone."""
    if before is None or before.code_sha256 is None:
        return None
    code = (before.code_sha256, before.version) != (after.code_sha256, after.version)
    changes = [*_of_function(before, after)]
    if parts_before and parts_after and before.details_at:
        changes += _of_parts(parts_before, parts_after)
    touched = before.last_modified != after.last_modified and after.last_modified is not None
    if touched and not code and not changes and before.details_at:
        changes = [Change(UNSEEN)]
    if not code and not changes:
        return None
    at = min(after.last_modified, after.seen_at) if touched and after.last_modified else after.seen_at
    return Deploy(after.place, after.name, at, after.version or "$LATEST", after.code_sha256, tuple(changes), code)


def _of_function(before: FunctionInfo, after: FunctionInfo) -> Iterator[Change]:
    for name, what in ALWAYS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old is not None and old != new:
            yield _change(name, what, old, new)
    known = before.details_at > 0  # an item of an earlier day does not know these yet
    for name, what in (OPTIONAL | DETAILS).items() if known else ():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _change(name, what, old, new)
    if known and before.layers != after.layers:
        yield Change("layers", _listed(_short(arn) for arn in before.layers),
                     _listed(_short(arn) for arn in after.layers))


def _of_parts(before: Configuration, after: Configuration) -> Iterator[Change]:
    yield from _each("alias", _aliases(before.aliases), _aliases(after.aliases))
    yield from _each("provisioned concurrency of", {one.qualifier: str(one.asked) for one in before.provisioned},
                     {one.qualifier: str(one.asked) for one in after.provisioned})
    yield from _each("event source", _sources(before.sources), _sources(after.sources))


def _each(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield Change(f"{kind} {name}", old, new)


def _aliases(aliases: Iterable[Alias]) -> dict[str, str]:
    return {one.name: _listed([f"version {one.version}", *(f"{share:.0%} version {version}"
                                                           for version, share in sorted(one.shifted.items()))])
            for one in aliases}


def _sources(sources: Iterable[EventSource]) -> dict[str, str]:
    """What was decided about each; states on the way from one to another are none."""
    return {_short(one.source_arn): _listed([
        "off" if one.off else "on", f"batches of {one.batch_size}", f"window {one.window_s or 0} s",
        *(["failed items reported"] if one.reports_items else []),
        *([f"at most {one.max_concurrency} at once"] if one.max_concurrency else []),
        *([f"gives up to {_short(one.on_failure_arn)}"] if one.on_failure_arn else []),
    ]) for one in sources}


def _change(name: str, what: str, old: object, new: object) -> Change:
    return Change(what, _worded(name, old), _worded(name, new))


def _worded(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}{UNITS.get(name, '')}"
    return _short(str(value))


def _short(arn: str) -> str:
    """`name` or `name:version` instead of a whole ARN."""
    if not arn.startswith("arn:"):
        return arn
    resource = arn.split(":", 5)[5]
    for kind in ("function:", "layer:", "table/", "stream/"):
        resource = resource.removeprefix(kind)
    return resource


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
