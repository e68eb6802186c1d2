"""Message bodies for people who may not read them: which facts there are, and not what they say. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

MASK = "•••"
READ_THROUGH = 20_000
"""Characters of a body whose names are shown; the names of a larger one would be cut anyway."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
"""What a program calls a fact. An address or a number as a name is a fact itself."""


def masked(text: str) -> str:
    """JSON with its names and without its values; of anything else, how long it is."""
    if len(text) <= READ_THROUGH:
        try:
            return json.dumps(_without_values(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return f"{MASK} ({len(text):,} characters)"


def _without_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {name if _NAME.fullmatch(name) else MASK: _without_values(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_values(one) for one in value]
    return MASK
