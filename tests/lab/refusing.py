"""A broker that refuses a level when it is to be set, and answers everything else.

On its own host its name leads to the monitoring host. What listens there hands everything on to the broker, but spells
the level wrong in requests that change something; the refusal and its words are Kafka's.
"""

from __future__ import annotations

import socket
from shlex import quote

from tests.lab.live import Live, Node, wait_for

UNIT = "refusing"
SPELLS = """
import socket, sys, threading
target, port, level, wrong = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode(), sys.argv[4].encode()
ALTER = b"\\x00\\x2c"  # IncrementalAlterConfigs
def back(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)
def serve(client):
    broker = socket.create_connection((target, port))
    threading.Thread(target=back, args=(broker, client), daemon=True).start()
    stream = client.makefile("rb")
    while size := stream.read(4):
        body = stream.read(int.from_bytes(size, "big"))
        broker.sendall(size + (body.replace(level, wrong) if body.startswith(ALTER) else body))
    broker.close()
with socket.create_server(("", port)) as server:
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""


class Refusing:
    """While the context lasts, the broker refuses the level to whoever asks it from its own host."""

    def __init__(self, live: Live, broker: Node, level: str) -> None:
        """Remember who refuses what."""
        self.live, self.broker, self.level = live, broker, level
        self.host = live.monitors[0]

    def __enter__(self) -> Refusing:
        """Begin."""
        port = self.broker.address.rsplit(":", 1)[1]
        words = (self.broker.ip, port, self.level, self.level[:-1] + "X")
        self.live.run(
            self.host, f"systemd-run --collect --unit={UNIT} python3 -c {quote(SPELLS)} {' '.join(map(quote, words))}"
        )
        ip = self.live.ips[self.host]
        name = self.broker.name
        # Docker's /etc/hosts is mounted; it can be written, and not be replaced. A second line would only add an address.
        moved = rf"s/^\S+(\s+{name})$/{ip}\1/"
        self.live.run(name, f"cp /etc/hosts /run/hosts; sed -E {quote(moved)} /run/hosts > /etc/hosts")
        wait_for("the listener", 30, lambda: listens(ip, int(port)))
        return self

    def __exit__(self, *_ended: object) -> None:
        """End."""
        self.live.run(self.broker.name, "cat /run/hosts > /etc/hosts")
        self.live.run(self.host, f"systemctl stop {UNIT}")


def listens(ip: str, port: int) -> bool:
    """Whether somebody does."""
    try:
        socket.create_connection((ip, port), timeout=5).close()
    except OSError:
        return False
    return True
