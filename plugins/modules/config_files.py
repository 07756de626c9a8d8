#!/usr/bin/python
# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write all files of a role in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_files
short_description: Write all configuration files of a role in one call
version_added: 0.1.0
description:
  - Makes directories, writes files and removes strays, comparing content first.
  - One call costs what one C(template) task costs, however many files it writes.
  - Every file is validated before the first one is written, and each is replaced in one step (rename).
  - A file can be held, which reports the difference and leaves the file alone.
extends_documentation_fragment: [kraftops.kafka.attributes.diff]
options:
  directories:
    description: Directories that must exist before the files are written, parents first.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      mode: {description: Permissions., type: str, default: "0755"}
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
  files:
    description: Files to write.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      content: {description: The whole text., type: str}
      copy_of: {description: "In place of O(files[].content), a file of the host that holds it, to the byte.", type: path}
      mode: {description: Permissions., type: str, default: "0644"}
      owner: {description: Owner., type: str, default: root}
      group: {description: Group., type: str, default: root}
      hold:
        description:
          - Do not write; report a difference in RV(held).
          - For a file that a running process may not meet at its next start yet. A missing file is written.
        type: bool
        default: false
      sensitive:
        description: Show no line of it. In a diff and in RV(written), digests stand for the text.
        type: bool
        default: false
      validate:
        description: A command that must succeed on the new text; C(%s) stands for a temporary file that holds it.
        type: str
  absent_globs:
    description: Patterns; files that match and are not listed in O(files) are removed.
    type: list
    elements: str
    default: []
  keep:
    description:
      - A directory of the host, for root alone. What O(files) replace is copied there first, each to its own path below it.
      - The copies of an earlier call make room where this one replaces anything.
    type: path
author: The kraftops.kafka maintainers (@kraftops)
"""

EXAMPLES = r"""
- name: Configure | Write the files of Prometheus
  kraftops.kafka.config_files:
    directories:
      - {path: /etc/prometheus/rules}
    files:
      - path: /etc/prometheus/rules/kafka.yml
        content: "{{ lookup('ansible.builtin.template', 'kafka.yml') }}"
        validate: /opt/prometheus/prometheus-3.13.4/promtool check rules %s
    absent_globs: ["/etc/prometheus/rules/*.yml"]
"""

RETURN = r"""
changed_files:
  description: Files that were written, or whose owner or mode was corrected.
  returned: always
  type: list
  elements: str
removed_files:
  description: Strays that were removed.
  returned: always
  type: list
  elements: str
written:
  description: The files whose text was changed, each with C(path) and the changed lines as C(text); secrets are hidden.
  returned: always
  type: list
  elements: dict
previous:
  description:
    - What would bring back the files that were replaced, in the shape of O(files), each with the copy that O(keep) holds and
      with the owner and the mode that it had. Empty without O(keep), and in check mode.
  returned: always
  type: list
  elements: dict
held:
  description: Held files that differ, each with its changed lines.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "/etc/kafka/server.properties", "lines": ["-num.io.threads=8", "+num.io.threads=16"]}]
"""

import glob
import grp
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._files import (
    Difference,
    difference,
    read_bytes,
    read_text,
)


def log_paths(module: AnsibleModule) -> None:
    """Tell the host's log which files the module was called with, and not what they hold: that log keeps everything."""
    paths = [entry["path"] for entry in module.params["files"]]
    module.log(f"Invoked with files={paths}")


# By default a module logs all its arguments.
QuietModule = type("QuietModule", (AnsibleModule,), {"_log_invocation": log_paths})


def attributes(module: AnsibleModule, entry: dict[str, Any]) -> dict[str, Any]:
    """Return owner, group and mode in the shape of Ansible's helpers."""
    params = {"path": entry["path"], **{key: entry[key] for key in ("mode", "owner", "group")}}
    arguments: dict[str, Any] = module.load_file_common_arguments(params)
    return arguments


def set_attributes(module: AnsibleModule, entry: dict[str, Any]) -> bool:
    """Correct owner, group and mode of an existing path; in check mode only tell whether that is needed."""
    if not os.path.exists(entry["path"]):
        return True
    return bool(module.set_fs_attributes_if_different(attributes(module, entry), False))


def make_directory(module: AnsibleModule, entry: dict[str, Any]) -> bool:
    """Make a directory where there is none; return whether anything changed."""
    path = entry["path"]
    if os.path.exists(path) and not os.path.isdir(path):
        module.fail_json(msg=f"{path}: a directory must be here, and a file is in its place. Move the file away.")
    missing = not os.path.isdir(path)
    if missing and not module.check_mode:
        os.makedirs(path)
    return set_attributes(module, entry) or missing


def wanted(entry: dict[str, Any]) -> bytes:
    """Return what a file should hold."""
    if entry["copy_of"] is None:
        return str(entry["content"] or "").encode()
    return read_bytes(entry["copy_of"]) or b""


def write_temporary(module: AnsibleModule, content: bytes) -> str:
    """Write content to a new file of Ansible's temporary folder; return its path."""
    descriptor, path = tempfile.mkstemp(dir=str(module.tmpdir))
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    return path


def keep_all(folder: str, paths: list[str]) -> list[dict[str, Any]]:
    """Copy files into an empty folder that is root's alone; return the entries that would bring them back."""
    shutil.rmtree(folder, ignore_errors=True)
    return [keep(folder, path) for path in paths]


def keep(folder: str, path: str) -> dict[str, Any]:
    """Copy one file to its own path below a folder; what may hold secrets never leaves the host."""
    copy, found = f"{folder}{path}", os.stat(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(read_bytes(path) or b"")
    return {
        "path": path,
        "copy_of": copy,
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "owner": _name(pwd.getpwuid, found.st_uid),
        "group": _name(grp.getgrgid, found.st_gid),
    }


def _name(look_up: Callable[[int], Any], number: int) -> str:
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def validate(module: AnsibleModule, entry: dict[str, Any]) -> None:
    """Run the product's own checker on the new text and stop when it objects."""
    path = write_temporary(module, wanted(entry))
    code, out, err = module.run_command(entry["validate"].replace("%s", path))
    os.unlink(path)
    if code != 0:
        said = (out + err).strip().replace(path, entry["path"])
        refused = f"the new text was refused by `{entry['validate']}`; nothing was written"
        module.fail_json(msg=f"{entry['path']}: {refused}. {said}")


def checker_is_there(entry: dict[str, Any]) -> bool:
    """Tell whether the checker can run: in check mode on a bare host it is not installed yet."""
    return shutil.which(entry["validate"].split()[0]) is not None


def find_strays(params: dict[str, Any]) -> list[Difference]:
    """Return the files that match a pattern and are not wanted, with their text."""
    wanted = {entry["path"] for entry in params["files"]}
    matches = sorted({path for pattern in params["absent_globs"] for path in glob.glob(pattern)} - wanted)
    return [Difference(path, read_text(path), "") for path in matches if os.path.isfile(path)]


def write(module: AnsibleModule, entry: dict[str, Any], found: Difference) -> bool:
    """Write one file when its text or its attributes differ; return whether they did."""
    if found.changed and not module.check_mode:
        module.atomic_move(write_temporary(module, wanted(entry)), entry["path"])
    return set_attributes(module, entry) or found.changed


def check_all(module: AnsibleModule, entries: list[dict[str, Any]], differences: dict[str, Difference]) -> None:
    """Validate every file that would change, before the first one is written."""
    for entry in entries:
        if (entry["content"] is None) == (entry["copy_of"] is None):
            module.fail_json(msg=f"{entry['path']}: give either content or copy_of.")
        if entry["copy_of"] is not None and not os.path.isfile(entry["copy_of"]):
            module.fail_json(msg=f"{entry['path']}: to be a copy of {entry['copy_of']}, which is not there.")
        if os.path.isdir(entry["path"]):
            module.fail_json(
                msg=f"{entry['path']}: a file must be here, and a directory is in its place. Move it away."
            )
        if not entry["validate"] or not differences[entry["path"]].changed:
            continue
        if checker_is_there(entry):
            validate(module, entry)
        elif not module.check_mode:
            module.fail_json(msg=f"{entry['path']}: `{entry['validate']}` is not installed; nothing was written.")


def is_replaced(one: Difference) -> bool:
    """Tell whether a file is there and its content would be changed."""
    return one.changed and one.exists


def without_contents(params: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments as they may be shown: with -vvv a result says how its module was called."""
    files = [{key: value for key, value in entry.items() if key != "content"} for entry in params["files"]]
    return {**params, "files": files}


def run(module: AnsibleModule, params: dict[str, Any]) -> dict[str, Any]:
    """Do what the module is for and return its result."""
    entries = params["files"]
    differences = {item["path"]: difference(item["path"], wanted(item), item["sensitive"]) for item in entries}
    strays = find_strays(params)
    free = [entry for entry in entries if not (entry["hold"] and differences[entry["path"]].exists)]
    held = [differences[entry["path"]] for entry in entries if entry not in free]
    check_all(module, free, differences)
    replaced = [entry["path"] for entry in free if is_replaced(differences[entry["path"]])]
    keeps = params["keep"] and replaced and not module.check_mode
    previous = keep_all(params["keep"], replaced) if keeps else []
    made = [entry["path"] for entry in params["directories"] if make_directory(module, entry)]
    changed = [entry["path"] for entry in free if write(module, entry, differences[entry["path"]])]
    if not module.check_mode:
        for stray in strays:
            os.unlink(stray.path)
    diffs = [differences[path].as_diff() for path in changed if differences[path].changed]
    return {
        "changed": bool(made or changed or strays),
        "changed_files": changed,
        "removed_files": [stray.path for stray in strays],
        "held": [{"path": item.path, "lines": item.changed_lines()} for item in held if item.changed],
        "written": [
            {"path": path, "text": f"{path}: {'; '.join(differences[path].changed_lines())}"}
            for path in changed
            if differences[path].changed
        ],
        "previous": previous,
        "diff": diffs + [stray.as_diff() for stray in strays],
    }


def main() -> None:
    """Run the module."""
    common = {
        "path": {"type": "path", "required": True},
        "owner": {"type": "str", "default": "root"},
        "group": {"type": "str", "default": "root"},
    }
    file_options = {
        **common,
        "mode": {"type": "str", "default": "0644"},
        "content": {"type": "str"},
        "copy_of": {"type": "path"},
        "hold": {"type": "bool", "default": False},
        "sensitive": {"type": "bool", "default": False},
        "validate": {"type": "str"},
    }
    directory_options = {**common, "mode": {"type": "str", "default": "0755"}}
    module = QuietModule(
        argument_spec={
            "directories": {"type": "list", "elements": "dict", "default": [], "options": directory_options},
            "files": {"type": "list", "elements": "dict", "default": [], "options": file_options},
            "absent_globs": {"type": "list", "elements": "str", "default": []},
            "keep": {"type": "path"},
        },
        supports_check_mode=True,
    )
    params, module.params = module.params, without_contents(module.params)
    try:
        result = run(module, params)
    except OSError as error:  # above all a disk that is full; each file is whole, the old one or the new one
        module.fail_json(msg=f"{error.filename or 'A file'}: {error.strerror}. Mend that and run again.")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
