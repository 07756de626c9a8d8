"""What a host is: read from this one, and from texts as other hosts have them."""

from __future__ import annotations

import ctypes
import glob
import os
import pwd
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _node_report


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Replace what the host's files say; the others are empty."""
    texts: dict[str, str] = {}
    monkeypatch.setattr(_node_report, "read", lambda path: texts.get(path, ""))
    return texts


def test_read_what_cannot_be_read(tmp_path: Path) -> None:
    assert _node_report.read(str(tmp_path / "absent")) == ""
    assert _node_report.read(str(tmp_path)) == ""
    (tmp_path / "x").write_bytes(b"a\xff\n")
    assert _node_report.read(str(tmp_path / "x")) == "a\N{REPLACEMENT CHARACTER}\n"


def test_assignments() -> None:
    text = '# a=1\n\n  #b=2\nID=debian\nNAME="Debian 13" \nurl=x=y\nno value\n'
    assert _node_report.assignments(text) == {"ID": "debian", "NAME": "Debian 13", "url": "x=y"}


def test_operating_system(files: dict[str, str]) -> None:
    assert _node_report.operating_system() == {"id": "", "version": "", "name": ""}
    files["/etc/os-release"] = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nID=debian\n'
    expected = {"id": "debian", "version": "13", "name": "Debian GNU/Linux 13 (trixie)"}
    assert _node_report.operating_system() == expected


MEMORY = [
    ({}, 0),
    ({"/proc/meminfo": "MemTotal:       1000 kB\nMemFree: 1 kB\n"}, 1024000),
    ({"/proc/meminfo": "MemTotal: 1000 kB\n", "/sys/fs/cgroup/memory.max": "max\n"}, 1024000),
    ({"/proc/meminfo": "MemTotal: 1000 kB\n", "/sys/fs/cgroup/memory.max": "5000\n"}, 5000),
    ({"/proc/meminfo": "MemTotal: 1000 kB\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": "7000\n"}, 7000),
    ({"/proc/meminfo": "MemTotal: 1000 kB\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": str(2**63)}, 1024000),
]


@pytest.mark.parametrize(("texts", "expected"), MEMORY)
def test_memory(files: dict[str, str], texts: dict[str, str], expected: int) -> None:
    files.update(texts)
    assert _node_report.memory_bytes() == expected


CONTAINERS = [
    ("HOME=/\0container=podman\0", False, "podman"),
    ("HOME=/\0", True, "docker"),
    ("HOME=/\0notcontainer=x\0", False, ""),
]


@pytest.mark.parametrize(("environment", "mark", "expected"), CONTAINERS)
def test_container(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch, environment: str, mark: bool, expected: str
) -> None:
    files["/proc/1/environ"] = environment
    monkeypatch.setattr(os.path, "exists", lambda _path: mark)
    assert _node_report.container() == expected


@pytest.mark.parametrize(("state", "synchronized"), [(0, True), (5, False), (-1, True)])
def test_clock(monkeypatch: pytest.MonkeyPatch, state: int, synchronized: bool) -> None:
    library = type("Library", (), {"adjtimex": staticmethod(lambda _buffer: state)})
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    before = time.time()
    clock = _node_report.clock()
    assert before <= clock["time"] <= time.time()
    assert clock["synchronized"] is synchronized


def test_the_real_clock_can_be_asked() -> None:
    assert isinstance(_node_report.clock()["synchronized"], bool)


RELEASES: list[tuple[Optional[str], Optional[int]]] = [
    ('IMPLEMENTOR="Debian"\nJAVA_VERSION="21.0.6"\nOS_NAME="Linux"\n', 21),
    ('JAVA_VERSION="17"\n', 17),
    ('JAVA_VERSION="1.8.0_432"\n', 8),
    ('JAVA_VERSION="25-ea"\n', 25),
    ("OS_NAME=Linux\n", 0),
    (None, 0),
]


@pytest.fixture
def make_java(tmp_path: Path) -> Callable[..., str]:
    """Return a maker of Java installations."""

    def make(release: Optional[str], mode: int = 0o755) -> str:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "java").write_text("")
        (tmp_path / "bin" / "java").chmod(mode)
        if release is not None:
            (tmp_path / "release").write_text(release)
        return str(tmp_path)

    return make


@pytest.mark.parametrize(("release", "expected"), RELEASES)
def test_java_version(make_java: Callable[..., str], release: Optional[str], expected: Optional[int]) -> None:
    home = make_java(release)
    assert _node_report.java_version(home) == expected
    assert {"home": home, "version": expected} in _node_report.java_installations(home)


def test_no_java(make_java: Callable[..., str], tmp_path: Path) -> None:
    assert _node_report.java_version(str(tmp_path / "absent")) is None
    home = make_java('JAVA_VERSION="21"', mode=0o644)
    assert _node_report.java_version(home) is None
    assert home not in [item["home"] for item in _node_report.java_installations(home)]


def test_resolve() -> None:
    assert _node_report.resolve("127.0.0.1") == {"addresses": ["127.0.0.1"], "error": ""}


def test_resolve_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert _node_report.resolve("x") == {"addresses": [], "error": "[Errno -2] Name or service not known"}


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_socket_that_listens_is_found_with_its_process(family: int, host: str) -> None:
    try:
        one = socket.socket(family)
        one.bind((host, 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with one:
        port = one.getsockname()[1]
        assert _node_report.listeners([port]) == []
        one.listen()
        command = Path("/proc/self/comm").read_text().strip()
        user = pwd.getpwuid(os.getuid()).pw_name
        found = _node_report.listeners([port, 1])
        assert [{**item, "unit": ""} for item in found] == [
            {"port": port, "user": user, "pid": os.getpid(), "command": command, "unit": ""}
        ]


TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000   106        0 4242 1 0000000000000000 100 0 0 10 0
   1: 0100007F:2385 0100007F:2384 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0000000000000000 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4244 1 0000000000000000 100 0 0 10 0
"""


def test_listening_sockets(files: dict[str, str]) -> None:
    files["/proc/net/tcp"] = TCP
    assert _node_report.listening_sockets([9092, 9093]) == {"socket:[4242]": (9092, 106)}


def test_a_process_that_may_not_be_seen(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    files["/proc/net/tcp"] = TCP
    monkeypatch.setattr(glob, "glob", lambda _pattern: [])
    monkeypatch.setattr(_node_report, "user_name", lambda number: f"user {number}")
    expected = {"port": 9092, "user": "user 106", "pid": 0, "command": "", "unit": ""}
    assert _node_report.listeners([9092]) == [expected]


def test_user_name() -> None:
    assert _node_report.user_name(0) == "root"
    assert _node_report.user_name(3999999999) == "3999999999"


UNITS = [
    ("0::/system.slice/kafka.service\n", "kafka.service"),
    ("0::/user.slice/user-0.slice/user@0.service/app.slice/x.service\n", "x.service"),
    ("1:name=systemd:/system.slice/a-b.service\n0::/\n", "a-b.service"),
    ("0::/user.slice/session-1.scope\n", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), UNITS)
def test_unit_of(files: dict[str, str], text: str, expected: str) -> None:
    files["/proc/7/cgroup"] = text
    assert _node_report.unit_of(7) == expected
