"""Every plugin, module and role of the collection must be documented so that ansible-doc can show it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "kraftops.kafka."


def names() -> dict[str, list[str]]:
    """What is to be documented, by ansible-doc's word for its kind."""
    found = {
        kind: sorted(PREFIX + path.stem for path in (ROOT / "plugins" / folder).glob("[!_]*.py"))
        for kind, folder in (
            ("filter", "filter"),
            ("module", "modules"),
            ("lookup", "lookup"),
            ("callback", "callback"),
        )
    }
    found["role"] = sorted(PREFIX + path.name for path in (ROOT / "roles").glob("*") if path.is_dir())
    return {kind: members for kind, members in found.items() if members}


def documented(kind: str, members: list[str]) -> set[str]:
    """Those that ansible-doc knows something about."""
    command = [str(Path(sys.executable).parent / "ansible-doc"), "--type", kind, "--json", *members]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.stderr.strip():
        print(done.stderr.strip(), file=sys.stderr)
    if not done.stdout and len(members) > 1:  # one that cannot be parsed hides all the others
        return set().union(*(documented(kind, [name]) for name in members))
    shown = json.loads(done.stdout or "{}")
    return {name for name, entry in shown.items() if entry and "error" not in entry}


def main() -> int:
    """Name what is missing."""
    missing = []
    count = 0
    for kind, members in names().items():
        count += len(members)
        missing += [f"{kind} {name}" for name in sorted(set(members) - documented(kind, members))]
    for name in missing:
        print(f"not documented: {name}")
    print(f"{count - len(missing)} of {count} documented")
    return 1 if missing or not count else 0


if __name__ == "__main__":
    sys.exit(main())
