from benchmarks import memory


def test_the_memory_benchmark_compares_two_inputs():
    report = memory.run(events=300, growth=2)
    assert [row[1] for row in report.rows] == ["300", "600"]
    assert report.targets[0].measured > 0
