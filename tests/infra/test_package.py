"""The package: complete, the same every time, and working with nothing else on the path."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.package import (
    LAMPLIGHT,
    ORDERS,
    PLATFORMS,
    RUNTIMES,
    Contents,
    Package,
    PackageError,
    build,
    check,
    download_command,
    downloaded,
    installed,
    main,
    pinned,
    sources,
    write,
    zipped,
)


@pytest.mark.parametrize("package", [LAMPLIGHT, ORDERS], ids=lambda package: package.name)
def test_every_entry_point_imports_from_the_package_with_nothing_else_on_the_path(package, tmp_path):
    contents = {**build(package, bare=True), **installed_with_needs(package)}
    write(contents, tmp_path / "package")

    assert check(package, tmp_path / "package")


def installed_with_needs(package: Package) -> Contents:
    """Powertools needs one more part that boto3 does not bring; `make package` has pip find it."""
    needed = f"typing_extensions=={metadata.version('typing_extensions')}"
    return installed((*package.requirements, needed))


def test_a_package_that_lacks_a_part_is_refused_and_the_part_is_named(tmp_path):
    write(build(ORDERS, bare=True), tmp_path / "package")

    with pytest.raises(PackageError, match="No module named 'aws_lambda_powertools'"):
        check(ORDERS, tmp_path / "package")


def test_our_folders_lie_side_by_side_and_no_cache_comes_along():
    contents = sources(LAMPLIGHT)

    assert {path.split("/")[0] for path in contents} == {"lambda", "collectors", "operations", "store"}
    assert all(path.endswith(".py") for path in contents)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(PackageError, match="absent is missing"):
        sources(replace(LAMPLIGHT, folders={"lambda": tmp_path / "absent"}))


def test_the_same_contents_give_the_same_bytes_whatever_their_order():
    contents = {"b.py": b"2", "a/x.py": b"1"}

    assert zipped(contents) == zipped(dict(reversed(contents.items())))


def test_files_in_the_zip_can_be_read_by_the_user_functions_run_as():
    with zipfile.ZipFile(io.BytesIO(zipped({"a.py": b"1"}))) as archive:
        (entry,) = archive.infolist()

    assert entry.external_attr >> 16 == 0o644
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_writing_empties_the_folder_first(tmp_path):
    write({"old.py": b"1"}, tmp_path / "package")
    write({"new.py": b"2"}, tmp_path / "package")

    assert [path.name for path in (tmp_path / "package").iterdir()] == ["new.py"]


def test_requirements_are_read_with_their_versions_and_without_what_lambda_provides(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("# boto3 comes with Lambda\nboto3==1.43.106\norjson==3.13.0\nclick==8.5.1\n")

    assert pinned(file) == ("orjson==3.13.0", "click==8.5.1")
    assert pinned(file, only=["orjson"]) == ("orjson==3.13.0",)


def test_a_part_of_another_version_than_asked_for_is_refused():
    with pytest.raises(PackageError, match=r"but 0\.0\.1 is asked for"):
        installed(["orjson==0.0.1"])


def test_a_part_that_is_not_installed_is_refused():
    with pytest.raises(PackageError, match="no-such-part is not installed"):
        installed(["no-such-part==1"])


def test_wheels_are_asked_for_by_runtime_and_processor_and_never_built(tmp_path):
    command = download_command(["orjson==3.13.0"], "3.12", "manylinux2014_aarch64", tmp_path)

    assert command[command.index("--python-version") + 1] == "3.12"
    assert command[command.index("--platform") + 1] == "manylinux2014_aarch64"
    assert "--only-binary=:all:" in command


def fake_pip(monkeypatch: pytest.MonkeyPatch, wheel_of: Callable[[str, str], dict[str, str]]) -> None:
    """Stands in for pip: `wheel_of(runtime, platform)` is the content of the wheel it fetches."""
    def fetch(requirements: tuple[str, ...], target: tuple[str, str], folder: Path) -> None:
        folder.mkdir()
        with zipfile.ZipFile(folder / "part-1-x.whl", "w") as wheel:
            for path, text in wheel_of(*target).items():
                wheel.writestr(path, text)

    monkeypatch.setattr("infra.package._download", fetch)


def test_compiled_parts_of_every_runtime_and_processor_lie_side_by_side(monkeypatch):
    fake_pip(monkeypatch, lambda runtime, platform: {
        "part/__init__.py": "same", f"part/part.{runtime}-{platform}.so": runtime, "part-1.dist-info/RECORD": platform})

    contents = downloaded(("part==1",))

    assert set(contents) == {"part/__init__.py"} | {
        f"part/part.{runtime}-{platform}.so" for runtime in RUNTIMES for platform in PLATFORMS}


def test_parts_whose_files_disagree_between_runtimes_are_refused(monkeypatch):
    fake_pip(monkeypatch, lambda runtime, platform: {"part/__init__.py": runtime})

    with pytest.raises(PackageError, match=r"another part/__init__\.py"):
        downloaded(("part==1",))


def test_nothing_is_downloaded_when_nothing_is_required():
    assert downloaded(()) == {}


def test_the_command_writes_a_folder_and_a_zip_and_says_what_it_checked(tmp_path):
    result = CliRunner().invoke(main, ["lamplight", "--local", "--out", str(tmp_path)])

    assert result.exit_code == 0, result.output
    assert "7 entry points import" in result.output
    assert zipfile.is_zipfile(tmp_path / "lamplight.zip")
    assert (tmp_path / "lamplight" / "lambda" / "collect_logs.py").is_file()
