"""The reading benchmark, on a corpus of a few payloads: that it measures what it says, not how fast."""

from benchmarks import reading
from benchmarks.corpus import CORPORA, STRUCTURED, payloads


def test_the_same_payloads_come_in_every_run():
    assert list(payloads(STRUCTURED, 500)) == list(payloads(STRUCTURED, 500))


def test_floor_and_reader_read_every_corpus():
    for corpus in CORPORA:
        raw = list(payloads(corpus, 500))
        events, records = reading.floor(raw), reading.reader(raw)
        assert events >= 500
        assert events / 8 < records < events / 3


def test_the_report_has_a_row_and_a_target_for_each_corpus():
    report = reading.run(events=300, rounds=1)
    assert [row[0] for row in report.rows] == [corpus.name for corpus in CORPORA]
    assert all(0 < target.measured < 2 for target in report.targets)
    assert "ratio" in report.text()
