"""Draw every dashboard from its JSON and a live Prometheus: `make preview`, where no Grafana is at hand.

usage: python -m tools.preview [--prometheus URL] [--into FOLDER] [--minutes N] [uid ...]     default: the demo's Prometheus
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from tools.dashboards import queries
from tools.dashboards.queries import QueryError, Source
from tools.preview import draw
from tools.preview.data import Span

ROOT = Path(__file__).resolve().parents[2]
RUN = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kraftops.kafka" / "run"


def demo(name: str) -> str:
    """Return where the Prometheus of a cluster of containers is."""
    try:
        ports = json.loads((RUN / name / "ports.json").read_text(encoding="utf-8"))
    except OSError:
        sys.exit(f"preview: there is no cluster {name} on this machine: run `make demo`, or give --prometheus URL")
    return f"http://127.0.0.1:{next(iter(ports.values()))['prometheus']}"


def main() -> int:
    """Draw, and say which panels are empty."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prometheus", help="address of a Prometheus; default: the demo's")
    parser.add_argument("--name", default="example", help="name of the containers whose Prometheus is asked")
    parser.add_argument("--into", type=Path, default=ROOT / "tests" / "output" / "preview")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("uid", nargs="*")
    options = parser.parse_args()
    source = Source(options.prometheus or demo(options.name))
    end = time.time()
    options.into.mkdir(parents=True, exist_ok=True)
    shown = without = 0
    for built in queries.dashboards():
        if options.uid and built["uid"] not in options.uid:
            continue
        target = options.into / f"{built['uid']}.png"
        try:
            empty = draw.dashboard(built, source, Span(end - options.minutes * 60, end), target)
        except QueryError as error:
            sys.exit(f"preview: {error}")
        panels = len(list(queries.panels(built)))
        shown, without = shown + panels, without + len(empty)
        print(
            f"{target}: {panels - len(empty)} of {panels} panels with data"
            + "".join(f"\n  empty: {one}" for one in empty)
        )
    print(f"{shown - without} of {shown} panels with data")
    return 0


if __name__ == "__main__":
    sys.exit(main())
