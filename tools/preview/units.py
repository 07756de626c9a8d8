"""A value and its unit in words, as short as on a dashboard."""

from __future__ import annotations

import math

THOUSANDS = (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")
BINARY = (2.0**40, "TiB"), (2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB")
TIMES = (86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs")
AFTER = {"cps": "/s", "cpm": "/min", "reqps": " req/s", "iops": " io/s", "Bps": "B/s"}

MOST_TICKS = 6
LEAST = 1e-3  # smaller ones would be written with an exponent
ROUND = (1, 2, 5)
CLOCK = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0)


def ticks(limits: tuple[float, float], unit: str) -> list[float]:
    """Return round values of a unit between two limits: powers of two for bytes, minutes and hours for times."""
    low, high = limits
    step = _step((high - low) / MOST_TICKS, unit)
    return [step * at for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _step(least: float, unit: str) -> float:
    """Return the smallest round step that is not below `least`."""
    if unit == "bytes" and least > 1:
        return float(2 ** math.ceil(math.log2(least)))
    if unit == "s" and least > 0.5:
        clock = [*CLOCK, *(60 * one for one in CLOCK), *(3600.0 * one for one in (1, 2, 3, 6, 12)), 86400.0]
        return next((one for one in clock if one >= least), 86400.0 * math.ceil(least / 86400))
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next((power * one for one in ROUND if power * one >= least), power * 10)


def worded(value: float, unit: str) -> str:
    """Write a value with its unit."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if unit == "percentunit":
        return f"{_digits(value * 100)} %"
    if unit in ("s", "ms"):
        return _time(value / 1000 if unit == "ms" else value)
    if unit == "bytes":
        return _scaled(value, BINARY, " B")
    if unit == "none":
        return _digits(value)
    after = AFTER.get(unit, "")
    return _scaled(
        value, tuple((size, f" {name}") for size, name in THOUSANDS) if after == "B/s" else THOUSANDS, ""
    ) + (after if after != "B/s" or abs(value) >= 1e3 else " B/s")


def _scaled(value: float, steps: tuple[tuple[float, str], ...], rest: str) -> str:
    """Write a number with the largest step that it reaches."""
    for size, name in steps:
        if abs(value) >= size:
            return f"{_digits(value / size)}{' ' if name.endswith('iB') else ''}{name}"
    return f"{_digits(value)}{rest}"


def _time(seconds: float) -> str:
    """Write a time with the largest unit that it reaches."""
    for size, name in TIMES:
        if abs(seconds) >= size:
            return f"{_digits(seconds / size)} {name}"
    return "0 s"


def _digits(value: float) -> str:
    """Write three digits at most, or the whole number."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) < LEAST:
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{value:.3g}"
