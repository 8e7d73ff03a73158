"""Replay recorded exchanges against a fresh fake, and tell where its answers differ."""

from __future__ import annotations

import http.client
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fake_jenkins.server import ADMIN_PASSWORD, FakeJenkins

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "jenkins-contract" / "2.516.2"
Recorded = dict[str, Any]
_ALWAYS = (
    "X-Error", "Location", "Content-Type", "X-Jenkins", "WWW-Authenticate", "Set-Cookie", "X-You-Are-Authenticated-As",
    "X-Required-Permission", "X-Text-Size", "X-More-Data", "Triggered",
)  # fmt: skip
_WHERE_RECORDED = ("X-You-Are-In-Group-Disabled", "X-Permission-Implied-By")
_SUBSTITUTIONS = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"http://127\.0\.0\.1:\d+/", "http://jenkins/"),
        (r"queue/item/\d+/", "queue/item/N/"),
        (r'"(crumb|tokenUuid|tokenValue|uuid|value)":"[0-9a-f-]{32,64}"', r'"\1":"…"'),
        (r'"(timestamp|inQueueSince|duration|estimatedDuration|queueId|buildableStartMilliseconds)":-?\d+', r'"\1":0'),
        (r'"id":\d+', '"id":0'),
        (r'"(\w+Millis|executorUtilization|subTaskCount|numExecutors|slaveAgentPort)":-?[\d.]+', r'"\1":0'),
        (r"Token created on [^\"]+Z", "Token created on …"),
        (r"ErrorId: [0-9a-f-]{36}", "ErrorId: …"),
        (r"/static/[0-9a-f]{8}", "/static/…"),
        (r" {20,}", " "),
        (r"<hr/><a href=.https://jetty.*", ""),
        (r"\{[A-Za-z0-9+/]{40,}={0,2}\}", "{secret}"),
    )
)


def normalised(status: int, headers: list[tuple[str, str]], body: str, recorded: Recorded) -> dict[str, object]:
    """Return what has to be the same in an answer and in its recording.

    Volatile, and made equal: the host of URLs, queue numbers, crumbs, tokens and their ids, times and durations, the
    number of executors, the port for agents, `ErrorId`s, the hash in `/static/`, padding, the web server's last line,
    encrypted secrets; of cookies only the name counts. Headers that older recordings left out (groups, what implies a
    permission) are compared where they were recorded. Of Jenkins' HTML pages only the title counts; JSON, XML, texts
    and the web server's own pages count whole, up to where the recording was cut.
    """
    names = [*_ALWAYS, *(name for name in _WHERE_RECORDED if name in recorded["headers"])]
    kept = {name: _shortened([value for key, value in headers if key == name]) for name in names}
    return {"status": status, "headers": kept, "body": _comparable(body, recorded)}


def _shortened(values: list[str]) -> list[str]:
    plain = [re.sub(r"^(\w+)[=.].*", r"\1", value) if "Path=" in value else value for value in values]
    return [_substituted(value).strip() for value in plain]


def _substituted(text: str) -> str:
    for pattern, put in _SUBSTITUTIONS:
        text = pattern.sub(put, text)
    return text


def _comparable(body: str, recorded: Recorded) -> object:
    shown = recorded.get("body") or ""
    if "<!DOCTYPE" in shown or "<!DOCTYPE" in body:
        return re.findall("<title>.*?</title>", body)[:1]
    body = _substituted(body)
    if recorded.get("body_cut_at") or shown.endswith("…") or shown.startswith("<html><head><meta"):
        return body[: len(_substituted(shown).removesuffix("…"))]
    return json.loads(body) if body.startswith(("{", "[")) and "json" in str(recorded["headers"]) else body.rstrip()


def _recorded_headers(recorded: Recorded) -> list[tuple[str, str]]:
    return [
        (name, each)
        for name, value in recorded["headers"].items()
        for each in (value if isinstance(value, list) else [value])
    ]


def exchanges(name: str) -> list[Recorded]:
    """Return the exchanges of a recording, in order."""
    found: list[Recorded] = json.loads((RECORDINGS / f"{name}.json").read_text())["exchanges"]
    return found


@dataclass(slots=True)
class Scenario:
    """One recording, and how a fake comes into the state that it began in.

    `steps` are done before the exchange of that number: what happened outside HTTP, or by the script console.
    """

    name: str
    setup: Callable[[FakeJenkins], object] = lambda _: None
    steps: Mapping[int, Callable[[FakeJenkins], object]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def exchanges(self) -> list[Recorded]:
        return exchanges(self.name)


class Replay:
    """One client that sends what was recorded, with crumbs and tokens of the fake instead of the recorded ones."""

    def __init__(self, fake: FakeJenkins) -> None:
        self.fake = fake
        self.passwords: dict[str, str] = {"password": ADMIN_PASSWORD, "initial": "initial-password"}
        self._learned: dict[str, str] = {}
        self._token = fake.token
        self._crumb = ("", "")
        self._connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=10)

    def close(self) -> None:
        self._connection.close()

    def send(self, recorded: Recorded) -> tuple[int, list[tuple[str, str]], str]:
        """Send a recorded request; return the answer."""
        request = recorded["request"]
        headers = dict(request.get("headers") or {})
        user = self._credentials(request["auth"], headers)
        if "Jenkins-Crumb" in headers:
            self._add_crumb(request, headers, user)
        body = self._own(request.get("body") or "").encode()
        status, answered, text = self._exchange(request["method"], self._own(request["path"]), body, headers)
        self._learn(recorded["response"].get("body") or "", text)
        if "/crumbIssuer/" in request["path"] and status == http.client.OK:
            self._keep_crumb(answered, text)
        return status, answered, text

    def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], str]:
        if self._connection.sock is not None and self.fake.process.phase is not None:
            self._connection.close()  # a restart ends connections
        self._connection.request(method, path, body or None, {"Content-Length": str(len(body)), **headers})
        answer = self._connection.getresponse()
        return answer.status, answer.getheaders(), answer.read().decode()

    def _credentials(self, auth: str, headers: dict[str, str]) -> str:
        tokens = {"token": self._token, "wrong-token": "1" * 34, "new-token": "new", "revoked-token": "new"}
        if auth == "anonymous":
            return ""
        user, secret = "admin", tokens.get(auth, "")
        if auth in {"new-token", "revoked-token", "token-made-before", "new-token-of-another-user"}:
            secret = self._learned.get("first token", "none")
            user = "reader" if auth == "new-token-of-another-user" else "admin"
        elif not secret:
            user = "admin" if auth in {"password", "initial", "wrong-password"} else auth
            secret = "wrong" if auth == "wrong-password" else self.passwords.get(auth, auth)
        headers["Authorization"] = "Basic " + b64encode(f"{user}:{secret}".encode()).decode()
        return user

    def _add_crumb(self, request: Recorded, headers: dict[str, str], user: str) -> None:
        """Put a crumb of the fake where the recording has one; a made-up one stays."""
        if not user or set(headers["Jenkins-Crumb"]) == {"0"}:
            if "cookie" in request:
                headers["Cookie"] = self._crumb[1]
            return
        if "cookie" in request:
            asking = {"Authorization": headers["Authorization"]}
            _, answered, text = self._exchange("GET", "/crumbIssuer/api/json", b"", asking)
            self._keep_crumb(answered, text)
            headers["Cookie"] = self._crumb[1]
        headers["Jenkins-Crumb"] = self._crumb[0]

    def _keep_crumb(self, answered: list[tuple[str, str]], text: str) -> None:
        cookie = next(value for name, value in answered if name == "Set-Cookie").split(";")[0]
        self._crumb = (json.loads(text)["crumb"], cookie)

    def _own(self, text: str) -> str:
        for theirs, ours in self._learned.items():
            text = text.replace(theirs, ours)
        return text

    def _learn(self, theirs: str, ours: str) -> None:
        """Note which token or id of the fake stands for a recorded one."""
        wanted = r'"(?:tokenUuid|tokenValue|uuid|value)":"([0-9a-f-]{32,36})"'
        for old, new in zip(re.findall(wanted, theirs), re.findall(wanted, ours), strict=False):
            self._learned[old] = new
            if old.startswith("11") and len(old) > 32:
                self._learned.setdefault("first token", new)


def differences(scenario: Scenario, skipped: Mapping[int, str]) -> dict[int, tuple[object, object]]:
    """Replay a scenario; return what was recorded and what the fake said, where they differ."""
    root_url = scenario.options.get("root_url", "http://127.0.0.1:8090/")
    with FakeJenkins(**{**scenario.options, "root_url": root_url}) as fake:
        scenario.setup(fake)
        with closing(Replay(fake)) as replay:
            return _differences(scenario, skipped, fake, replay)


def _differences(
    scenario: Scenario, skipped: Mapping[int, str], fake: FakeJenkins, replay: Replay
) -> dict[int, tuple[object, object]]:
    found: dict[int, tuple[object, object]] = {}
    for number, each in enumerate(scenario.exchanges()):
        if number in scenario.steps:
            scenario.steps[number](fake)
        if number in skipped:
            continue
        response = each["response"]
        if "error" in response:
            continue  # nobody listens: the steps see to it
        status, headers, body = replay.send(each)
        theirs = normalised(response["status"], _recorded_headers(response), response.get("body") or "", response)
        ours = normalised(status, headers, body, response)
        if theirs != ours:
            found[number] = (theirs, ours)
    return found
