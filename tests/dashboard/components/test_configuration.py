from __future__ import annotations

from datetime import UTC

from streamlit.testing.v1 import AppTest

from dashboard.components.configuration import changes_frame, size, sources_frame
from store.configured import Alias, AsyncHandling, Configuration, EventSource, Provisioned, PublishedVersion
from store.records import Change, Deploy, FunctionInfo
from tests.builders import NOW, PLACE
from tests.dashboard.conftest import read

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:orders"
INFO = FunctionInfo(PLACE, "fulfil", "/aws/lambda/fulfil", runtime="python3.13", memory_mb=512, timeout_s=30,
                    architecture="arm64", storage_mb=2_048, package_bytes=3_500_000, snap_start="PublishedVersions",
                    layers=("arn:aws:lambda:r:1:layer:kit:7",), vpc_id="vpc-1", log_format="JSON",
                    application_log_level="INFO", system_log_level="WARN", tracing="Active", reserved_concurrency=20,
                    on_failure_arn=QUEUE, last_modified=NOW - 60_000, code_sha256="a")
PARTS = Configuration(PLACE, "fulfil", (EventSource("m", QUEUE, "Disabled", 10, 5, True, None, 4),),
                      (Alias("live", "7", {"8": 0.1}),), (PublishedVersion("8", "s", NOW - 3_600_000),),
                      (Provisioned("live", 5, "IN_PROGRESS"),), (AsyncHandling("$LATEST", QUEUE, None, 1),))


def drawn(*given):
    def script(info, parts, changes, now):
        from datetime import UTC

        from dashboard.components.configuration import configuration
        configuration(info, parts, changes, [], now, UTC)

    app = AppTest.from_function(script, args=(*given, NOW)).run()
    assert not app.exception
    return app


def test_everything_known_of_a_function_is_told():
    words = read(drawn(INFO, PARTS, []))
    for told in (":gray[ephemeral storage] 2,048 MB", ":gray[package] 3.3 MB", ":gray[layers] kit:7",
                 ":gray[SnapStart] on for published versions", ":gray[VPC] vpc-1", ":gray[concurrency] 20 reserved",
                 ":gray[provisioned] 5 for live (in progress)", ":gray[on failure] orders",
                 ":gray[retries of async events] 1 for $LATEST", ":gray[levels] application INFO · system WARN",
                 ":gray[aliases] live → 7 (10% 8)", ":gray[newest version] 8, 1 h ago", "● switched off"):
        assert told in words, told


def test_what_there_is_nothing_of_is_left_out_but_for_lost_events():
    app = drawn(FunctionInfo(PLACE, "fulfil", "g", code_sha256="a"), Configuration(PLACE, "fulfil"), [])
    words = read(app)
    assert "failed async events are kept nowhere" in words
    assert "none reserved" in words
    assert "VPC" not in words
    assert len(app.dataframe) == 0


def test_event_sources_are_rows():
    stream = EventSource("n", "arn:aws:kinesis:r:1:stream/clicks", None, on_failure_arn=QUEUE)
    rows = sources_frame([*PARTS.sources, stream, EventSource("k", "topic", "Updating")])
    assert list(rows["kind"]) == ["sqs", "kinesis", "kafka"]
    assert list(rows["items"]) == ["reported", "whole batch", "whole batch"]
    assert list(rows["gives_up"])[1:] == ["orders", "–"]
    assert rows["state"].iloc[2] == "▲ being changed"


def test_changes_are_rows_the_newest_first_with_before_and_after():
    memory = (Change("memory", "512 MB", "1,024 MB"),)
    rows = changes_frame([Deploy(PLACE, "fulfil", NOW - 9_000, "7", "abcdef0123456789"),
                          Deploy(PLACE, "fulfil", NOW, "7", "s", memory, False)], UTC)
    assert rows[["what", "before", "after"]].values.tolist() == [
        ["memory", "512 MB", "1,024 MB"], ["code", "", "7 abcdef012345"]]


def test_a_package_is_sized_as_people_say_it():
    assert [size(number) for number in (None, 0, 2_048, 5 * 1_048_576)] == [None, "0.0 KB", "2.0 KB", "5.0 MB"]
