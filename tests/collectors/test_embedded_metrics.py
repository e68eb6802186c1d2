"""The embedded metric format with its limits."""

import json

import pytest

from collectors.events import LogEvent
from collectors.lines import Metric, Metrics, Unrecognised
from collectors.recognise import recognise
from tests.collectors.stories import fold

AT = 1795461089994
THIRTY = [f"d{n}" for n in range(30)]


def blob(*directives: object, **members: object) -> str:
    return json.dumps({"_aws": {"Timestamp": AT, "CloudWatchMetrics": list(directives)}, **members})


def directive(*names: str, dimensions: object = (("service",),), **extra: object) -> dict[str, object]:
    metrics = [{"Name": name, "Unit": "Count"} for name in names]
    return {"Namespace": "ns", "Dimensions": dimensions, "Metrics": metrics, **extra}


def test_powertools_writes_arrays_and_units():
    text = blob(
        {"Namespace": "ns", "Dimensions": [["service"]], "Metrics": [
            {"Name": "ok", "Unit": "Count"}, {"Name": "lat", "Unit": "Milliseconds", "StorageResolution": 1}]},
        service="payment", k="v", ok=[1.0, 2.0], lat=[5.0],
    )  # fmt: skip
    service = (("service", "payment"),)
    assert recognise(text) == Metrics(
        (
            Metric("ns", "ok", "Count", (1.0, 2.0), service, AT),
            Metric("ns", "lat", "Milliseconds", (5.0,), service, AT, 1),
        )
    )


def test_each_dimension_set_of_each_directive_is_a_point():
    text = blob(
        directive("a", dimensions=[["service"], ["service", "k"], []]),
        directive("b"),
        service="s",
        k="v",
        a=1,
        b=[2, 3],
    )
    line = recognise(text)
    assert isinstance(line, Metrics)
    assert [(point.name, point.values, dict(point.dimensions)) for point in line.points] == [
        ("a", (1,), {"service": "s"}),
        ("a", (1,), {"service": "s", "k": "v"}),
        ("a", (1,), {}),
        ("b", (2, 3), {"service": "s"}),
    ]


def test_a_request_id_at_the_root_is_kept():
    request_id = "989ffbf8-9ace-4817-a57c-e4dd734019ee"
    line = recognise(blob(directive("a"), service="s", a=1, function_request_id=request_id))
    assert isinstance(line, Metrics)
    assert line.request_id == request_id


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (blob(directive("a"), service="s"), "without a number"),
        (blob(directive("a"), service="s", a="1"), "without a number"),
        (blob(directive("a"), service="s", a=[1] * 101), "101 values"),
        (blob(directive("a"), service="s", a=[]), "0 values"),
        (blob(directive("a"), service="s", a=1e300), "CloudWatch drops"),
        (blob(directive("a"), a=1), "dimension 'service'"),
        (blob(directive("a"), service=1, a=1), "dimension 'service'"),
        (blob(directive("a", dimensions=[[str(n) for n in range(31)]]), a=1), "at most 30"),
        (blob(directive("a", dimensions="service"), a=1), "not a list of dimension sets"),
        (blob(directive("a", Namespace=""), service="s", a=1), "a namespace"),
        (blob(directive(*[f"m{n}" for n in range(101)]), service="s"), "101 metrics"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a", "Unit": "Parsecs"}]}, a=1), "unknown unit"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a", "StorageResolution": 5}]}, a=1), "resolution"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a", "StorageResolution": True}]}, a=1), "resolution"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a", "Unit": ["Count"]}]}, a=1), "unknown unit"),
        (blob({"Namespace": "n" * 1_025, "Metrics": [{"Name": "a"}]}, a=1), "a namespace"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a" * 1_025}]}), "a metric name"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a"}]}, a=True), "without a number"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a"}]}, a=[1, None]), "without a number"),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "A.a"}]}, A={"a": 1}), "without a number"),
        (blob(directive("a", dimensions=[["k" * 251]]), a=1), "1 to 250"),
        (blob(directive("a"), service="s" * 1_025, a=1), "1 to 1024"),
        (blob({"Namespace": "ns"}), "list of Metrics"),
        (blob("ns"), "not an object"),
    ],
)
def test_what_breaks_a_limit_is_refused_with_a_reason(text, reason):
    line = recognise(text)
    assert isinstance(line, Metrics)
    assert line.points == ()
    assert any(reason in sentence for sentence in line.refused)


def test_a_bad_reference_spoils_only_its_own_metric():
    line = recognise(blob(directive("a", "b"), service="s", b=2))
    assert isinstance(line, Metrics)
    assert [point.name for point in line.points] == ["b"]
    assert len(line.refused) == 1


@pytest.mark.parametrize(
    "document",
    [{"_aws": 1}, {"_aws": {"CloudWatchMetrics": []}}, {"_aws": {"Timestamp": "x", "CloudWatchMetrics": []}}],
)
def test_an_object_that_is_no_metric_at_all_is_unrecognised(document):
    assert isinstance(recognise(json.dumps(document)), Unrecognised)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (blob({"Namespace": "ns", "Metrics": []}), 0),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a"}]}, a=1), 1),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a", "Unit": None}]}, a=1), 1),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a.b"}]}, **{"a.b": 1}), 1),
        (blob(directive(*[f"m{n}" for n in range(100)], dimensions=[]), **{f"m{n}": n for n in range(100)}), 100),
        (blob(directive("a", dimensions=[THIRTY]), **dict.fromkeys(THIRTY, "x"), a=[1] * 100), 1),
        (blob({"Namespace": "ns", "Metrics": [{"Name": "a"}]}, a=-(2.0**360)), 1),
        (blob(directive("a", dimensions=[["service"], ["absent"], ["service", "k"]]), service="s", k="v", a=1), 2),
    ],
)  # fmt: skip
def test_what_keeps_within_the_limits_counts(text, count):
    line = recognise(text)
    assert isinstance(line, Metrics)
    assert len(line.points) == count


@pytest.mark.parametrize(("hours", "accepted"), [(0, True), (2, True), (2.01, False), (-14 * 24, True), (-337, False)])
def test_a_timestamp_must_be_near_the_time_of_its_event(hours, accepted):
    text = blob(directive("a"), service="s", a=1)
    assembler = fold([LogEvent("1", AT - round(hours * 3_600_000), text, "g", "s")])
    assert bool(assembler.metrics()) is accepted
    assert [unread.reason for unread in assembler.unrecognised()] == (
        [] if accepted else ["embedded metrics: a Timestamp more than 14 days before or 2 hours after its log event"]
    )


def test_an_event_without_a_time_keeps_its_metrics():
    assert len(fold([LogEvent("", 0, blob(directive("a"), service="s", a=1), "g", "-")]).metrics()) == 1


def test_a_whole_number_with_a_point_is_a_timestamp():
    text = blob(directive("a"), service="s", a=1).replace(f"{AT}", f"{AT}.0")
    line = recognise(text)
    assert isinstance(line, Metrics)
    assert line.points[0].timestamp == AT
