# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line tools that are put on a Kafka host: which class each is in which version, and where they connect.

Kafka's own scripts are not used: a Kafka that was assembled from Maven has none, and they take heap and log settings
out of the caller's environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Version = tuple[int, int]


@dataclass(frozen=True)
class Tool:
    """One tool. `classes` lists (first version, class), oldest first.

    `connection` is where its address option goes: before a subcommand, after everything, or nowhere (offline tool).
    """

    name: str
    classes: tuple[tuple[Version, str], ...]
    connection: str = "after"
    to_controllers: bool = False

    def java_class(self, version: Version) -> str:
        """Return the class of the tool in a Kafka version."""
        return [name for first, name in self.classes if version >= first][-1]


def tool(name: str, java_class: str, connection: str = "after", to_controllers: bool = False) -> Tool:
    """Return a tool whose class has the same name in every supported version."""
    return Tool(name, (((3, 9), f"org.apache.kafka.tools.{java_class}"),), connection, to_controllers)


# Class names by version: Kafka's source, bin/*.sh of 3.9 to 4.4.
TOOLS = (
    tool("kafka-topics", "TopicCommand"),
    tool("kafka-consumer-groups", "consumer.group.ConsumerGroupCommand"),
    tool("kafka-metadata-quorum", "MetadataQuorumCommand", "before", to_controllers=True),
    tool("kafka-features", "FeatureCommand", "before", to_controllers=True),
    tool("kafka-cluster", "ClusterTool", to_controllers=True),
    tool("kafka-leader-election", "LeaderElectionCommand"),
    tool("kafka-reassign-partitions", "reassign.ReassignPartitionsCommand"),
    tool("kafka-log-dirs", "LogDirsCommand"),
    tool("kafka-get-offsets", "GetOffsetShell"),
    tool("kafka-transactions", "TransactionsCommand", "before"),
    tool("kafka-console-consumer", "consumer.ConsoleConsumer"),
    Tool(
        "kafka-console-producer",
        (((3, 9), "kafka.tools.ConsoleProducer"), ((4, 0), "org.apache.kafka.tools.ConsoleProducer")),
    ),
    Tool(
        "kafka-configs",
        (((3, 9), "kafka.admin.ConfigCommand"), ((4, 4), "org.apache.kafka.tools.ConfigCommand")),
        to_controllers=True,
    ),
    Tool(
        "kafka-acls",
        (((3, 9), "kafka.admin.AclCommand"), ((4, 0), "org.apache.kafka.tools.AclCommand")),
        to_controllers=True,
    ),
    Tool(
        "kafka-broker-api-versions",
        (((3, 9), "kafka.admin.BrokerApiVersionsCommand"), ((4, 0), "org.apache.kafka.tools.BrokerApiVersionsCommand")),
    ),
    Tool("kafka-storage", (((3, 9), "kafka.tools.StorageTool"),), "none"),
    Tool(
        "kafka-dump-log",
        (((3, 9), "kafka.tools.DumpLogSegments"), ((4, 3), "org.apache.kafka.tools.DumpLogSegments")),
        "none",
    ),
)

SCRIPT = """\
#!/bin/sh
# Ansible managed
# {name} of Kafka {version}, for cluster {cluster}. Connects to it unless told otherwise.
connection='{connection}'
for argument in "$@"; do
  case $argument in
    --bootstrap-server|--bootstrap-server=*|--bootstrap-controller|--bootstrap-controller=*|--help|--version) connection='' ;;
  esac
done
# $connection is two words or none.
exec {java} -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC {log_option} \\
  -cp '{class_path}' {java_class} {arguments}
"""

ARGUMENTS = {"before": '$connection "$@"', "after": '"$@" $connection', "none": '"$@"'}

LOG4J2 = """\
# Ansible managed
# Log configuration of the command line tools: warnings to standard error.
Configuration:
  status: warn
  Appenders:
    Console:
      name: STDERR
      target: SYSTEM_ERR
      PatternLayout:
        pattern: "[%d] %p %m (%c)%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        - ref: STDERR
"""

RELOAD4J = """\
# Ansible managed
# Log configuration of the command line tools: warnings to standard error.
log4j.rootLogger=WARN, stderr
log4j.appender.stderr=org.apache.log4j.ConsoleAppender
log4j.appender.stderr.Target=System.err
log4j.appender.stderr.layout=org.apache.log4j.PatternLayout
log4j.appender.stderr.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


def log_file(version: Version) -> dict[str, str]:
    """Return the tools' log configuration as a file to write, and the JVM option that names it."""
    if version >= (4, 0):
        return {"path": "/etc/kafka/tools-log4j2.yaml", "content": LOG4J2, "option": "-Dlog4j2.configurationFile="}
    return {"path": "/etc/kafka/tools-log4j.properties", "content": RELOAD4J, "option": "-Dlog4j.configuration=file:"}


def connection_of(item: Tool, node: dict[str, Any], cluster: dict[str, Any]) -> str:
    """Return the address option of a tool on a node: on a pure controller its own kind, where the tool knows it."""
    if item.connection == "none":
        return ""
    if node["role"] == "controller" and item.to_controllers:
        return "--bootstrap-controller " + ",".join(cluster["controller_bootstrap"])
    return "--bootstrap-server " + ",".join(cluster["bootstrap"])


def tool_files(node: dict[str, Any], cluster: dict[str, Any], java: str) -> list[dict[str, str]]:
    """Return the files to write on a node, with path, content and mode."""
    major, minor = (int(part) for part in cluster["version"].split(".")[:2])
    log = log_file((major, minor))
    files = [{"path": log["path"], "content": log["content"], "mode": "0644"}]
    for item in TOOLS:
        script = SCRIPT.format(
            name=item.name,
            version=cluster["version"],
            cluster=cluster["name"],
            connection=connection_of(item, node, cluster),
            java=java,
            log_option=log["option"] + log["path"],
            class_path=f"/opt/kafka/kafka-{cluster['version']}/libs/*",
            java_class=item.java_class((major, minor)),
            arguments=ARGUMENTS[item.connection],
        )
        files.append({"path": f"/usr/local/bin/{item.name}", "content": script, "mode": "0755"})
    return files
