#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set the log levels of a running Kafka node, and read them back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kafka_log_levels
short_description: Set the log levels of a running Kafka node, and read them back
version_added: 0.1.0
description:
  - Gives every logger of the node the level that its log configuration declares, live and without a restart, and reads
    back whether the node lives by it. Works on brokers and controllers, on Kafka 3.9 and 4.x.
  - A logger that is not declared (any more) inherits from its parent again. Temporary levels that have not ended stay.
  - A logger that does not exist on the node is left out and returned in RV(unlisted); one that is declared comes with the
    file, on 4.x within seconds, on 3.9 with the next start.
  - A node that does not run or does not answer is no error here, RV(why) says it; its file is written all the same. Nor is
    a file that cannot be written. A node that answers and refuses is an error.
  - Runs on the node's own host; needs the admin library that the role P(kraftops.kafka.kafka#role) installs.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  address: {description: "The node's own listener, as C(host:port).", type: str, required: true}
  node_id: {description: The node's id., type: int, required: true}
  path:
    description: The log configuration of the node.
    type: path
    required: true
  content:
    description: What it should hold. It is written only when it differs. Without this option, the file on the host counts.
    type: str
  temporary:
    description:
      - Levels by logger that end after O(ttl) seconds, beside those that have not ended yet.
      - An empty dictionary ends all temporary levels of the node now. Without this option they stay as they are.
    type: dict
  ttl:
    description: Seconds until the levels in O(temporary) end. They end with a restart of Kafka too.
    type: int
  log_dir:
    description: Directory of the node's own logs; with it RV(log_filesystem) tells what they lie on.
    type: path
  await_reload:
    description:
      - Wait until the process has loaded a file that was written a moment ago; 4.x looks every five seconds.
      - Without it this module waits only where the levels would otherwise be lost.
    type: bool
    default: false
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Levels | Set what is declared
  kraftops.kafka.kafka_log_levels:
    address: broker-1:9092
    node_id: 11
    path: /etc/kafka/log4j2.yaml
    content: "{{ (__kafka_model | kraftops.kafka.log_config(inventory_hostname)).content }}"

- name: Levels | Look closer for half an hour
  kraftops.kafka.kafka_log_levels:
    address: broker-1:9092
    node_id: 11
    path: /etc/kafka/log4j2.yaml
    temporary: {kafka.server: DEBUG}
    ttl: 1800
"""

RETURN = r"""
answered: {description: Whether the node answered., returned: always, type: bool}
set_up: {description: Whether the host has a log configuration or a place where it can be written., returned: always, type: bool}
why: {description: "Why it did not, or what it refused; empty when all is well.", returned: always, type: str}
version: {description: "Kafka's version as the process was started; empty when not known.", returned: always, type: str}
file_changed: {description: Whether the log configuration differed and was written., returned: always, type: bool}
loaded:
  description: Whether the process has loaded this log configuration; of 3.9, its appenders. Null when the node did not answer.
  returned: always
  type: bool
changes:
  description: The loggers that had another level. Loggers that only inherit such a change are left out.
  returned: always
  type: list
  elements: dict
  sample: [{"logger": "kafka.server", "from": "INFO", "to": "DEBUG", "temporary": false}]
unlisted:
  description: Loggers that do not exist on the node, each with the most similar ones that do.
  returned: always
  type: dict
  sample: {"kafka.sever": ["kafka.server"]}
log_filesystem:
  description: Mount point and space of the file system of O(log_dir), and the most bytes of it that the journal takes.
  returned: when O(log_dir) is given
  type: dict
temporary:
  description: The temporary levels that count now.
  returned: always
  type: list
  elements: dict
  sample: [{"logger": "kafka.server", "level": "DEBUG", "remaining_seconds": 1800}]
"""

import contextlib
import functools
import os
import tempfile
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils import _log_filesystem
from ansible_collections.kraftops.kafka.plugins.module_utils import _temporary_levels as temporary_levels
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError
from ansible_collections.kraftops.kafka.plugins.module_utils._admin_configs import RefusedError
from ansible_collections.kraftops.kafka.plugins.module_utils._files import Difference, read_text
from ansible_collections.kraftops.kafka.plugins.module_utils._node_levels import NodeLevels, Outcome, Request
from ansible_collections.kraftops.kafka.plugins.module_utils._temporary_end import UNIT, timer_command


def write(file: Difference) -> None:
    """Replace the file as a whole: a process that watches it must never see half of it.

    Not with the module's own atomic_move, which ends the module where it cannot: a full disk is to be told like a node that is down.
    """
    descriptor, path = tempfile.mkstemp(dir=os.path.dirname(file.path), prefix=".")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(file.after)
            os.fchmod(descriptor, 0o644)
        os.replace(path, file.path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def arm(module: AnsibleModule, until: float) -> None:
    """Make systemd of this host end temporary levels, whether a control node is there by then or not."""
    unit = "/etc/systemd/system/" + UNIT.format("")
    if not os.path.exists(unit):
        module.fail_json(msg=f"{unit} is not there, so nothing would end temporary levels. Run site.yml first.")
    code, out, err = module.run_command(timer_command(until, time.time()))
    if code != 0:
        module.fail_json(msg=f"no timer for the end of temporary levels, nothing was set: {(err or out).strip()}")


def as_diff(changes: list[dict[str, Any]]) -> dict[str, str]:
    """Return the levels in the shape that Ansible's `--diff` prints, one line a logger."""
    return {
        "before_header": "live levels",
        "after_header": "live levels",
        "before": "".join(f"{item['logger']}={item['from'] or '(not there)'}\n" for item in changes),
        "after": "".join(
            f"{item['logger']}={item['to']}{' (temporary)' if item['temporary'] else ''}\n" for item in changes
        ),
    }


def result_of(file: Difference, outcome: Outcome) -> dict[str, Any]:
    """Return the module's result."""
    changes = [dict(change) for change in outcome.changes]
    diffs = [file.as_diff()] if file.changed else []
    return {
        "changed": bool(file.changed or changes or outcome.temporary_changed),
        "file_changed": file.changed,
        "diff": [*diffs, as_diff(changes)] if changes else diffs,
        **outcome.plain(),
    }


def run(module: AnsibleModule) -> dict[str, Any]:
    """Do what the module is for and return its result."""
    params = module.params
    before = read_text(params["path"])
    content = before if params["content"] is None else params["content"]
    if content is None or not os.path.isdir(os.path.dirname(params["path"])):
        absent = f"{params['path']} is not there; site.yml has not set up this host yet"
        return result_of(Difference(params["path"], "", ""), Outcome(why=absent, set_up=False))
    file = Difference(params["path"], before, content)
    if file.changed and not module.check_mode:
        try:
            write(file)
        except OSError as problem:
            why = f"{params['path']} cannot be written: {problem.strerror}"
            return result_of(Difference(params["path"], "", ""), Outcome(why=why, set_up=False))
    request = Request(
        text=file.after,
        path=params["path"],
        temporary=params["temporary"],
        ttl=params["ttl"] or 0,
        await_reload=params["await_reload"],
        dry=module.check_mode,
    )
    try:
        with contextlib.nullcontext() if module.check_mode else temporary_levels.locked():
            node = params["address"], params["node_id"]
            outcome = NodeLevels(node, request, functools.partial(arm, module)).apply(time.time())
    except RefusedError as problem:
        module.fail_json(**result_of(file, Outcome(answered=True, why=problem.said)), msg=f"refused: {problem.said}")
    except (AdminError, ImportError) as problem:
        outcome = Outcome(why=str(problem))
    result = result_of(file, outcome)
    if outcome.refused:
        module.fail_json(msg="refused: " + "; ".join(outcome.refused), **result)
    return result


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "address": {"type": "str", "required": True},
            "node_id": {"type": "int", "required": True},
            "path": {"type": "path", "required": True},
            "content": {"type": "str"},
            "temporary": {"type": "dict"},
            "ttl": {"type": "int"},
            "log_dir": {"type": "path"},
            "await_reload": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    log_dir = module.params["log_dir"]
    room = {"log_filesystem": _log_filesystem.log_filesystem(log_dir)} if log_dir else {}
    module.exit_json(**run(module), **room)


if __name__ == "__main__":
    main()
