# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the filters have in common: the model comes in as plain data, and an unknown host is a problem, not an error."""

from __future__ import annotations

from typing import Any

from ansible_collections.kraftops.kafka.plugins.module_utils._model import Model, from_plain
from ansible_collections.kraftops.kafka.plugins.module_utils._plain import plain
from ansible_collections.kraftops.kafka.plugins.module_utils._problems import Findings


def model_and_host(data: Any, host: Any) -> tuple[Model, str, Findings]:
    """Return the model, the host's name, or none when the model has no such node, and what was found."""
    model, name, findings = from_plain(data), str(plain(host)), Findings()
    if name in model.nodes:
        return model, name, findings
    findings.problem((name, "groups"), None, "not a Kafka host of this inventory", "Use a host of the group kafka")
    return model, "", findings
