"""A receiver of alerts on the monitoring host: it keeps every message that Alertmanager sends, with the time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.lab.live import Live

PORT = 9199
FOLDER = "/run/alert-receiver"
UNIT = "alert-receiver.service"
PROGRAM = f"""
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open("{FOLDER}/messages", "a") as file:
            file.write(self.path + " " + text.replace(chr(10), " ") + chr(10))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", {PORT}), Handler).serve_forever()
"""


class Alert(NamedTuple):
    """One alert of a message, and who got it."""

    receiver: str
    status: str
    name: str
    labels: dict[str, str]
    annotations: dict[str, str]


class Receiver:
    """The receiver; its addresses end with the name of whom they stand for."""

    def __init__(self, live: Live) -> None:
        """Start it."""
        self.live, self.host = live, live.monitors[0]
        self.stop()
        live.run(self.host, f"mkdir -p {FOLDER} && : > {FOLDER}/messages")
        live.run(self.host, f"cat > {FOLDER}/receiver.py <<'END'{PROGRAM}END")
        live.run(self.host, f"systemd-run --unit={UNIT} --collect /usr/bin/python3 {FOLDER}/receiver.py")

    def url(self, receiver: str) -> str:
        """Where Alertmanager sends what is for a receiver."""
        return f"http://127.0.0.1:{PORT}/{receiver}"

    def alerts(self) -> Iterator[Alert]:
        """Every alert of every message so far, oldest first."""
        for line in self.live.run(self.host, f"cat {FOLDER}/messages").splitlines():
            path, _blank, text = line.partition(" ")
            message: dict[str, Any] = json.loads(text)
            for alert in message["alerts"]:
                labels = alert["labels"]
                yield Alert(path.strip("/"), alert["status"], labels["alertname"], labels, alert["annotations"])

    def has(self, name: str, status: str = "firing", **labels: str) -> bool:
        """Whether such an alert was received."""
        wanted = labels.items()
        return any(one.name == name and one.status == status and wanted <= one.labels.items() for one in self.alerts())

    def forget(self) -> None:
        """Drop what was received."""
        self.live.run(self.host, f": > {FOLDER}/messages")

    def stop(self) -> None:
        """Stop it."""
        self.live.hosts[self.host].run(f"systemctl stop {UNIT}")
