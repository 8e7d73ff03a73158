"""One connection to one cluster: authenticated HTTP, deadlines, retries of reads, and errors in our words.

Raw JSON over the official client's connection pool: its models cost time and drop fields that they do not know.
Writes are never retried here: after a lost answer the caller reads again and compares.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import stamina
import urllib3
from yaml import YAMLError

from cictl.clients.kubernetes_library import Library, load
from cictl.errors import CictlError, ConfigInvalid, Conflict, FarSideFailed, NotAllowed, NotFound, Unreachable

Json = dict[str, Any]
ApiClient, Configuration, kubernetes_config = load()
READ_DEADLINE_SECONDS = 10.0
_REDIRECT = 300
_SERVER_TROUBLE = 500
_TOO_MANY = 429
_LONGEST_WORDS = 300  # bytes of what is no Status


class Moved(Conflict):
    """A conditional write was refused: the object is no longer as it was read."""


class Invalid(FarSideFailed):
    """The API server or an admission policy refuses the object."""


class Overloaded(Unreachable):
    """The API server answers, but cannot serve now."""


class AnswerLost(Unreachable):
    """A write was sent and its answer never came: it may or may not have been done."""


class WatchExpired(Conflict):
    """The resourceVersion to watch from is too old: list again."""


class Connection:
    """Requests to the API server of one kubeconfig context."""

    def __init__(self, client: Library, *, name: str, timeout_seconds: float = 10.0) -> None:
        """Use CLIENT's pool and credentials; NAME stands for the cluster in messages."""
        self._client = client
        self._pool = client.rest_client.pool_manager
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._offset: float | None = None
        self.name = name
        self.requests = 0

    @classmethod
    def from_kubeconfig(cls, context: str | None, *, path: str | None = None) -> Connection:
        """Connect by a kubeconfig CONTEXT (None: the current one), or as a pod with its ServiceAccount."""
        configuration = Configuration()
        try:
            kubernetes_config.load_kube_config(config_file=path, context=context, client_configuration=configuration)
        except kubernetes_config.ConfigException as problem:
            _load_in_cluster(configuration, context, problem)
        except (YAMLError, OSError, UnicodeDecodeError, TypeError) as problem:
            message = f"the kubeconfig cannot be read: {' '.join(str(problem).split())}"
            raise ConfigInvalid(message, hint="correct the file, or set KUBECONFIG to another") from problem
        configuration.retries = False
        return cls(ApiClient(configuration), name=context or "the current context")

    def now(self) -> float:
        """Return the API server's time in seconds since the epoch, as its last `Date` headers tell."""
        if self._offset is None:
            self.get("/version")
        return time.monotonic() + (self._offset or 0.0)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Read; retried within a deadline while the server does not answer."""
        attempts = stamina.retry_context(
            on=Unreachable,
            timeout=READ_DEADLINE_SECONDS,
            attempts=None,
            wait_initial=0.05,
            wait_max=2.0,
        )
        for attempt in attempts:
            with attempt:
                return self._send("GET", path, params, None, None)
        raise Unreachable(self._no_answer("GET", path))

    def write(
        self,
        method: str,
        path: str,
        body: object,
        *,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Json:
        """Send a write once."""
        try:
            return self._send(method, path, params, json.dumps(body), content_type)
        except Overloaded:
            raise
        except Unreachable as problem:
            raise AnswerLost(problem.message, hint=problem.hint) from problem

    def read_text(self, path: str, params: Mapping[str, str]) -> str:
        """Read plain text, such as a container's log."""
        response = self._open("GET", path, params, None, None, preload=True)
        return str(response.data.decode("utf-8", "replace"))

    def stream(self, path: str, params: Mapping[str, str], *, stopped: Callable[[], bool]) -> Iterator[Json]:
        """Yield the events of a watch until the server ends it or STOPPED says so."""
        response = self._open("GET", path, params, None, None, preload=False)
        try:
            yield from _events(response, stopped, f"{self.name}: GET {path}")
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            raise Unreachable(self._no_answer("GET", path)) from problem
        finally:
            response.close()
            response.release_conn()

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: str | None,
        content_type: str | None,
    ) -> Json:
        response = self._open(method, path, params, body, content_type, preload=True)
        return _document(response.data, f"{self.name}: {method} {path}") if response.data else {}

    def _open(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: str | None,
        content_type: str | None,
        *,
        preload: bool,
    ) -> urllib3.BaseHTTPResponse:
        url = f"{self._client.configuration.host}{path}" + (f"?{urlencode(params)}" if params else "")
        self.requests += 1
        sent = time.monotonic()
        try:
            response: urllib3.BaseHTTPResponse = self._pool.request(
                method,
                url,
                body=body,
                headers=self._headers(content_type),
                timeout=urllib3.Timeout(connect=5.0, read=self._timeout if preload else 90.0),
                preload_content=preload,
                retries=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            raise Unreachable(self._no_answer(method, path), hint=_reach_hint(problem)) from problem
        self._note_date(response.headers.get("Date"), sent)
        if response.status >= _REDIRECT:
            raise _refusal(response, method, path, self.name)
        return response

    def _headers(self, content_type: str | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "cictl"}
        if content_type:
            headers["Content-Type"] = content_type
        self._client.update_params_for_auth(headers, [], ["BearerToken"])
        return headers

    def _note_date(self, date: str | None, sent: float) -> None:
        """Keep the offset of the server's clock; `Date` has whole seconds, so the greatest lower bound is nearest."""
        if date is None:
            return
        bound = parsedate_to_datetime(date).timestamp() - sent
        with self._lock:
            stepped_back = self._offset is not None and bound < self._offset - 2.5
            if self._offset is None or bound > self._offset or stepped_back:
                self._offset = bound

    def _no_answer(self, method: str, path: str) -> str:
        return f"the API server of {self.name} ({self._client.configuration.host}) does not answer {method} {path}"


def _load_in_cluster(configuration: Library, context: str | None, problem: Exception) -> None:
    if context is not None:
        hint = "run 'kubectl config get-contexts', and set KUBECONFIG"
        message = f"no context {context!r} in the kubeconfig: {problem}"
        raise ConfigInvalid(message, hint=hint) from problem
    try:
        kubernetes_config.load_incluster_config(client_configuration=configuration)
    except kubernetes_config.ConfigException:
        message = f"no cluster is configured: {problem}"
        raise ConfigInvalid(message, hint="set KUBECONFIG, or name a context") from problem


def _reach_hint(problem: Exception) -> str:
    return f"check the address and the network ({type(problem).__name__}); 'cictl doctor' tries each system"


def _document(raw: bytes, what: str) -> Json:
    """Return the object in RAW, which answers WHAT."""
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        hint = "check the server's address in the kubeconfig: is a proxy or a sign-in page in between?"
        raise FarSideFailed(f"{what}: the answer is no API server's: no JSON object", hint=hint)
    return found


def _events(response: urllib3.BaseHTTPResponse, stopped: Callable[[], bool], what: str) -> Iterator[Json]:
    buffer = b""
    for chunk in response.stream(amt=None, decode_content=True):
        *lines, buffer = (buffer + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield _event(_document(line, what))
        if stopped():
            return


def _event(event: Json) -> Json:
    if event.get("type") == "ERROR":
        status = event.get("object") or {}
        message = f"the watch ended: {status.get('message')}"
        raise WatchExpired(message)
    return event


def _refusal(response: urllib3.BaseHTTPResponse, method: str, path: str, cluster: str) -> CictlError:
    raw = response.data or response.read()
    try:
        status = _document(raw, "")
    except FarSideFailed:
        status = {"message": raw[:_LONGEST_WORDS].decode("utf-8", "replace")}
    details = status.get("details") or {}
    if response.status == 404 and details.get("kind") == "namespaces":  # noqa: PLR2004 - as in _translate
        return missing_namespace(str(details.get("name", "")), cluster)
    message = f"{cluster}: {method} {path}: {status.get('message', '')} (HTTP {response.status})"
    return _translate(response.status, status, method, message)


def missing_namespace(name: str, cluster: str) -> NotFound:
    """Return that CLUSTER has no namespace NAME."""
    hint = f"correct its name, or create it: 'kubectl create namespace {name}'"
    return NotFound(f"{cluster} has no namespace {name!r}", hint=hint)


def _translate(code: int, status: Json, method: str, message: str) -> CictlError:
    if code in {401, 403}:
        return NotAllowed(message, hint="the least Role that cictl needs is in docs/reference/permissions.md")
    if code == 422:  # noqa: PLR2004 - HTTP's own numbers are their best names
        return _unprocessable(status, method, message)
    if code == _TOO_MANY or code >= _SERVER_TROUBLE:
        return Overloaded(message, hint="try again; the API server is busy or starting")
    return _BY_STATUS.get(code, Invalid)(message)


_BY_STATUS: Mapping[int, type[CictlError]] = {404: NotFound, 409: Moved, 410: WatchExpired}


def _unprocessable(status: Json, method: str, message: str) -> CictlError:
    """Tell a failing `test` of a JSON Patch, which names no cause, from an object that is not valid."""
    causes = (status.get("details") or {}).get("causes")
    return Moved(message) if method == "PATCH" and not causes else Invalid(message)
