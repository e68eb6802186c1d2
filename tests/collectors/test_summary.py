"""The table of `parse --summary`: worst first, aligned, with units, and nothing hostile in it."""

import io

import pytest

from collectors.parse import Reading
from collectors.sources import Source
from collectors.summary import MAX_COUNTED, Summary
from tests.collectors.stories import A, B, end, report, start

FAILED = start(B) + "[ERROR] KeyError: 'k'\n" + end(B) + report(B, 4_321, "Init Duration: 210.00 ms\t", used=120)


def table_of(*files: tuple[str, str]) -> list[str]:
    summary = Summary()
    items = [item for name, raw in files for item in Source(io.BufferedReader(io.BytesIO(raw.encode())), name)]
    for _ in Reading(summary).records(items):
        pass
    return summary.table().split("\n")


def test_functions_stand_worst_first_with_their_numbers_and_units():
    lines = table_of(("calm", (start() + end() + report()) * 30), ("broken", FAILED + start(A)))
    header, broken, calm, everything = lines[2:6]
    assert " ".join(header.split()) == "function invocations ok error open cold p50 p95 p99 init p50 max memory"
    assert broken.split() == ["broken", "2", "0", "1", "1", "1", "–", "–", "–", "209", "ms", "120", "of", "128", "MB"]
    assert calm.split() == ["calm", "30", "30", "0", "0", "0", *["12.2", "ms"] * 3, "–", "67", "of", "128", "MB"]
    assert everything.split()[:6] == ["all", "32", "30", "1", "1", "1"]
    assert {len(line) for line in (header, broken, calm, everything)} == {len(header)}, "the columns are aligned"


def test_errors_inits_metrics_and_what_was_not_read_have_their_sections():
    metric = '{"_aws":{"Timestamp":5,"CloudWatchMetrics":[{"Namespace":"n","Metrics":[{"Name":"m"}]}]},"m":[1,2.5]}\n'
    init = "INIT_REPORT Init Duration: 5.36 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint\n"
    text = table_of(("f", init + FAILED + metric + f"REPORT RequestId: {A}\tDuration: x ms\nEXTENSION\tName: e\n"))
    rows = {tuple(line.split()) for line in text}
    assert ("f", "KeyError", "1") in rows
    assert ("f", "Runtime.InvalidEntrypoint", "1") in rows
    assert ("n", "m", "2", "1", "1.750", "2.500", "3.500") in rows
    assert ("extension", "1") in rows
    (sample,) = [line for line in text if "e.g." in line]
    assert sample == f"    e.g. REPORT RequestId: {A} Duration: x ms"


def test_no_invocation_is_said():
    assert table_of(("f", "hello\n")) == ["1 event from no input", "", "No invocation was found."]


def test_hostile_names_are_one_line_of_plain_text():
    error = f"[ERROR] {'E' * 150}Error: x\n"
    text = table_of(("\x1b[31mred\n", start() + error + end() + report()))
    assert all(line.isprintable() for line in text)
    assert any(line.startswith("?[31mred ") for line in text)
    assert max(map(len, text)) < 200


def test_any_number_of_names_is_counted_in_bounded_memory():
    summary = Summary()
    for number in range(3 * MAX_COUNTED):
        summary.add({"kind": "unrecognised", "reason": f"r{number}", "sample": "s"})
        summary.add({"kind": "metric", "namespace": f"n{number}", "name": "m", "unit": "None", "values": [1]})
    assert summary.unrecognised == 3 * MAX_COUNTED
    assert any(line.split() == ["others", "2,000"] for line in summary.table().split("\n"))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_the_table_fits_a_terminal_and_loses_no_number(width):
    names = ("orders-fulfilment-production-worker", "orders-fulfilment-production-reader", "pay")
    summary, whole = Summary(), Summary()
    for name in names:
        for one in (summary, whole):
            for record in Reading(one).records(Source(io.BufferedReader(io.BytesIO((FAILED * 3).encode())), name)):
                assert record["kind"] == "invocation"
    lines = summary.table(width).split("\n")
    assert max(map(len, lines)) <= max(width, 60)  # the line of times is not cut
    numbers = [cell for cell in " ".join(whole.table().split("\n")[2:]).split() if cell[0].isdigit()]
    assert {*numbers} <= {*" ".join(lines).split()}
    assert {"orders-ful…on-worker", "orders-ful…on-reader"} <= {*" ".join(lines).split()} or width > 40
