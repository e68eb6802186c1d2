from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.target import Report, Target


def test_a_target_is_met_on_its_own_side_of_the_bound():
    assert Target("speed", 0.4, 0.33, at_least=True).met
    assert not Target("speed", 0.3, 0.33, at_least=True).met
    assert Target("memory", 1.1, 1.25).met
    assert not Target("memory", 1.3, 1.25).met


def test_a_report_is_a_table_with_its_verdicts():
    text = Report("Speed", ("corpus", "ratio"), [["plain", "0.40"]], [Target("speed", 0.3, 0.33, at_least=True)]).text()
    assert text.splitlines() == ["Speed", "  corpus  ratio", "  plain    0.40", "  MISSED  speed: 0.30 ≥ 0.33"]


def test_an_unknown_benchmark_is_refused_with_the_known_ones():
    result = CliRunner().invoke(main, ["nothing"])
    assert result.exit_code == 2
    assert "reading" in result.output
