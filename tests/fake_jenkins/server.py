"""The fake Jenkins: one HTTP server, one in-memory controller, what it was asked, and the faults a test sets."""

from __future__ import annotations

import secrets
import socket
import threading
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.fake_jenkins import pages, routes
from tests.fake_jenkins.builds import Build, BuildScript, by_user
from tests.fake_jenkins.computers import Computer
from tests.fake_jenkins.controller import Controller
from tests.fake_jenkins.credential_store import Store, secrets_of
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.faults import Faults
from tests.fake_jenkins.finding import find_target
from tests.fake_jenkins.items import ROOTS, Folder, Item, Job, loaded
from tests.fake_jenkins.messages import NotModelledError, RefusedError, Request, Response, split_target
from tests.fake_jenkins.process import Process
from tests.fake_jenkins.routing import find
from tests.fake_jenkins.security import ADMINISTER, OVERALL_READ, Token, User
from tests.fake_jenkins.xml_tree import Node, read

_SIGN_IN = "j_spring_security_check"
_OPEN_TO_ALL = ("login", "whoAmI", "git", "static", "adjuncts", _SIGN_IN)
_NO_CRUMB_NEEDED = ("git", _SIGN_IN)
_LONGEST_SECONDS = 60.0
ADMIN_PASSWORD, INITIAL_PASSWORD = "admin-password", "initial-password"


@dataclass(frozen=True, slots=True)
class Logged:
    """One request that came in."""

    number: int
    method: str
    path: str  # as sent, below the prefix, with its query
    user: str
    status: int | None  # None where the connection was dropped
    cost: str = ""  # what it was slow as: "password", "token", "anonymous"


class FakeJenkins:
    """A Jenkins for tests.

    `store` is "2.516" (config.xml as sent, until Jenkins itself saves) or "2.555" (written anew at once). `latency`
    is what a request costs in seconds, by kind of credentials: {"password": 0.055, "token": 0.002}.
    `root_url` is what Jenkins believes its URL to be; None: where the request came in.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        root_url: str | None = None,
        latency: Mapping[str, float] | None = None,
        store: str = "2.516",
        plugins: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        routes.load_all()
        self.prefix = prefix.rstrip("/")
        self.controller = Controller(
            prefix=self.prefix, root_url=root_url, store=store, plugins=dict(plugins) if plugins is not None else None
        )
        self.latency = dict(latency or {})
        self.unknown: list[str] = []
        self.requests: list[Logged] = []
        self.faults = Faults()
        self._lock = threading.RLock()
        self._count = 0
        self.process = Process(self, port)
        self._add_users()

    # -- running

    @property
    def port(self) -> int:
        return self.process.port

    @property
    def url(self) -> str:
        """Where it listens, prefix included, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def start(self) -> Self:
        self.process.serve()
        return self

    def stop(self) -> None:
        self.process.stop()

    def connections(self) -> set[socket.socket]:
        """Return the connections that are open, those included that nobody has read from yet."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_LONGEST_SECONDS) as last:
            last.shutdown(socket.SHUT_WR)
            last.recv(1)  # it is taken, and so are those before it
        return set(self.process.listener.open)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- users

    def _add_users(self) -> None:
        self.admin = self.add_user("admin", ADMIN_PASSWORD, [ADMINISTER])
        self.token = self.controller.security.new_token(self.admin, "tests").value
        self.add_user("reader", permissions=[OVERALL_READ])
        self.add_user("dev", permissions=[OVERALL_READ])

    def add_user(self, name: str, password: str | None = None, permissions: Iterable[str] = ()) -> User:
        """Add a user with these rights at the root; the password is the name unless given.

        Rights in a folder stand in its configuration, as AuthorizationMatrixProperty.
        """
        return self.controller.security.add(name, password, permissions)

    def add_token(self, user: str, value: str | None = None) -> Token:
        return self.controller.security.new_token(self.controller.security.users[user.lower()], "tests", value)

    # -- what a test may look at

    def jobs(self) -> dict[str, str]:
        """Full names of all items, folders too, with their config.xml."""
        with self._lock:
            return {item.full_name: item.xml for item in self.controller.items()}

    def asked(self, method: str | None = None) -> list[Logged]:
        """Return the requests so far, of one method or of all."""
        return [each for each in self.requests if method in {None, each.method}]

    def item(self, full_name: str) -> Item:
        """Return an item by its full name, with `xml`, `builds`, `views` and all."""
        found = self.controller.item(full_name)
        if found is None:
            raise LookupError(full_name)
        return found

    def job(self, full_name: str) -> Job:
        found = self.item(full_name)
        if not isinstance(found, Job):
            raise TypeError(f"{full_name} is no job")
        return found

    def build(self, full_name: str, number: int = -1) -> Build:
        """Return a build of a job, the last unless numbered."""
        builds = self.job(full_name).builds
        return builds[-1] if number < 0 else next(build for build in builds if build.number == number)

    def views(self, full_name: str = "") -> dict[str, str]:
        """Names of the views of a folder, or of Jenkins itself, and their kinds."""
        group = self.item(full_name) if full_name else self.controller.root
        return {view.name: view.class_name for view in group.views} if isinstance(group, Folder) else {}

    def secrets(self, full_name: str = "") -> dict[str, dict[str, str]]:
        """Return what the credentials of a folder, or of the system, really hold: by id and field."""
        group = self.item(full_name) if full_name else self.controller.root
        is_root = group is self.controller.root
        return secrets_of(Store(group, is_root=is_root, system=self.controller.credentials))  # type: ignore[arg-type]

    def tokens(self, user: str = "admin") -> dict[str, str]:
        """Values and names of a user's API tokens."""
        return {token.value: token.name for token in self.controller.security.users[user.lower()].tokens}

    # -- what a test may set up

    def put(self, full_name: str, xml: str) -> Item:
        """Make an item, or write its configuration, as if somebody else had."""
        with self._lock:
            found = self.controller.item(full_name)
            if found is None:
                parent, _, name = full_name.rpartition("/")
                group = self.item(parent) if parent else self.controller.root
                if not isinstance(group, Folder):
                    raise LookupError(parent)
                found = ROOTS[read(xml)[1].tag](name, group)
                group.add(found)
            loaded(found, xml)
            self.controller.taken(found)
            return found

    def grant(self, full_name: str, user: str, *permissions: str) -> None:
        """Give a user rights in a folder, such as "Item.Read" or "View.Create", in the folder's configuration."""
        with self._lock:
            self.item(full_name).grant(user, permissions)
            self.save(full_name)

    def leave_declarative_actions(self, full_name: str) -> None:
        """Write into a job's configuration what a build of a Declarative pipeline leaves there."""
        prefix = "org.jenkinsci.plugins.pipeline.modeldefinition.actions.Declarative"
        tracker = [Node(tag) for tag in ("jobProperties", "triggers", "parameters", "options")]
        held = [Node(f"{prefix}JobAction"), Node(f"{prefix}JobPropertyTrackerAction", children=tracker)]
        root = self.job(full_name).root
        root.children = [Node("actions", children=held), *(each for each in root.children if each.tag != "actions")]
        self.save(full_name)

    def save(self, full_name: str) -> None:
        """Have Jenkins itself save an item, as a person does who presses Save."""
        with self._lock:
            self.item(full_name).save(self.controller.plugins)

    def script(self, full_name: str, *scripts: BuildScript) -> None:
        """Say what a job's next builds do; the last of the scripts holds for all that follow."""
        self.controller.scripts[full_name] = list(scripts)

    def start_build(self, full_name: str, script: BuildScript | None = None, user: str = "admin") -> Build:
        """Start a build, as if somebody else had."""
        with self._lock:
            job = self.job(full_name)
            item = self.controller.queue.add(job, by_user(user), [], script or self.controller.script_of(job))
            self.controller.queue.start(item)
            return job.builds[-1]

    def push(self, url: str, branch: str = "main", commit: str | None = None) -> str:
        """Push a commit to a Git repository; nobody is told."""
        commit = commit or secrets.token_hex(20)
        self.controller.repositories.push(url, branch, commit)
        return commit

    def connect_agent(self, name: str, *labels: str, executors: int = 1) -> None:
        """Bring an agent online; it is made if it isn't there."""
        found = next((each for each in self.controller.agents if each.name == name), None)
        if found is None:
            found = Computer(name, labels, executors, {"remoteFS": "/agent"})
            self.controller.agents.append(found)
        found.online = True

    def begin_wizard(self, password: str = INITIAL_PASSWORD) -> None:
        """Turn it into a fresh Jenkins: setup wizard on, one user, no plugins, no root URL."""
        controller = self.controller
        controller.wizard_on, controller.root_url_is_known, controller.agent_port = True, False, -1
        controller.plugins.clear()
        controller.security.users.clear()
        self.admin = self.add_user("admin", password, [ADMINISTER])
        self.token = ""

    def after_restart(self) -> None:
        """Do what the end of a process and a new one do."""
        with self._lock:
            controller = self.controller
            controller.security.forget_sessions()
            controller.updates.restarted(controller.plugins)
            controller.session_id = secrets.token_hex(4)
            controller.is_quieting = controller.queue.is_held = controller.restart_asked = False

    # -- answering

    def answer(self, request: Request) -> Response | None:
        """Answer one request; None drops the connection."""
        with self._lock:
            self._count += 1
            request.number = self._count
        split = split_target(request.target, self.prefix)
        if split is None:
            return pages.servlet_error(404, "Not Found", request.target)
        request.path, request.segments, request.query = split
        if self.faults.drops_before(request):
            return self._log(request, None)
        response = self.faults.instead(request)
        if response is None and (phase := self.process.look()) is not None:
            return self._log(request, pages.booting(restarting=phase == "restarting"))
        if response is None:
            response = self._answer(request)
        if self.faults.drops_after(request):
            return self._log(request, None)
        return self._log(request, response)

    def _log(self, request: Request, response: Response | None) -> Response | None:
        target = request.target[len(self.prefix) :]
        status = response.status if response else None
        self.requests.append(Logged(request.number, request.method, target, request.user, status, _kind(request)))
        return response

    def _answer(self, request: Request) -> Response:
        refusal = self._identify(request)
        if refusal is not None:
            return refusal
        kind = _kind(request)
        if pause := self.latency.get(kind):
            time.sleep(pause)
        with self._lock:
            response = self._finish(request, self._act(request))
        if self.controller.restart_asked:
            self.controller.restart_asked = False
            self.process.begin_restart()
        return response

    def _identify(self, request: Request) -> Response | None:
        cookie = request.headers.get("cookie", "")
        security = self.controller.security
        for part in cookie.split(";"):
            name, _, value = part.strip().partition("=")
            if name == security.cookie_name and value in security.sessions:
                request.session = value
        header = request.headers.get("authorization", "")
        signed_in = security.sessions.get(request.session or "")
        if signed_in is not None and security.named(header) in {None, signed_in.name}:
            # not recorded: BasicHeaderProcessor verifies nothing where the session is signed in as who is named
            request.user, request.by_session = signed_in.name, True
            return None
        if not header.lower().startswith("basic "):
            return None
        known = security.authenticate(header)
        if known is None:
            return _unauthorized(request)
        request.user, request.by_token = known[0].name, known[1] is not None
        return None

    def _act(self, request: Request) -> Response:
        exchange = Exchange(self.controller, request)
        try:
            return self._dispatch(exchange)
        except RefusedError as refused:
            return refused.response
        except NotModelledError as unknown:
            return self._unknown(request, str(unknown))
        except Exception:  # noqa: BLE001 - a bug of the fake fails the test, and never looks like an answer of Jenkins
            return self._unknown(request, traceback.format_exc())

    def _dispatch(self, exchange: Exchange) -> Response:
        request = exchange.request
        self._check_crumb(exchange)
        if not (request.segments and request.segments[0] in _OPEN_TO_ALL):
            exchange.require_overall_read()
        target, tail = find_target(exchange)
        if not tail and request.method == "DELETE" and not request.path.endswith("/"):
            raise NotModelledError("DELETE without a slash at the end, which Stapler redirects")
        return find(target.kinds, tail, request).handler(exchange, target)

    def _unknown(self, request: Request, why: str) -> Response:
        self.unknown.append(f"{request.method} {request.target}: {why}")
        return Response(501, why.encode(), [("Content-Type", "text/plain;charset=utf-8")])

    def _check_crumb(self, exchange: Exchange) -> None:
        request, security = exchange.request, self.controller.security
        if request.method != "POST" or request.by_token or not self.controller.uses_crumbs:
            return
        if request.segments and request.segments[0] in _NO_CRUMB_NEEDED:
            return
        crumb = request.headers.get("jenkins-crumb") or request.parameter("Jenkins-Crumb")
        if crumb and request.session and crumb == security.crumb(request.user, request.session):
            return
        uri = self.prefix + request.path
        response = pages.servlet_error(403, "No valid crumb was included in the request", uri)
        response.starts_session = crumb is not None
        raise RefusedError(response)

    def _finish(self, request: Request, response: Response) -> Response:
        controller = self.controller
        if response.has_version:
            response.headers.append(("X-Jenkins", controller.version))
            response.headers.append(("X-Jenkins-Session", controller.session_id))
        if response.starts_session and (request.session is None or request.is_new_session):
            session = request.session or controller.security.new_session()
            path = self.prefix or "/"
            cookie = f"{controller.security.cookie_name}={session}; Path={path}; HttpOnly; SameSite=Lax"
            response.headers.append(("Set-Cookie", cookie))
        return response


def _kind(request: Request) -> str:
    """Return what a request costs as: a session that is signed in costs no more than a token."""
    if request.segments == (_SIGN_IN,):
        return "password"
    if request.user == "anonymous":
        return "anonymous"
    return "token" if request.by_token or request.by_session else "password"


def _unauthorized(request: Request) -> Response:
    response = pages.servlet_error(401, "Unauthorized", request.path)
    response.headers += [
        ("Set-Cookie", "remember-me=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; SameSite=Lax"),
        ("WWW-Authenticate", 'Basic realm="Jenkins"'),
    ]
    return response
