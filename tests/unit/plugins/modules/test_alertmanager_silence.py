"""Silences of a real Alertmanager, the staged one (`make artifacts`)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils import _local_http, _silences
from ansible_collections.kraftops.kafka.plugins.modules import alertmanager_silence
from tests.unit.plugins.staged import alertmanager, free_address

NODE = {"cluster": "orders", "instance": "broker-1"}
ALERTS = ["KafkaNodeDown", "KafkaNodeRestarted"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: Any) -> Iterator[str]:
    """Return the address of a running Alertmanager."""
    with alertmanager(tmp_path_factory.mktemp("alertmanager") / "one") as address:
        yield address


@pytest.fixture
def url(running: str) -> Iterator[str]:
    """Return the address, without any silence in force afterwards."""
    yield running
    manager = _silences.Alertmanager([running])
    for one in silences(running):
        manager.remove(one["id"])


def silences(url: str) -> list[dict[str, Any]]:
    """Return the silences in force."""
    answer = _local_http.get(f"{url}/api/v2/silences")
    assert answer is not None
    return [one for one in json.loads(answer.text) if one["status"]["state"] != "expired"]


def left(url: str) -> float:
    """Return how long the only silence lasts."""
    (one,) = silences(url)
    return _silences.seconds_left(one, datetime.now(timezone.utc))


def arguments(url: str, **changes: Any) -> dict[str, Any]:
    return {"urls": [url], "alerts": ALERTS, "matchers": NODE, "seconds": 300, **changes}


def test_present(run_module: Any, url: str) -> None:
    result = run_module(alertmanager_silence.main, arguments(url + "/", comment="Restart"))
    (one,) = silences(url)
    assert (result["changed"], result["note"], result["silence"]) == (True, "", one["id"])
    assert (one["comment"], one["createdBy"]) == ("Restart", "kraftops.kafka")
    assert 290 < left(url) <= 300
    assert {(item["name"], item["value"], item["isRegex"]) for item in one["matchers"]} == {
        ("alertname", "KafkaNodeDown|KafkaNodeRestarted", True),
        ("cluster", "orders", False),
        ("instance", "broker-1", False),
    }
    again = run_module(alertmanager_silence.main, arguments(url, alerts=ALERTS[::-1]))
    assert (again["changed"], again["silence"]) == (False, one["id"])


@pytest.mark.parametrize(("seconds", "changed"), [(300, False), (500, False), (700, True)])
def test_one_that_ends_too_soon_lasts_longer(run_module: Any, url: str, seconds: int, changed: bool) -> None:
    first = run_module(alertmanager_silence.main, arguments(url))
    result = run_module(alertmanager_silence.main, arguments(url, seconds=seconds))
    assert (result["changed"], result["silence"]) == (changed, first["silence"])
    assert abs(left(url) - (seconds if changed else 300)) < 5


@pytest.mark.parametrize(
    "other",
    [
        {"matchers": {**NODE, "instance": "broker-2"}},
        {"alerts": ["KafkaNodeDown"]},
        {"author": "somebody"},
    ],
)
def test_only_its_own_silence_is_known(run_module: Any, url: str, other: dict[str, Any]) -> None:
    run_module(alertmanager_silence.main, arguments(url, **other))
    assert run_module(alertmanager_silence.main, arguments(url, state="absent"))["changed"] is False
    assert run_module(alertmanager_silence.main, arguments(url))["changed"] is True
    assert len(silences(url)) == 2


def test_absent(run_module: Any, url: str) -> None:
    run_module(alertmanager_silence.main, arguments(url))
    assert run_module(alertmanager_silence.main, arguments(url, state="absent"))["changed"] is True
    assert silences(url) == []
    assert run_module(alertmanager_silence.main, arguments(url, state="absent"))["changed"] is False


def test_absent_in_a_while(run_module: Any, url: str) -> None:
    first = run_module(alertmanager_silence.main, arguments(url, comment="Restart"))
    result = run_module(alertmanager_silence.main, arguments(url, state="absent", grace=60))
    assert (result["changed"], result["silence"]) == (True, first["silence"])
    assert 50 < left(url) <= 60
    assert silences(url)[0]["comment"] == "Restart"
    assert run_module(alertmanager_silence.main, arguments(url, state="absent", grace=60))["changed"] is False


def test_check_mode(run_module: Any, url: str) -> None:
    assert run_module(alertmanager_silence.main, arguments(url), check=True)["changed"] is True
    assert silences(url) == []
    run_module(alertmanager_silence.main, arguments(url))
    assert run_module(alertmanager_silence.main, arguments(url, state="absent"), check=True)["changed"] is True
    assert len(silences(url)) == 1


REFUSED = [
    (
        {"alerts": ["KafkaNodeDown", "KafkaOfflinePartitions", "KafkaNoActiveController"]},
        "KafkaNoActiveController, KafkaOfflinePartitions: never silenced, because no planned work explains it. "
        "Leave it out of alerts.",
    ),
    ({"alerts": []}, "alerts is empty: that would silence everything. Name the alerts."),
    (
        {"alerts": ["Kafka.*"]},
        "Kafka.*: not the name of an alert. Name each alert in full; patterns are not taken.",
    ),
    (
        {"matchers": {"cluster": "orders"}},
        "matchers has no instance: that would silence other nodes too. Name the node.",
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_refused(run_module: Any, url: str, changes: dict[str, Any], message: str) -> None:
    result = run_module(alertmanager_silence.main, arguments(url, **changes))
    assert (result["failed"], result["msg"]) == (True, message)
    assert silences(url) == []


def test_nobody_answers(run_module: Any) -> None:
    """A note: no roll stops because nobody can be told."""
    dead = "http://127.0.0.1:1"
    result = run_module(alertmanager_silence.main, arguments(dead))
    assert (result["changed"], result["silence"]) == (False, "")
    assert result["note"] == f"{dead} cannot be asked: [Errno 111] Connection refused: no alert is silenced."
    result = run_module(alertmanager_silence.main, arguments(dead, state="absent"))
    assert result["note"].endswith("Connection refused: its silence ends by itself.")


def test_the_first_that_answers(run_module: Any, url: str) -> None:
    assert run_module(alertmanager_silence.main, arguments(url, urls=["http://127.0.0.1:1", url]))["changed"] is True
    assert len(silences(url)) == 1


def test_peers_share_their_silences(run_module: Any, tmp_path: Path) -> None:
    """So that one that is told is enough."""
    first, second = free_address(), free_address()
    with alertmanager(tmp_path / "a", first, second) as one, alertmanager(tmp_path / "b", second, first) as other:
        result = run_module(alertmanager_silence.main, arguments(one))
        limit = time.monotonic() + 30
        while not silences(other):
            assert time.monotonic() < limit
            time.sleep(0.2)
        assert silences(other)[0]["id"] == result["silence"]
        assert run_module(alertmanager_silence.main, arguments(other))["changed"] is False


def test_without_any(run_module: Any) -> None:
    result = run_module(alertmanager_silence.main, arguments("", urls=[]))
    assert (result["changed"], result["silence"], result["note"]) == (False, "", "")


def test_something_else_answers(run_module: Any, web: Any) -> None:
    web.answer = lambda _request: (404, "no such page")
    result = run_module(alertmanager_silence.main, arguments(web.url))
    assert result["note"] == f"{web.url} answers 404: no such page: no alert is silenced."


@pytest.mark.parametrize(
    ("ends", "seconds"),
    [("2026-01-01T00:01:00Z", 60), ("2026-01-01T00:01:00.5Z", 60.5), ("2026-01-01T00:01:00.123456789Z", 60.123456)],
)
def test_seconds_left(ends: str, seconds: float) -> None:
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert _silences.seconds_left({"endsAt": ends}, now) == pytest.approx(seconds)
