"""One colour, one meaning, everywhere. Equal to `.streamlit/config.toml`; every ink is AA text on both grounds."""

from __future__ import annotations

from typing import NamedTuple


class Shade(NamedTuple):
    """One meaning in both modes."""

    light: str
    dark: str

    def on(self, dark: bool) -> str:
        return self.dark if dark else self.light


ERROR = Shade("#b80f2e", "#ff6673")
TIMEOUT = Shade("#b34b00", "#ff9a4d")
THROTTLE = Shade("#7d6400", "#ecd04a")
COLD = Shade("#1a63c9", "#5aa7ff")
OUT_OF_MEMORY = Shade("#ad1a84", "#f47fd0")
DEAD_LETTER = Shade("#6a3fc4", "#bb94ff")
RECOVERED = Shade("#1b7a46", "#50cd8c")
NEUTRAL = Shade("#5b6675", "#98a4b3")

ERROR_TINT = Shade("#fbe9ec", "#3a1a20")
TIMEOUT_TINT = Shade("#fdeee1", "#3a2513")
THROTTLE_TINT = Shade("#faf3d9", "#332d12")
COLD_TINT = Shade("#e8f0fc", "#152c47")
OUT_OF_MEMORY_TINT = Shade("#fae8f4", "#381d32")
DEAD_LETTER_TINT = Shade("#f0ebfc", "#2a2342")
RECOVERED_TINT = Shade("#e5f4ec", "#12301f")
NEUTRAL_TINT = Shade("#eef1f4", "#222b35")

BACKGROUND = Shade("#ffffff", "#0f1419")
RAISED = Shade("#f4f6f8", "#171e26")
TEXT = Shade("#18202b", "#e3e8ee")
ACCENT = Shade("#0e6b80", "#25809a")
LINK = Shade("#0e6b80", "#5cc3dc")
BORDER = Shade("#dde2e8", "#2b3541")
GRID = Shade("#e8ecf0", "#222b35")
VOLUME = Shade("#b9c1cb", "#46525f")
"""Healthy traffic as an area: neutral ink would shout over the trouble beside it."""

SERIES = (
    Shade("#0e6b80", "#5cc3dc"),
    Shade("#3f5573", "#93a9c9"),
    Shade("#8a7c62", "#cbbf9f"),
    Shade("#8a5a6b", "#cf9db0"),
    Shade("#4d8a91", "#8fd0d2"),
    Shade("#7b8ba1", "#b9c4d3"),
)
"""For series without a meaning of their own: percentiles, custom metrics, runtimes."""

STATUS = {"error": ERROR, "timeout": TIMEOUT, "oom": OUT_OF_MEMORY, "crash": ERROR, "ok": NEUTRAL, "open": NEUTRAL}
"""Colour of an invocation status; labels and icons say it as well."""
