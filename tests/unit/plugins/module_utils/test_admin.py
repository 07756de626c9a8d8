"""The connection to one node: how it fails, and what it makes of answers."""

from __future__ import annotations

import socket
import subprocess
import sys
import sysconfig
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _admin
from ansible_collections.kraftops.kafka.plugins.module_utils._admin import AdminError, AdminNode, QuorumView, Replica

LIBRARY = sysconfig.get_path("purelib")
# How kafka-python loads its schemas is its own affair.
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")


@pytest.fixture
def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_without_the_library_only_its_use_fails() -> None:
    program = (
        "import sys, importlib.util as u; spec = u.spec_from_file_location('admin', sys.argv[1]);"
        "module = u.module_from_spec(spec); sys.modules['admin'] = module; spec.loader.exec_module(module); print('imported');"
        "module.AdminNode('127.0.0.1:1', library='/nowhere')"
    )
    done = subprocess.run(
        [sys.executable, "-IS", "-c", program, str(_admin.__file__)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "imported\n"
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'kafka'"


@pytest.mark.parametrize("question", ["cluster", "quorum"])
def test_a_closed_port(closed_port: int, question: str) -> None:
    with (
        AdminNode(f"127.0.0.1:{closed_port}", library=LIBRARY, timeout_ms=1000) as node,
        pytest.raises(AdminError) as caught,
    ):
        getattr(node, question)()
    assert str(caught.value).startswith(f"127.0.0.1:{closed_port} cannot be asked: KafkaConnectionError")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answer every request with what the test puts under `answer`; the request itself is kept."""
    heard: dict[str, Any] = {}

    def ask(_self: AdminNode, request: Any) -> Any:
        heard["request"] = request
        return heard["answer"]

    monkeypatch.setattr(AdminNode, "_ask", ask)
    return heard


def broker(node_id: int) -> SimpleNamespace:
    return SimpleNamespace(broker_id=node_id, host=f"b-{node_id}", port=9092, rack=None)


@pytest.mark.parametrize("endpoint", [_admin.BROKERS, _admin.CONTROLLERS])
def test_cluster(asked: dict[str, Any], endpoint: int) -> None:
    asked["answer"] = SimpleNamespace(
        error_code=0, error_message=None, cluster_id="x", controller_id=2, brokers=[broker(11)]
    )
    with AdminNode("127.0.0.1:1", library=LIBRARY) as node:
        view = node.cluster(endpoint)
    assert (view.cluster_id, view.controller_id) == ("x", 2)
    assert view.nodes == {11: _admin.Registration(11, "b-11", 9092, None)}
    assert asked["request"].endpoint_type == endpoint


ERRORS = [
    (6, "not the leader", "127.0.0.1:1 answered: not the leader (error 6)"),
    (6, None, "127.0.0.1:1 answered: NotLeaderForPartitionError (error 6)"),
    (6, "", "127.0.0.1:1 answered: NotLeaderForPartitionError (error 6)"),
]


@pytest.mark.parametrize(("code", "message", "text"), ERRORS)
@pytest.mark.parametrize("question", ["cluster", "quorum"])
def test_an_error_in_the_answer(asked: dict[str, Any], question: str, code: int, message: str, text: str) -> None:
    asked["answer"] = SimpleNamespace(error_code=code, error_message=message)
    with AdminNode("127.0.0.1:1", library=LIBRARY) as node, pytest.raises(AdminError) as caught:
        getattr(node, question)()
    assert str(caught.value) == text


def replica(node_id: int, end: int) -> SimpleNamespace:
    return SimpleNamespace(
        replica_id=node_id,
        replica_directory_id=f"d{node_id}",
        log_end_offset=end,
        last_fetch_timestamp=5,
        last_caught_up_timestamp=6,
    )


def test_quorum(asked: dict[str, Any]) -> None:
    partition = SimpleNamespace(
        error_code=0,
        error_message=None,
        leader_id=1,
        leader_epoch=7,
        high_watermark=90,
        current_voters=[replica(1, 100), replica(2, 80), replica(3, -1)],
        observers=[replica(11, 99)],
    )
    asked["answer"] = SimpleNamespace(
        error_code=0, error_message=None, topics=[SimpleNamespace(partitions=[partition])]
    )
    with AdminNode("127.0.0.1:1", library=LIBRARY) as node:
        view = node.quorum()
        partition.error_code = 41
        with pytest.raises(AdminError, match=r"^127\.0\.0\.1:1 answered: NotControllerError \(error 41\)$"):
            node.quorum()
    assert (view.leader_id, view.leader_epoch, view.high_watermark) == (1, 7, 90)
    assert view.voters[2] == Replica(2, "d2", 80, 5, 6)
    assert list(view.observers) == [11]
    assert [view.lag(node_id) for node_id in (1, 2, 3)] == [0, 20, 100]


def test_log_levels(asked: dict[str, Any]) -> None:
    configs = [SimpleNamespace(name="kafka.server", value="INFO")]
    asked["answer"] = SimpleNamespace(results=[SimpleNamespace(error_code=0, error_message=None, configs=configs)])
    with AdminNode("127.0.0.1:1", library=LIBRARY) as node:
        assert node.log_levels(11) == {"kafka.server": "INFO"}
        asked["answer"].results[0].error_code = 42
        with pytest.raises(AdminError, match=r"^127\.0\.0\.1:1 answered: InvalidRequestError \(error 42\)$"):
            node.log_levels(11)
    assert asked["request"].resources == [(8, "11", None)]


def test_a_view_is_not_changed() -> None:
    view = QuorumView(1, 1, 1, {}, {})
    with pytest.raises(AttributeError):
        view.leader_id = 2  # type: ignore[misc]
