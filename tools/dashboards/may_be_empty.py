"""Panels that may show nothing, and panels that stand still under load: each with the reason. All others must have data that moves."""

from __future__ import annotations

MAY_BE_EMPTY: dict[tuple[str, str], str] = {}
STEADY: dict[tuple[str, str], str] = {}
