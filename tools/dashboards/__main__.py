"""Write templates/dashboards/*.json: `python -m tools.dashboards`; with --check only tell whether they are up to date."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent.parent / "templates" / "dashboards"
SOURCES = "kafka_*.py"  # one module a dashboard


def texts() -> dict[Path, str]:
    """Build every dashboard module of this folder."""
    built = {}
    for module in sorted(path.stem for path in HERE.glob(SOURCES)):
        loaded = importlib.import_module(f"tools.dashboards.{module}")
        classic = importlib.import_module("tools.dashboards.classic")
        data = classic.build(loaded.DASHBOARD)
        built[OUTPUT / f"{module.replace('_', '-')}.json"] = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return built


def main() -> int:
    """Write or compare."""
    wanted = texts()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stray = sorted(set(OUTPUT.glob("*.json")) - set(wanted))
    if "--check" in sys.argv[1:]:
        for path in [*stale, *stray]:
            print(f"{path.name}: does not come from tools/dashboards; run `python -m tools.dashboards`")
        return 1 if stale or stray else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    for path in stray:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
