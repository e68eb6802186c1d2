"""Nothing of the person's own AWS reaches the embedded cloud, and it does not reach out."""

from __future__ import annotations

import os

from demo.cloud import ACCOUNT, clean_environment, cloud_environment
from demo.home import Home

THEIRS = {
    "PATH": "/bin", "AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "AWS_ENDPOINT_URL_SQS": "https://x",
    "LAMPLIGHT_TABLE": "real", "PYTHONPATH": "/elsewhere", "DOCKER_HOST": "unix:///var/run/docker.sock",
    "no_proxy": "corp.example", "HTTPS_PROXY": "http://proxy:3128", "PERSIST_STATE": "1",
}


def test_credentials_profiles_and_endpoints_of_the_person_are_left_behind():
    clean = clean_environment(THEIRS)

    assert clean["PATH"] == "/bin"
    assert clean["AWS_ACCESS_KEY_ID"] == ACCOUNT
    assert clean["AWS_CONFIG_FILE"] == clean["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_SQS", "LAMPLIGHT_TABLE", "PYTHONPATH",
                "PERSIST_STATE"} & set(clean)


def test_loopback_is_never_asked_for_through_a_proxy():
    clean = clean_environment(THEIRS)

    assert clean["no_proxy"] == "corp.example,127.0.0.1,localhost"
    assert clean["NO_PROXY"] == "127.0.0.1,localhost"


def test_the_cloud_listens_on_loopback_only_and_keeps_off_docker_and_other_folders(tmp_path):
    home = Home(tmp_path)

    environment = cloud_environment(home, 4567)

    assert environment["GATEWAY_PORT"] == "4567"
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert environment["DOCKER_HOST"] == "unix:///nonexistent"
    assert environment["IOT_MTLS_ENABLED"] == environment["SFTP_ENABLED"] == "0"
    assert all(environment[name].startswith(str(home.scratch)) for name in ("TMPDIR", "STATE_DIR", "S3_DATA_DIR"))
