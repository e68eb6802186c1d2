"""Where a log event comes from: its function, by its group or its stream."""

import pytest

from collectors.drafts import version_in
from collectors.events import function_of

HEX = "20bddfd5a2dc4c6b97ac02800eae90d0"
GUID = "8f507cfc-0000-4697-b07a-ac58fc914c95"

PLACES: list[tuple[str, str, str, tuple[str, str | None]]] = [
    ("a function's own group", "/aws/lambda/orders", f"2026/11/23/[$LATEST]{HEX}", ("orders", "$LATEST")),
    ("a published version", "/aws/lambda/orders", f"2026/11/23/[56]{HEX}", ("orders", "56")),
    ("lambda@edge", "/aws/lambda/us-east-1.viewer-request", f"2026/11/23/[7]{HEX}", ("viewer-request", "7")),
    ("a web function", "/aws/lambda/web/shop", "s", ("shop", None)),
    ("a shared group", "/team/logs", f"2026/11/23/orders[$LATEST]{HEX}", ("orders", "$LATEST")),
    ("a shared group, as documented", "/team/logs", f"2026/11/23/orders[7][{GUID}]", ("orders", "7")),
    ("a shared group of other things", "/team/logs", "web-1", ("web-1", None)),
    ("nothing but a group", "/team/logs", "", ("/team/logs", None)),
]


@pytest.mark.parametrize(("group", "stream", "told"), [pytest.param(g, s, t, id=name) for name, g, s, t in PLACES])
def test_group_and_stream_name_the_function_and_its_version(group, stream, told):
    assert (function_of(group, stream), version_in(stream)) == told
