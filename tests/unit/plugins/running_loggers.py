"""A node's loggers as log4j2 and reload4j hold them: own levels, inheritance, and all or nothing of a request."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import RefusedError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_loggers import LoggersNode

NO_LOGGER, BAD_REQUEST = 40, 42


class Loggers(LoggersNode):
    """Stands in for a connection; its answers are those of Kafka 4.3.1."""

    def __init__(self, own: dict[str, str | None], stubborn: Iterable[str] = ()) -> None:
        self.address = "b-11:9092"
        self.own = own
        self.stubborn = set(stubborn)
        self.requests: list[list[tuple[str, str | None]]] = []

    def __enter__(self) -> Loggers:
        return self

    def __exit__(self, *_ended: object) -> None:
        """Nothing is open."""

    def log_levels(self, node_id: int) -> dict[str, str]:
        if node_id != 11:
            raise RefusedError(self.address, f"Unexpected node id. Expected 11, but received {node_id}", BAD_REQUEST)
        return {name: self._effective(name) for name in self.own}

    def set_log_levels(self, node_id: int, operations: Iterable[tuple[str, str | None]]) -> None:
        wanted = list(operations)
        for name, level in wanted:
            if name not in self.own:
                raise RefusedError(self.address, f"Logger {name} does not exist!", NO_LOGGER)
            if name == "root" and level is None:
                raise RefusedError(
                    self.address, "Removing the log level of the root logger is not allowed", BAD_REQUEST
                )
        self.requests.append(wanted)
        self.own.update({name: level for name, level in wanted if name not in self.stubborn})

    def _effective(self, name: str) -> str:
        while not (level := self.own.get(name)):
            name = name.rpartition(".")[0] or "root"
        return level
