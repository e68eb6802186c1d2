"""The dashboard's own settings: the secure baseline, and a palette that can be read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from streamlit import config

ROOT = Path(__file__).parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
MODES = ("light", "dark")
INKS = ("red", "orange", "yellow", "blue", "violet", "green", "gray")
AA_TEXT = 4.5
AA_GRAPHICS = 3.0
BASELINE = {
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
    "server.headless": True,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 1,
    "server.maxMessageSize": 50,
    "server.websocketPingInterval": 20,
    "server.disconnectedSessionTTL": 120,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
    "runner.enforceSerializableSessionState": True,
}


def flat(section, prefix=""):
    for key, value in section.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """WCAG 2.2 contrast ratio of two `#rrggbb` colours."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def grounds(theme):
    return theme["backgroundColor"], theme["secondaryBackgroundColor"]


def test_every_setting_outside_the_theme_is_the_secure_baseline():
    found = {name: value for name, value in flat(CONFIG) if not name.startswith("theme.")}
    assert found == BASELINE


def test_streamlit_knows_every_setting_that_is_written():
    known = config.get_config_options()
    assert [name for name, _ in flat(CONFIG) if name not in known] == []


def test_light_and_dark_define_the_same_things():
    assert set(CONFIG["theme"]["light"]) == set(CONFIG["theme"]["dark"])


@pytest.mark.parametrize("mode", MODES)
def test_text_links_and_table_headers_are_readable_on_page_and_sidebar(mode):
    theme = CONFIG["theme"][mode]
    inks = [theme[name] for name in ("textColor", "linkColor", "dataframeHeaderTextColor", "codeTextColor")]
    assert [ink for ink in inks for ground in grounds(theme) if contrast(ink, ground) < AA_TEXT] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ink", INKS)
def test_a_meaning_is_readable_on_page_sidebar_and_its_tint(mode, ink):
    theme = CONFIG["theme"][mode]
    assert theme[f"{ink}Color"] == theme[f"{ink}TextColor"]
    for ground in (*grounds(theme), theme[f"{ink}BackgroundColor"]):
        assert contrast(theme[f"{ink}Color"], ground) >= AA_TEXT


@pytest.mark.parametrize("mode", MODES)
def test_white_on_the_primary_button_is_readable_and_the_button_stands_out(mode):
    theme = CONFIG["theme"][mode]
    assert contrast(theme["primaryColor"], "#ffffff") >= AA_TEXT
    assert all(contrast(theme["primaryColor"], ground) >= AA_GRAPHICS for ground in grounds(theme))


@pytest.mark.parametrize("mode", MODES)
def test_series_can_be_seen_and_take_no_colour_that_has_a_meaning(mode):
    theme = CONFIG["theme"][mode]
    series = theme["chartCategoricalColors"]
    assert all(contrast(colour, ground) >= AA_GRAPHICS for colour in series for ground in grounds(theme))
    assert set(series).isdisjoint({theme[f"{ink}Color"] for ink in INKS})


@pytest.mark.parametrize("mode", MODES)
def test_the_sequential_scale_has_ten_steps_of_one_direction(mode):
    steps = [luminance(colour) for colour in CONFIG["theme"][mode]["chartSequentialColors"]]
    assert len(steps) == 10
    assert steps in (sorted(steps), sorted(steps, reverse=True))


def test_the_palette_module_says_the_same_colours():
    palette = set(re.findall(r"#[0-9a-f]{6}", (ROOT / "dashboard/palette.py").read_text().lower()))
    themed = {CONFIG["theme"][mode][f"{ink}Color"] for mode in MODES for ink in INKS}
    assert themed - palette == set(), "dashboard/palette.py and .streamlit/config.toml disagree"
