"""Settings fail early and by name."""

from __future__ import annotations

import pytest

from store.errors import SettingsError
from store.members import Member
from store.settings import VARIABLES, Settings

TOPIC = "arn:aws:sns:eu-central-1:123456789012:oncall"


def test_defaults_are_closed_a_viewer_who_may_not_act():
    settings = Settings.from_env({"LAMPLIGHT_TABLE": "lamplight"})
    assert (settings.writes, settings.role, settings.refresh_seconds) == (False, "viewer", 10)


def test_every_variable_is_read():
    settings = Settings.from_env({
        "LAMPLIGHT_TABLE": "ops", "LAMPLIGHT_LOG_GROUP_PREFIXES": "/aws/lambda/, /custom/",
        "LAMPLIGHT_NAMESPACES": "orders/Lambda", "LAMPLIGHT_IDEMPOTENCY_TABLES": "a,b,", "LAMPLIGHT_WRITES": "On",
        "LAMPLIGHT_ROLE": "Admin", "LAMPLIGHT_ACTOR": "ada", "LAMPLIGHT_REFRESH_SECONDS": "5",
        "LAMPLIGHT_PRESUME_MINUTES": "2", "LAMPLIGHT_WATCHED_QUEUES": "arn:1, arn:2", "LAMPLIGHT_LOOK_MINUTES": "0",
        "LAMPLIGHT_IDEMPOTENCY_KEYS": "[]", "LAMPLIGHT_PLACES": "us-east-1", "LAMPLIGHT_EXTERNAL_ID": "7f3a",
        "LAMPLIGHT_ALERT_TOPIC": TOPIC, "LAMPLIGHT_DASHBOARD_URL": "https://ops.example.com/lamplight/",
    })
    assert settings == Settings("ops", ("/aws/lambda/", "/custom/"), ("orders/Lambda",), ("a", "b"), True, "admin",
                                "ada", 5, 2, ("arn:1", "arn:2"), 0, "[]",
                                (Member("us-east-1"),), TOPIC, "https://ops.example.com/lamplight")
    assert len(VARIABLES) == 16


@pytest.mark.parametrize(("variable", "value", "says"), [
    ("LAMPLIGHT_TABLE", "", "is not set"),
    ("LAMPLIGHT_TABLE", "no/slashes", "is not a table name"),
    ("LAMPLIGHT_WRITES", "maybe", "must be on or off"),
    ("LAMPLIGHT_ROLE", "root", "must be one of viewer, operator, admin"),
    ("LAMPLIGHT_REFRESH_SECONDS", "1", "from 2 to 300"),
    ("LAMPLIGHT_REFRESH_SECONDS", "٣", "must be a whole number"),
    ("LAMPLIGHT_PRESUME_MINUTES", "99999999999", "from 1 to 1440"),
    ("LAMPLIGHT_ALERT_TOPIC", "oncall", "is not an SNS topic's ARN"),
    ("LAMPLIGHT_DASHBOARD_URL", "javascript:alert(1)", "is not an address"),
])
def test_a_wrong_setting_is_named_with_what_is_wrong(variable: str, value: str, says: str):
    with pytest.raises(SettingsError) as wrong:
        Settings.from_env({"LAMPLIGHT_TABLE": "lamplight", variable: value})
    assert wrong.value.variable == variable
    assert says in str(wrong.value)
