from packaging.requirements import Requirement

from infra.advisories import direct_requirements, installed_closure, read_report


def part(name, **facts):
    return {"name": name, "version": "1.0", "vulns": [], **facts}


def test_comments_and_included_files_are_not_requirements():
    text = "# why\n-r other.txt\nclick==8.5.1  # a reason\n\n"
    assert [str(found) for found in direct_requirements(text)] == ["click==8.5.1"]


def test_the_closure_holds_what_a_requirement_brings_along():
    closure = installed_closure(iter([Requirement("boto3")]))
    assert {"boto3", "botocore", "jmespath", "s3transfer"} <= set(closure)
    assert "pytest" not in closure


def test_a_part_for_another_platform_is_left_out():
    assert installed_closure(iter([Requirement("no-such-part; sys_platform == 'none'")])) == {}


def test_a_vulnerable_part_is_named_with_the_version_that_fixes_it():
    report = {"dependencies": [part("old", vulns=[{"id": "CVE-1", "fix_versions": ["1.1"]}]), part("fine")]}
    findings = read_report(report)
    assert findings.advisories == ("old 1.0: CVE-1, fixed in 1.1",)
    assert "old 1.0: CVE-1" in findings.sentence


def test_a_service_that_knows_no_part_is_not_taken_for_good_news():
    findings = read_report({"dependencies": [part("boto3", skip_reason="not found")]})
    assert findings.sentence == "Advisories: skipped, the advisory service is unreachable."


def test_parts_the_service_does_not_know_are_named():
    findings = read_report({"dependencies": [part("fine"), part("ours", skip_reason="not found")]})
    assert findings.sentence == "Advisories: none for 1 parts; not known to the service: ours."
