"""How a function is configured, what was changed about it, and what is worth changing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import pandas as pd
import streamlit as st

from dashboard import phrasing
from dashboard.advice import Advice, source_name
from dashboard.components.tables import plain_table
from store.clock import SECOND_MS
from store.configured import Configuration, EventSource
from store.records import Deploy, FunctionInfo

KB = 1_024
Facts = Sequence[tuple[str, str | None]]
STATES = {"Enabled": "○ reads", "Disabled": "● switched off", "Disabling": "▲ being switched off",
          "Enabling": "▲ being switched on", "Creating": "▲ being made", "Updating": "▲ being changed",
          "Deleting": "▲ being deleted"}


def configuration(info: FunctionInfo, parts: Configuration, changes: Sequence[Deploy], advice: Sequence[Advice],
                  now: int, zone: tzinfo) -> None:
    """Draw everything known of it; what is not there is not mentioned."""
    st.subheader("Configuration")
    if advice:
        st.markdown("  \n".join(f":orange[:material/tips_and_updates:] {phrasing.plain_markdown(one.words, 300)}"
                                for one in advice))
    with st.grid(3, min_column_width=260, gap="medium"):
        for title, facts in (("Runs on", _runs_on(info)), ("Concurrency and failures", _failures(info, parts)),
                             ("Logs, traces, versions", _observed(info, parts, now))):
            with st.container():
                _facts(title, facts)
    _sources(parts.sources)
    _changes(changes, zone)


def _facts(title: str, facts: Facts) -> None:
    st.markdown(f"**{title}**")
    st.markdown("  \n".join(f":gray[{label}] {phrasing.plain_markdown(value, 200)}" for label, value in facts if value))


def _runs_on(info: FunctionInfo) -> Facts:
    return (
        ("runtime", info.runtime), ("architecture", info.architecture),
        ("memory", phrasing.megabytes(info.memory_mb) if info.memory_mb else None),
        ("timeout", phrasing.duration(info.timeout_s * SECOND_MS) if info.timeout_s else None),
        ("ephemeral storage", phrasing.megabytes(info.storage_mb) if info.storage_mb else None),
        ("package", size(info.package_bytes)),
        ("layers", ", ".join(layer(arn) for arn in info.layers) or "none"),
        ("SnapStart", "on for published versions" if info.snap_start == "PublishedVersions" else None),
        ("VPC", info.vpc_id),
    )


def _failures(info: FunctionInfo, parts: Configuration) -> Facts:
    reserved = "none reserved" if info.reserved_concurrency is None else f"{info.reserved_concurrency:,} reserved"
    ready = ", ".join(f"{one.asked:,} for {one.qualifier}{_unless(one.status, 'READY')}" for one in parts.provisioned)
    retries = ", ".join(f"{one.max_retries} for {one.qualifier}" for one in parts.asynchronous
                        if one.max_retries is not None)
    return (
        ("concurrency", reserved), ("provisioned", ready), ("dead-letter target", _named(info.dead_letter_arn)),
        ("on failure", _named(info.on_failure_arn)), ("on success", _named(info.on_success_arn)),
        ("retries of async events", retries),
        ("", None if info.dead_letter_arn or info.on_failure_arn else "failed async events are kept nowhere"),
    )


def _observed(info: FunctionInfo, parts: Configuration, now: int) -> Facts:
    levels = " · ".join(f"{kind} {level}" for kind, level in (
        ("application", info.application_log_level), ("system", info.system_log_level)) if level)
    aliases = ", ".join(
        f"{one.name} → {one.version}" + "".join(f" ({share:.0%} {version})" for version, share in one.shifted.items())
        for one in parts.aliases)
    newest = parts.versions[-1] if parts.versions else None
    return (
        ("logs", info.log_format), ("levels", levels), ("log group", info.log_group), ("tracing", info.tracing),
        ("aliases", aliases),
        ("newest version", f"{newest.version}, {phrasing.ago(newest.published_at, now)}" if newest else None),
        ("last change", phrasing.ago(info.last_modified, now) if info.last_modified else None),
    )


def _sources(sources: Sequence[EventSource]) -> None:
    if not sources:
        return
    st.markdown("**Event sources**")
    config = st.column_config
    plain_table(sources_frame(sources), {
        "source": config.TextColumn("source", width=220),
        "kind": config.TextColumn("kind", width=95),
        "state": config.TextColumn("state", width=130),
        "batch": config.NumberColumn("batch", format="%,d", width=65),
        "window": config.TextColumn("window", width=70, alignment="right"),
        "items": config.TextColumn("failed items", width=120, help="Whether the function names the failed messages of "
                                   "a batch (ReportBatchItemFailures)"),
        "at_once": config.NumberColumn("at most at once", format="%,d", width=105),
        "gives_up": config.TextColumn("gives up to", width=180),
    }, "Event source mappings", "function_sources")


def sources_frame(sources: Sequence[EventSource]) -> pd.DataFrame:
    return pd.DataFrame([{
        "source": phrasing.line(source_name(one.source_arn)),
        "kind": one.source_arn.split(":")[2] if one.source_arn.count(":") > 2 else "kafka",
        "state": STATES.get(one.state or "", one.state or phrasing.NONE),
        "batch": one.batch_size,
        "window": phrasing.duration(one.window_s * SECOND_MS) if one.window_s else phrasing.NONE,
        "items": "reported" if one.reports_items else "whole batch",
        "at_once": one.max_concurrency,
        "gives_up": _named(one.on_failure_arn) or phrasing.NONE,
    } for one in sources])


def _changes(changes: Sequence[Deploy], zone: tzinfo) -> None:
    if not changes:
        return
    st.markdown("**Changes**")
    config = st.column_config
    plain_table(changes_frame(changes, zone), {
        "at": config.DatetimeColumn("at", format="D MMM HH:mm", width=110),
        "what": config.TextColumn("what", width=230),
        "before": config.TextColumn("before", width=260),
        "after": config.TextColumn("after", width=260),
    }, "Deploys and changes of configuration, newest first", "function_changes")


def changes_frame(changes: Sequence[Deploy], zone: tzinfo) -> pd.DataFrame:
    """One row a change, the newest first; a deploy of code is one too."""
    rows = []
    for one in sorted(changes, key=lambda one: -one.at):
        at = phrasing.local(one.at, zone)
        if one.code:
            code = phrasing.line((one.code_sha256 or "")[:12])
            rows.append({"at": at, "what": "code", "before": "", "after": f"{one.version} {code}".strip()})
        rows += [{"at": at, "what": phrasing.line(change.what), "before": phrasing.line(change.before),
                  "after": phrasing.line(change.after)} for change in one.changes]
    return pd.DataFrame(rows)


def size(package_bytes: int | None) -> str | None:
    """A package's size as the console shows it."""
    if package_bytes is None:
        return None
    if package_bytes < KB * KB:
        return f"{package_bytes / KB:,.1f} KB"
    return f"{package_bytes / KB / KB:,.1f} MB"


def layer(arn: str) -> str:
    """`name:version`, with the account where it is somebody else's to tell."""
    return arn.partition(":layer:")[2] or arn


def _named(arn: str | None) -> str | None:
    return source_name(arn) if arn else None


def _unless(status: str | None, usual: str) -> str:
    return f" ({status.lower().replace('_', ' ')})" if status and status != usual else ""
