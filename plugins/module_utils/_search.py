# Copyright: The kraftops.kafka maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks Elasticsearch or OpenSearch, never through a proxy, and says in words why it refuses."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Optional

# What the server adds to a template by itself, or a template may leave out.
DEFAULTS: dict[str, Any] = {"composed_of": [], "_meta": {}, "ignore_missing_component_templates": []}


class UnreachableError(Exception):
    """No server answers."""


class SearchRefusedError(Exception):
    """A server answers, and does not do what was asked; the text says why and what to do."""


class Search:
    """The servers of one cluster; `url` is the one that answered."""

    def __init__(self, urls: list[str], user: str, password: str, ca_file: str, timeout: float) -> None:
        """Remember whom to ask, and as whom."""
        self.url = ""
        self._urls, self._user, self._password, self._timeout = urls, user, password, timeout
        self._ca_file = ca_file

    def template(self, name: str) -> Optional[dict[str, Any]]:
        """Return an index template, or None when there is none."""
        status, answer = self._ask("GET", f"/_index_template/{name}")
        if status == 404:
            return None
        found: list[dict[str, Any]] = answer.get("index_templates", []) if isinstance(answer, dict) else []
        if status != 200 or not found:
            raise SearchRefusedError(
                f"{self.url} answers {status} to a question for the index template {name}. Is it a search server?"
            )
        body: dict[str, Any] = found[0]["index_template"]
        return body

    def put_template(self, name: str, body: Mapping[str, Any]) -> None:
        """Make or replace an index template."""
        status, answer = self._ask("PUT", f"/_index_template/{name}", body)
        if status not in (200, 201):
            raise SearchRefusedError(
                f"{self.url} does not take the index template {name} (status {status}): {_reason(answer)}"
            )

    def _ask(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> tuple[int, Any]:
        """Ask the first server that answers."""
        silent = []
        for url in [self.url] if self.url else self._urls:
            try:
                status, answer = self._request(method, url.rstrip("/") + path, body)
            except ssl.SSLCertVerificationError as error:
                raise SearchRefusedError(_distrust(url, error.verify_message)) from error
            except (OSError, ValueError) as error:
                reason = getattr(error, "reason", error)
                if isinstance(reason, ssl.SSLCertVerificationError):
                    raise SearchRefusedError(_distrust(url, reason.verify_message)) from error
                silent.append(f"{url} ({reason})")
                continue
            self.url = url
            if status in (401, 403):
                raise SearchRefusedError(self._unwelcome(status))
            return status, answer
        raise UnreachableError(f"No search server answers: {', '.join(silent)}.")

    def _unwelcome(self, status: int) -> str:
        if not self._user:
            return f"{self.url} wants a name and a password (status {status}). Give log_shipper_user and log_shipper_password."
        if status == 401:
            return f"{self.url} refuses the password of {self._user} (status 401). Correct log_shipper_user or log_shipper_password."
        return (
            f"{self.url} knows {self._user} and does not let it do this (status 403). Give it the right to manage index templates, "
            "and to create documents and data streams under logs-kafka.*."
        )

    def _request(self, method: str, url: str, body: Optional[Mapping[str, Any]]) -> tuple[int, Any]:
        request = urllib.request.Request(url, method=method)  # noqa: S310 (the inventory check lets http and https pass only)
        if self._user:
            token = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if url.startswith("https:"):
            context = ssl.create_default_context(cafile=self._ca_file or None)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=self._timeout) as response:
                return response.status, _parsed(response.read())
        except urllib.error.HTTPError as error:
            return error.code, _parsed(error.read())


def _distrust(url: str, why: str) -> str:
    return f"The certificate of {url} is not trusted: {why}. Give the authority's certificate as log_shipper_ca."


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")[:300]


def _reason(answer: Any) -> str:
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    return str(error.get("reason", error) if isinstance(error, dict) else error)[:500]


def same_words(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template in the one form in which two can be compared, whoever wrote it."""
    body = {key: value for key, value in template.items() if key not in DEFAULTS or value != DEFAULTS[key]}
    inner = dict(body.get("template") or {})
    settings = {
        name if name.startswith("index.") else f"index.{name}": value
        for name, value in flat(inner.get("settings") or {}).items()
    }
    inner["settings"] = dict(sorted(settings.items()))
    # Of a data stream only counts that it is one: the server adds how it keeps time, and whether it is hidden.
    return {
        **body,
        "template": inner,
        "data_stream": "data_stream" in template,
        "priority": int(template.get("priority") or 0),
    }


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested settings as {a.b: text}, as the server does."""
    found: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found.update(flat(value, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return found
