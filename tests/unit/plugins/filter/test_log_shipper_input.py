"""The log shipper's variables are refused with the inventory, all at once."""

from __future__ import annotations

from typing import Any

import pytest

ON = {"log_shipper_enabled": True, "log_shipper_urls": ["https://search-1:9200"]}
SIX = "controller-1, controller-2, controller-3 and 3 more"
URLS = (
    "not a list of addresses of search servers. Write a list of addresses, each with scheme and port and without a path, "
    "such as https://search-1:9200."
)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        ON,
        {**ON, "log_shipper_urls": ["http://10.0.0.1:9200/", "http://s.example.com:9200"]},
        {**ON, "log_shipper_user": "shipper", "log_shipper_password": "words"},
        {"log_shipper_enabled": False, "log_shipper_urls": "nonsense"},
    ],
)
def test_good(inventory: Any, variables: dict[str, Any]) -> None:
    found = inventory.set("all", **variables).check()
    assert found["problems"] == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"log_shipper_urls": ["search-1:9200"]}, f"log_shipper_urls = ['search-1:9200']: {URLS}"),
        ({"log_shipper_urls": ["https://search-1"]}, f"log_shipper_urls = ['https://search-1']: {URLS}"),
        ({"log_shipper_urls": ["https://search-1:99999"]}, f"log_shipper_urls = ['https://search-1:99999']: {URLS}"),
        (
            {"log_shipper_urls": ["https://search-1:9200/logs"]},
            f"log_shipper_urls = ['https://search-1:9200/logs']: {URLS}",
        ),
        ({"log_shipper_urls": "https://search-1:9200"}, f"log_shipper_urls = https://search-1:9200: {URLS}"),
        (
            {"log_shipper_urls": ["https://me:words@search-1:9200"]},
            "log_shipper_urls = (hidden): an address with a name or password in it. "
            "Give name and password as log_shipper_user and log_shipper_password.",
        ),
        (
            {"log_shipper_urls": []},
            "log_shipper_urls: log_shipper_enabled is true, and no search server is named. "
            "Give at least one address, such as https://search-1:9200.",
        ),
        (
            {"log_shipper_user": "shipper"},
            "log_shipper_password: log_shipper_user is given without it. Give both, or none.",
        ),
        (
            {"log_shipper_queue_size": 10},
            "log_shipper_queue_size = 10: out of range. Use a number from 2000 to 1000000.",
        ),
        (
            {"log_shipper_ca": "/etc/ssl/ca.pem"},
            "log_shipper_ca = /etc/ssl/ca.pem: no certificate as PEM text. Write the text of the file, such as lookup('file', 'ca.pem').",
        ),
    ],
)
def test_refused(inventory: Any, variables: dict[str, Any], said: str) -> None:
    found = inventory.set("all", **{**ON, **variables}).check()
    assert [line for line in found["lines"] if "log_shipper" in line] == [f"{SIX}: {said}"]


def test_a_password_over_http_is_a_warning(inventory: Any) -> None:
    own = {"log_shipper_urls": ["http://search-1:9200"], "log_shipper_user": "shipper", "log_shipper_password": "words"}
    found = inventory.set("all", **{**ON, **own}).check()
    assert found["problems"] == []
    assert any("the password goes over the network as plain text" in line for line in found["lines"])
    assert "words" not in str(found)
