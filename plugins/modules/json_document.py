#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action json_document, which does it all on the control node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: json_document
short_description: Write data as JSON on the control node
version_added: 0.1.0
description:
  - Writes a document for machines, such as a plan or a report, with its keys sorted; the file is replaced as a whole.
  - Also in check mode, and never a change, since nothing of a host is touched.
extends_documentation_fragment: [kraftops.kafka.attributes]
options:
  path: {description: The file on the control node; its folder must be there., type: path, required: true}
  content: {description: The data., type: dict, required: true}
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Plan file | Write the plan for machines
  kraftops.kafka.json_document:
    path: /tmp/plan.json
    content: {format: 1}
"""

RETURN = r""" # """
