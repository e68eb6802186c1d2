"""Every known line among other lines of a running invocation: it says what it says there too, and nothing more."""

import pytest

from collectors.lines import Ignored, InitReported, InitStarted, Line, Metrics, Said, Uncaught, Unrecognised
from collectors.recognise import recognise
from store.records import Status
from tests.collectors.stories import B, end, fold, report, start, told
from tests.collectors.test_other_runtimes import SHAPES as OTHERS
from tests.collectors.test_pasted_lines import PASTED
from tests.collectors.test_platform_text import SHAPES as PLATFORM
from tests.collectors.test_runtimes import SHAPES as RUNTIMES

RUNNING = "00000000-1111-4222-8333-444444444444"
INIT_AGAIN = "invoke"
LINES = [pytest.param(text, line, id=f"{family}: {name}") for family, table in (
    ("platform", PLATFORM), ("runtime", RUNTIMES), ("other runtime", OTHERS), ("pasted", PASTED),
) for name, text, line in table]  # fmt: skip


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=["bare", "LF", "CRLF"])
@pytest.mark.parametrize(("text", "line"), LINES)
def test_a_line_in_the_middle_of_an_invocation_means_what_it_says(text, line, ending):
    whole = [start(B), "one", end(B), report(B)]
    lines = [*whole, start(RUNNING), "a print", text + ending, "another", end(RUNNING), report(RUNNING), *whole]
    assembler = fold(told(lines))
    assembler.finish()
    invocations = assembler.closed()
    assert [one.request_id for one in invocations] == [B, RUNNING, B]
    first, around, last = invocations
    assert (first.status, last.status, first.levels, last.levels) == (Status.OK, Status.OK, {}, {})
    assert around.status is (Status.OK if not isinstance(line, Uncaught) else
                             Status.OOM if line.error_type == "MemoryError" else Status.ERROR)  # fmt: skip
    assert around.levels == _levels(line)
    assert (assembler.open(), assembler.metrics()) == ([], [])
    failed_again = isinstance(line, InitReported) and line.phase == INIT_AGAIN and line.status == "error"
    assert len(assembler.inits()) == failed_again


def _levels(line: Line) -> dict[str, int]:
    if isinstance(line, Said | Uncaught) and line.level is not None:
        return {line.level: 1}
    return {}


@pytest.mark.parametrize(("text", "line"), LINES)
def test_a_line_before_any_invocation_makes_at_most_what_it_says(text, line):
    assembler = fold(told([text, start(B), end(B), report(B)]))
    assembler.finish()
    ids = {one.request_id for one in (*assembler.closed(), *assembler.open())}
    told_of = getattr(line, "request_id", None)
    assert ids - {B} == ({told_of} if told_of is not None else set())
    assert B in ids
    assert isinstance(recognise(text), Unrecognised | Metrics) is isinstance(line, Unrecognised | Metrics)
    assert (assembler.ignored == {}) is not isinstance(line, Ignored)
    if isinstance(line, InitStarted):
        assert ids == {B}
