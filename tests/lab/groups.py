"""What Kafka's own tool says of a consumer group, and what it does to one."""

from __future__ import annotations

from tests.lab.live import Live

JAVA = "java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '/opt/kafka/kafka-4*/libs/*'"
TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


class Groups:
    """kafka-consumer-groups.sh, on the first broker."""

    def __init__(self, live: Live) -> None:
        """Remember where it runs."""
        self.live = live

    def _tool(self, arguments: str) -> str:
        version = self.live.run(self.live.brokers[0].name, "ls -d /opt/kafka/kafka-4*/libs").strip()
        java = JAVA.replace("/opt/kafka/kafka-4*/libs", version)
        command = f"{java} {TOOL} --bootstrap-server {self.live.bootstrap} {arguments}"
        return self.live.run(self.live.brokers[0].name, command)

    def lag(self, group: str) -> dict[str, int]:
        """Head minus committed of each partition in which the group has committed."""
        rows = [line.split() for line in self._tool(f"--describe --group {group}").splitlines()]
        # GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG ...
        return {row[2]: int(row[4]) - int(row[3]) for row in rows if row[:1] == [group] and row[3].isdigit()}

    def reset(self, group: str, topic: str, how: str) -> None:
        """Set the offsets of a group that nobody uses, for instance --to-latest or --shift-by -10."""
        self._tool(f"--reset-offsets --execute --group {group} --topic {topic} {how}")
