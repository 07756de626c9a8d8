"""Writing many files: real ones, in a folder of the test."""

from __future__ import annotations

import errno
import grp
import json
import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.kraftops.kafka.plugins.module_utils._difference import digest
from ansible_collections.kraftops.kafka.plugins.modules import config_files

OWNER, GROUP = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder that the files are written to; Ansible's own temporary files lie elsewhere."""
    path = tmp_path / "etc"
    path.mkdir()
    return path


@pytest.fixture
def run(run_module: Run) -> Run:
    """Return a function that writes `files` and `directories`, owned by who runs the tests."""

    def call(*files: dict[str, Any], check: bool = False, **arguments: Any) -> dict[str, Any]:
        entries = [{"owner": OWNER, "group": GROUP, **item} for item in files]
        directories = [{"owner": OWNER, "group": GROUP, **item} for item in arguments.pop("directories", [])]
        return run_module(config_files.main, {"files": entries, "directories": directories, **arguments}, check=check)

    return call


def entry(path: Path, content: str = "new\n", **values: Any) -> dict[str, Any]:
    return {"path": str(path), "content": content, **values}


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o7777)


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_a_file_is_made_and_then_left_alone(folder: Path, run: Run) -> None:
    path = folder / "x"
    first = run(entry(path, mode="0640"))
    assert path.read_text() == "new\n"
    assert mode(path) == "0o640"
    assert (first["changed"], first["changed_files"], first["held"], first["removed_files"]) == (
        True,
        [str(path)],
        [],
        [],
    )
    assert first["diff"] == [
        {"before": "", "after": "new\n", "before_header": f"{path} (absent)", "after_header": str(path)}
    ]
    inode = path.stat().st_ino
    second = run(entry(path, mode="0640"))
    assert (second["changed"], second["changed_files"], second["diff"]) == (False, [], [])
    assert path.stat().st_ino == inode


CONTENTS = [b"old\n", b"", b"new", b"new\r\n", b"new\n\n", b"\xff\xfe"]


@pytest.mark.parametrize("content", CONTENTS)
def test_any_other_content_is_replaced_to_the_byte(folder: Path, run: Run, content: bytes) -> None:
    path = folder / "x"
    path.write_bytes(content)
    assert run(entry(path))["changed_files"] == [str(path)]
    assert path.read_bytes() == b"new\n"


@pytest.mark.parametrize("text", ["", "no newline", "\n\n", "ä€\n", "a\r\nb"])
def test_text_is_written_as_it_is(folder: Path, run: Run, text: str) -> None:
    path = folder / "x"
    run(entry(path, text))
    assert path.read_bytes() == text.encode()
    assert run(entry(path, text))["changed"] is False


def test_the_diff_shows_what_was_there(folder: Path, run: Run) -> None:
    path = folder / "x"
    path.write_bytes(b"old\xff\n")
    header = {"before_header": str(path), "after_header": str(path)}
    assert run(entry(path))["diff"] == [{"before": "old\\xff\n", "after": "new\n", **header}]


@pytest.mark.parametrize("check", [True, False])
def test_only_the_mode_differs(folder: Path, run: Run, check: bool) -> None:
    path = folder / "x"
    path.write_text("new\n")
    path.chmod(0o600)
    result = run(entry(path), check=check)
    assert (result["changed"], result["changed_files"], result["diff"]) == (True, [str(path)], [])
    assert mode(path) == ("0o600" if check else "0o644")


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_only_the_owner_differs(folder: Path, run: Run) -> None:
    path = folder / "x"
    path.write_text("new\n")
    os.chown(path, 12345, 12345)
    path.chmod(0o644)
    assert run(entry(path))["changed_files"] == [str(path)]
    assert (path.stat().st_uid, path.stat().st_gid) == (0, 0)


# --- Held files ---


def test_a_held_file_that_differs_is_reported_and_left(folder: Path, run: Run) -> None:
    path = folder / "x"
    path.write_text("a=1\nb=2\n")
    path.chmod(0o600)
    result = run(entry(path, "a=1\nb=3\n", hold=True))
    assert path.read_text() == "a=1\nb=2\n"
    assert mode(path) == "0o600"
    assert result["held"] == [{"path": str(path), "lines": ["-b=2", "+b=3"]}]
    assert (result["changed"], result["changed_files"], result["diff"]) == (False, [], [])


def test_a_held_file_that_is_missing_is_written(folder: Path, run: Run) -> None:
    path = folder / "x"
    result = run(entry(path, hold=True))
    assert path.read_text() == "new\n"
    assert (result["held"], result["changed_files"]) == ([], [str(path)])


def test_a_held_file_that_is_right_is_not_reported(folder: Path, run: Run) -> None:
    path = folder / "x"
    path.write_text("new\n")
    assert run(entry(path, hold=True))["held"] == []


def test_holding_one_file_does_not_hold_the_other(folder: Path, run: Run) -> None:
    (folder / "a").write_text("old\n")
    (folder / "b").write_text("old\n")
    result = run(entry(folder / "a", hold=True), entry(folder / "b"))
    assert [item["path"] for item in result["held"]] == [str(folder / "a")]
    assert result["changed_files"] == [str(folder / "b")]


# --- Validation ---


@pytest.mark.parametrize("check", [True, False])
def test_nothing_is_written_when_one_text_is_refused(folder: Path, run: Run, check: bool) -> None:
    (folder / "stray").write_text("")
    checker = "/bin/grep -q good %s"
    result = run(
        entry(folder / "a", "good\n", validate=checker),
        entry(folder / "b", "bad\n", validate=checker),
        directories=[{"path": str(folder / "made")}],
        absent_globs=[f"{folder}/stray"],
        check=check,
    )
    assert result["failed"]
    assert result["msg"] == f"{folder}/b: the new text was refused by `{checker}`; nothing was written. "
    assert names(folder) == ["stray"]


def test_what_the_checker_said_names_the_real_file(folder: Path, run: Run) -> None:
    result = run(entry(folder / "a", validate="/bin/ls %s/x"))
    assert result["msg"].startswith(f"{folder}/a: the new text was refused by `/bin/ls %s/x`; nothing was written. ")
    assert f"{folder}/a/x" in result["msg"]


def test_a_text_that_passes_is_written(folder: Path, run: Run) -> None:
    result = run(entry(folder / "a", "100 % good\n", validate="/bin/grep -q '100 % good' %s"))
    assert result["changed_files"] == [f"{folder}/a"]


def test_a_file_that_does_not_change_is_not_checked(folder: Path, run: Run) -> None:
    (folder / "a").write_text("new\n")
    assert run(entry(folder / "a", validate="/bin/false %s"))["changed"] is False


def test_a_missing_checker(folder: Path, run: Run) -> None:
    wanted = entry(folder / "a", validate="/nowhere/checker %s")
    assert run(wanted, check=True)["changed_files"] == [f"{folder}/a"]
    result = run(wanted)
    assert result["failed"]
    assert result["msg"] == f"{folder}/a: `/nowhere/checker %s` is not installed; nothing was written."
    assert names(folder) == []


# --- Strays ---


@pytest.mark.parametrize("check", [True, False])
def test_strays_are_removed(folder: Path, run: Run, check: bool) -> None:
    for name in ("a.yml", "b.yml", "c.txt"):
        (folder / name).write_text("new\n")
    (folder / "d.yml").mkdir()
    result = run(entry(folder / "a.yml"), absent_globs=[f"{folder}/*.yml", f"{folder}/b*"], check=check)
    assert (result["changed"], result["removed_files"], result["changed_files"]) == (True, [f"{folder}/b.yml"], [])
    header = {"before_header": f"{folder}/b.yml", "after_header": f"{folder}/b.yml"}
    assert result["diff"] == [{"before": "new\n", "after": "", **header}]
    assert names(folder) == ["a.yml", *["b.yml"] * check, "c.txt", "d.yml"]


def test_no_strays_is_no_change(folder: Path, run: Run) -> None:
    (folder / "a.yml").write_text("new\n")
    assert run(entry(folder / "a.yml"), absent_globs=[f"{folder}/*.yml"])["changed"] is False


def test_a_held_file_is_no_stray(folder: Path, run: Run) -> None:
    (folder / "a.yml").write_text("old\n")
    assert run(entry(folder / "a.yml", hold=True), absent_globs=[f"{folder}/*.yml"])["removed_files"] == []
    assert names(folder) == ["a.yml"]


# --- Directories ---


def test_directories_come_before_files(folder: Path, run: Run) -> None:
    wanted = [{"path": str(folder / "d")}, {"path": str(folder / "d" / "e"), "mode": "0750"}]
    result = run(entry(folder / "d" / "e" / "x"), directories=wanted)
    assert (folder / "d" / "e" / "x").read_text() == "new\n"
    assert (mode(folder / "d"), mode(folder / "d" / "e")) == ("0o755", "0o750")
    assert result["changed"] is True
    assert run(entry(folder / "d" / "e" / "x"), directories=wanted)["changed"] is False
    (folder / "d").chmod(0o700)
    assert run(directories=wanted)["changed"] is True
    assert mode(folder / "d") == "0o755"


def test_check_mode_changes_nothing(folder: Path, run: Run) -> None:
    (folder / "old").write_text("old\n")
    wanted = [entry(folder / "d" / "x"), entry(folder / "old")]
    result = run(*wanted, directories=[{"path": str(folder / "d")}], check=True)
    assert (result["changed"], result["changed_files"]) == (True, [f"{folder}/d/x", f"{folder}/old"])
    assert len(result["diff"]) == 2
    assert names(folder) == ["old"]
    assert (folder / "old").read_text() == "old\n"


@pytest.mark.parametrize("check", [True, False])
def test_a_file_where_a_directory_must_be(folder: Path, run: Run, check: bool) -> None:
    (folder / "d").write_text("kept")
    result = run(entry(folder / "x"), directories=[{"path": str(folder / "d")}], check=check)
    assert result["failed"]
    assert result["msg"] == f"{folder}/d: a directory must be here, and a file is in its place. Move the file away."
    assert names(folder) == ["d"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("hold", [True, False])
def test_a_directory_where_a_file_must_be(folder: Path, run: Run, check: bool, hold: bool) -> None:
    (folder / "d").mkdir()
    result = run(entry(folder / "a"), entry(folder / "d", hold=hold), check=check)
    assert result["failed"]
    assert result["msg"] == f"{folder}/d: a file must be here, and a directory is in its place. Move it away."
    assert names(folder) == ["d"]


# --- What was there before ---


def test_what_was_written_is_told_without_secrets(folder: Path, run: Run) -> None:
    path = folder / "x"
    path.write_text("a=1\nssl.key.password=old\n")
    result = run(entry(path, "a=2\nssl.key.password=new=er\n"), entry(folder / "made", "b=1\n"))
    old, new = digest("ssl.key.password", "old"), digest("ssl.key.password", "new=er")
    changed = f"-a=1; -ssl.key.password={old}; +a=2; +ssl.key.password={new}"
    assert result["written"] == [
        {"path": str(path), "text": f"{path}: {changed}"},
        {"path": f"{folder}/made", "text": f"{folder}/made: +b=1"},
    ]


def test_a_sensitive_file_is_never_shown(folder: Path, run: Run) -> None:
    """Whatever its lines look like; and yet a difference can be seen."""
    path = folder / "x"
    path.write_text('{"pass": "planted-old"}\n')
    result = run(entry(path, '{"pass": "planted-new"}\n', sensitive=True))
    assert path.read_text() == '{"pass": "planted-new"}\n'
    assert "planted" not in json.dumps(result)
    (shown,) = result["diff"]
    assert shown["before"] != shown["after"]
    assert run(entry(path, '{"pass": "planted-new"}\n', sensitive=True))["changed"] is False


def test_the_hosts_log_is_told_paths_and_not_what_they_hold(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _module, message, **_arguments: told.append(str(message)))
    run(entry(folder / "x", "ssl.key.password=planted\n"))
    assert told == [f"Invoked with files=['{folder}/x']"]


@pytest.mark.parametrize("checker", ["", "/bin/false %s"])
def test_how_it_was_called_is_said_without_what_the_files_hold(folder: Path, run: Run, checker: str) -> None:
    """With -vvv Ansible prints that, also of a call that fails."""
    path = folder / "x"
    path.write_text("ssl.key.password=planted-old\n")
    validate = {"validate": checker} if checker else {}
    result = run(entry(path, "ssl.key.password=planted-new\n", **validate), keep=f"{folder}/kept")
    assert result["invocation"]["module_args"]["files"][0]["path"] == str(path)
    assert "planted" not in json.dumps(result)
    assert bool(checker) == result.get("failed", False)


OLD = [b"old\n", b"", b"\xff\xfe\\xff", b"no newline", b"a\r\nb\r", "ä€\n\n".encode(), b"ssl.key.password=old\n"]


@pytest.mark.parametrize("content", OLD)
def test_previous_brings_a_file_back_to_the_byte(folder: Path, run: Run, content: bytes) -> None:
    path, kept = folder / "x", folder / "kept"
    path.write_bytes(content)
    path.chmod(0o600)
    previous = run(entry(path, mode="0640"), keep=str(kept))["previous"]
    copy = f"{kept}{path}"
    assert previous == [{"path": str(path), "copy_of": copy, "mode": "0600", "owner": OWNER, "group": GROUP}]
    assert (mode(kept), mode(Path(copy))) == ("0o700", "0o600")
    assert (path.read_bytes(), mode(path)) == (b"new\n", "0o640")
    assert run(*previous)["changed_files"] == [str(path)]
    assert (path.read_bytes(), mode(path)) == (content, "0o600")
    assert run(*previous)["changed"] is False


def test_previous_holds_only_what_was_replaced(folder: Path, run: Run) -> None:
    """No file that is new, that is right, that is held, or of which only the mode was wrong."""
    (folder / "right").write_text("new\n")
    (folder / "held").write_text("old\n")
    (folder / "mode").write_text("new\n")
    (folder / "mode").chmod(0o600)
    result = run(
        entry(folder / "made"),
        entry(folder / "right"),
        entry(folder / "held", hold=True),
        entry(folder / "mode"),
        keep=f"{folder}/kept",
    )
    assert result["previous"] == []
    assert [item["path"] for item in result["written"]] == [f"{folder}/made"]
    assert not (folder / "kept").exists()


def test_the_copies_of_the_last_change_are_kept_until_the_next_one(folder: Path, run: Run) -> None:
    path, other, kept = folder / "x", folder / "y", folder / "kept"
    path.write_text("first\n")
    other.write_text("other\n")
    run(entry(path, "second\n"), entry(other, "another\n"), keep=str(kept))
    run(entry(path, "second\n"), keep=str(kept))
    assert Path(f"{kept}{path}").read_text() == "first\n"
    run(entry(path, "third\n"), keep=str(kept))
    assert Path(f"{kept}{path}").read_text() == "second\n"
    assert not Path(f"{kept}{other}").exists()


def test_check_mode_tells_what_would_be_written(folder: Path, run: Run) -> None:
    (folder / "x").write_text("old\n")
    result = run(entry(folder / "x"), keep=f"{folder}/kept", check=True)
    assert result["written"] == [{"path": f"{folder}/x", "text": f"{folder}/x: -old; +new"}]
    assert (result["previous"], names(folder)) == ([], ["x"])


def test_an_owner_without_a_name_is_a_number(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(number: int) -> None:
        raise KeyError(number)

    (folder / "x").write_text("old\n")
    monkeypatch.setattr(pwd, "getpwuid", fail)
    assert run(entry(folder / "x"), keep=f"{folder}/kept")["previous"][0]["owner"] == str(os.getuid())


def test_nothing_is_written_where_the_old_files_cannot_be_kept(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk."""

    def full(folder: str, path: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{folder}{path}")

    (folder / "x").write_text("old\n")
    monkeypatch.setattr(config_files, "keep", full)
    kept = folder.parent / "kept"
    result = run(entry(folder / "x"), entry(folder / "y"), keep=str(kept))
    assert result["msg"] == f"{kept}{folder}/x: No space left on device. Mend that and run again."
    assert ((folder / "x").read_text(), names(folder)) == ("old\n", ["x"])


@pytest.mark.parametrize("more", [{"content": None}, {"copy_of": "/etc/hosts"}])
def test_content_is_given_once(folder: Path, run: Run, more: dict[str, Any]) -> None:
    assert run({**entry(folder / "x"), **more})["msg"] == f"{folder}/x: give either content or copy_of."
    assert not (folder / "x").exists()


def test_a_copy_of_what_is_not_there(folder: Path, run: Run) -> None:
    """The old file stays."""
    (folder / "x").write_text("old\n")
    result = run({"path": f"{folder}/x", "copy_of": f"{folder}/nowhere"})
    assert result["msg"] == f"{folder}/x: to be a copy of {folder}/nowhere, which is not there."
    assert (folder / "x").read_text() == "old\n"
