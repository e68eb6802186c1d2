from benchmarks import imports


def test_every_entry_point_is_imported_beside_boto3():
    report = imports.run(rounds=1)
    assert [row[0] for row in report.rows] == ["import boto3", *(f"lambda/{name}" for name in imports.entry_points())]
    assert "collect_logs" in imports.entry_points()
    assert all(target.measured > 0 for target in report.targets)
