"""The hook in real repositories, run by real pushes, against a server that answers as Jenkins was recorded to."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from cictl.clients.hook_host import HookHost, hook_body
from cictl.core.push_hook import Hook, HookSettings, Standing
from cictl.core.repository_place import RepositoryPlace, parse_place
from cictl.errors import CictlError, Conflict, FarSideFailed, NotFound, Unreachable, UsageProblem
from cictl.services.push_hooks import install_hook, is_telling, remove_hook, show_hook

RECORDED = Path(__file__).parents[3] / "shared" / "jenkins-contract" / "2.516.2" / "push-triggers.json"
TOKEN = "3ae01cd6c7243b0353f21495c9963735"
REPO = "https://git.example.com/shop/checkout.git?a=1&b=ü +"
SHELLS = [
    pytest.param(shell, id=shell.split()[0], marks=pytest.mark.skipif(not shutil.which(shell.split()[0]), reason="no"))
    for shell in ("dash", "busybox sh", "bash")
]


@dataclass
class Jenkins:
    """A server with one path, which answers as it was recorded, or as `answers` says, one after the other."""

    answers: list[int] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    most_at_once: int = 0
    held: threading.Event | None = None
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, target: str) -> tuple[int, str]:
        with self._lock:
            self.targets.append(target)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            scripted = self.answers.pop(0) if self.answers else None
        if self.held:
            self.held.wait(20)
        with self._lock:
            self._now -= 1
        token = parse_qs(urlsplit(target).query).get("token", [""])[0]
        why = "no token" if not token else "right token, no job uses the url" if token == TOKEN else "wrong token"
        return (scripted, "") if scripted else _recorded(why)

    def calls(self) -> list[str | None]:
        """Return the branch that each request named, sorted; None for those that named none."""
        queries = [parse_qs(urlsplit(target).query, strict_parsing=True) for target in self.targets]
        assert all(query["url"] == [REPO] and set(query) <= {"url", "branches", "token"} for query in queries)
        return sorted((query.get("branches", [None])[0] for query in queries), key=str)


def _recorded(why: str) -> tuple[int, str]:
    exchanges = json.loads(RECORDED.read_text(encoding="utf-8"))["exchanges"]
    response = next(each["response"] for each in exchanges if each["why"] == why)
    return response["status"], response["body"]


@dataclass
class Place:
    """A bare repository, a clone to push from, and where the hook is to call."""

    bare: Path
    clone: Path
    url: str
    shell: str = "dash"

    @property
    def hooks(self) -> Path:
        return self.bare / "hooks"

    @property
    def log(self) -> str:
        path = self.hooks / "post-receive.cictl-log"
        with suppress(FileNotFoundError):  # not there yet, or just put aside
            return path.read_text(encoding="utf-8")
        return ""

    def host(self) -> HookHost:
        return HookHost(RepositoryPlace(str(self.bare)), environ=os.environ)

    def install(self, token: str | None = TOKEN, *, deadline_seconds: int = 20, request_seconds: int = 10) -> Standing:
        settings = HookSettings(self.url, REPO, deadline_seconds, request_seconds)
        done = install_hook(self.host(), settings, body=hook_body(), token=token)
        hook = self.hooks / "post-receive"
        run_by = hook.read_text(encoding="utf-8").replace("#!/bin/sh", f"#!/usr/bin/env -S {self.shell}", 1)
        if self.shell != "sh":
            hook.write_text(run_by, encoding="utf-8")
        return done.plan.standing

    def push(self, *refs: str) -> float:
        start = time.monotonic()
        command = ["git", "-C", str(self.clone), "push", "-q", str(self.bare), *refs]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        return time.monotonic() - start


@pytest.fixture
def jenkins() -> Jenkins:
    return Jenkins()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a hook that gave up and has gone."""


@contextmanager
def _serving(jenkins: Jenkins, port: int = 0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if urlsplit(self.path).path != "/jenkins/git/notifyCommit":
                self.send_error(404)
                return
            status, body = jenkins.answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Be quiet."""

    running = _Server(("127.0.0.1", port), Handler)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/jenkins"
    if jenkins.held:
        jenkins.held.set()
    running.shutdown()
    running.server_close()


@pytest.fixture
def server(jenkins: Jenkins) -> Iterator[str]:
    with _serving(jenkins) as url:
        yield url


@pytest.fixture
def place(tmp_path: Path, server: str) -> Place:
    bare, clone = tmp_path / "shop's app.git", tmp_path / "clone"
    _git("init", "-q", "--bare", str(bare))
    _git("init", "-q", str(clone))
    identity = ("-c", "user.name=dev", "-c", "user.email=dev@example.com")
    _git("-C", str(clone), *identity, "commit", "-q", "--allow-empty", "-m", "first")
    return Place(bare, clone, server)


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True, timeout=30)


def _until(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


HOSTILE = [
    "main",
    "feature/a+b&c=d",
    "$(touch${IFS}x)",
    "`touch${IFS}y`",
    "quote'and\"quote;x|y#z%2F",
    "größe/日本語",
    "-n",
    "a@b!{c}(d)",
]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_branch_is_one_call_whatever_it_is_called(place: Place, jenkins: Jenkins, shell: str) -> None:
    place.shell = shell
    place.install()
    place.push(*(f"HEAD:refs/heads/{name}" for name in HOSTILE))
    assert _until(lambda: place.log.count("was told") == len(HOSTILE)), place.log
    assert jenkins.calls() == sorted(HOSTILE)
    raw = f"/jenkins/git/notifyCommit?url={quote(REPO, safe='')}&branches=feature%2Fa%2Bb%26c%3Dd&token={TOKEN}"
    assert raw in jenkins.targets
    assert not [path for path in place.bare.rglob("*") if path.name in {"x", "y"}]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_no_call_can_name_is_one_call_for_all(place: Place, jenkins: Jenkins, shell: str) -> None:
    place.shell = shell
    place.push("HEAD:refs/heads/old", "HEAD:refs/heads/older")
    place.install()
    place.push("HEAD:refs/tags/v1", ":refs/heads/old", ":refs/heads/older", "HEAD:refs/notes/n", "HEAD:refs/heads/x")
    assert _until(lambda: place.log.count("was told") == 2), place.log
    place.push("HEAD:refs/heads/one,two")
    assert _until(lambda: place.log.count("was told") == 3), place.log
    assert jenkins.calls() == [None, None, "x"]
    assert not any("sha1" in target for target in jenkins.targets)


def test_hundreds_of_branches_are_told_a_few_at_a_time(place: Place, jenkins: Jenkins) -> None:
    names = [f"team/{number:03}" for number in range(200)]
    place.install()
    place.push(*(f"HEAD:refs/heads/{name}" for name in names))
    assert _until(lambda: len(jenkins.targets) == len(names), 30), place.log
    assert jenkins.calls() == names
    assert jenkins.most_at_once <= 4


@pytest.mark.parametrize(
    ("token", "status"), [pytest.param("0" * 32, "403", id="wrong-token"), pytest.param(None, "401", id="no-token")]
)
def test_a_refused_token_is_said_and_not_tried_again(
    place: Place, jenkins: Jenkins, token: str | None, status: str
) -> None:
    if token is None:
        jenkins.answers = [401] * 4
    place.install(token or TOKEN)
    place.push("HEAD:main")
    assert _until(lambda: status in place.log), place.log
    assert "cictl hook install" in place.log
    time.sleep(1.2)  # longer than the first pause
    assert len(jenkins.targets) == 1


def test_what_passes_is_tried_again(place: Place, jenkins: Jenkins) -> None:
    jenkins.answers = [500, 502, 503, 429]
    place.install()
    place.push(*(f"HEAD:refs/heads/b{number}" for number in range(4)))
    assert _until(lambda: place.log.count("was told") == 4), place.log
    assert [status for status in (500, 502, 503, 429) if f"answered {status}; again" not in place.log] == []
    assert len(jenkins.calls()) == 8


@pytest.mark.parametrize("status", [301, 400, 404])
def test_what_stays_is_not_tried_again(place: Place, jenkins: Jenkins, status: int) -> None:
    jenkins.answers = [status]
    place.install()
    place.push("HEAD:main")
    assert _until(lambda: str(status) in place.log), place.log
    assert _until(lambda: not _curls())
    assert (len(jenkins.targets), "again in" in place.log) == (1, False)


def test_a_jenkins_that_is_down_at_first_is_told_later(place: Place, jenkins: Jenkins) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # not listening, so that connections are refused
        port = reserved.getsockname()[1]
        place.url = f"http://127.0.0.1:{port}/jenkins"
        place.install()
        place.push("HEAD:main")
        assert _until(lambda: "curl's exit status 7" in place.log), place.log
    with _serving(jenkins, port):
        assert _until(lambda: "was told" in place.log), place.log
    assert jenkins.calls() == ["main"]


def test_it_gives_up_at_its_deadline(place: Place, jenkins: Jenkins) -> None:
    jenkins.answers = [503] * 50
    place.install(deadline_seconds=2)
    place.push("HEAD:main", "HEAD:refs/heads/b", "HEAD:refs/heads/c", "HEAD:refs/heads/d", "HEAD:refs/heads/e")
    assert _until(lambda: place.log.count("given up") == 4), place.log
    assert 4 <= len(jenkins.targets) <= 8


def test_a_jenkins_that_hangs_keeps_no_push_waiting_and_sees_no_token_in_any_process(
    place: Place, jenkins: Jenkins
) -> None:
    without = place.push("HEAD:before")
    jenkins.held = threading.Event()
    place.install()
    took = place.push("HEAD:main")
    assert took < without * 10 + 3
    assert _until(lambda: len(jenkins.targets) == 1)
    assert _curls(), "the call is under way"
    assert [line for line in _processes() if TOKEN.encode() in line] == []
    jenkins.held.set()
    assert _until(lambda: "was told" in place.log), place.log
    for name in ("post-receive", "post-receive.cictl-log"):
        assert TOKEN not in (place.hooks / name).read_text(encoding="utf-8")
    assert stat.S_IMODE((place.hooks / "post-receive.cictl-token").stat().st_mode) == 0o600


def _processes() -> list[bytes]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        for kind in ("cmdline", "environ"):
            try:
                found.append((folder / kind).read_bytes())
            except OSError:
                continue
    return found


def _curls() -> list[bytes]:
    return [line for line in _processes() if line.startswith(b"curl\0-q\0-K\0-")]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_hook_before_gets_the_same_input_and_gives_the_status(place: Place, jenkins: Jenkins, shell: str) -> None:
    place.shell = shell
    _script(place.hooks / "post-receive", 'cat >>seen; echo "$# said to the pusher"; exit 3')
    assert place.install() is Standing.CREATED
    updates = f"{'0' * 40} {'1' * 40} refs/heads/main\n{'0' * 40} {'2' * 40} refs/heads/b\n"
    environ = {**os.environ, "GIT_DIR": "."}
    done = subprocess.run(
        ["hooks/post-receive"], input=updates, cwd=place.bare, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "0 said to the pusher\n", "")
    assert (place.bare / "seen").read_text(encoding="utf-8") == updates
    assert _until(lambda: len(jenkins.targets) == 2), place.log


def test_it_detaches_itself_where_there_is_no_setsid(place: Place, jenkins: Jenkins, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "od", "date", "wc", "curl", "sleep"):
        (tools / name).symlink_to(str(shutil.which(name)))
    place.shell = "sh"
    place.install()
    jenkins.held = threading.Event()
    updates = f"{'0' * 40} {'1' * 40} refs/heads/main\n"
    done = subprocess.run(
        ["hooks/post-receive"],
        input=updates,
        cwd=place.bare,
        env={"PATH": str(tools)},
        capture_output=True,  # ends when nobody holds the pipes any more
        text=True,
        check=False,
        timeout=10,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    jenkins.held.set()
    assert _until(lambda: "was told" in place.log), place.log


@pytest.mark.skipif(not shutil.which("busybox"), reason="no busybox")
def test_on_a_server_that_has_busybox_alone(place: Place, jenkins: Jenkins, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    busybox = str(shutil.which("busybox"))
    for name in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        (tools / name).symlink_to(busybox)
    for name in ("curl", "git"):
        (tools / name).symlink_to(str(shutil.which(name)))
    _script(place.hooks / "post-receive", "cat >seen")
    host = HookHost(RepositoryPlace(str(place.bare)), environ={"PATH": str(tools)})
    settings = HookSettings(place.url, REPO)
    standings = [install_hook(host, settings, body=hook_body(), token=TOKEN).plan.standing for _ in range(2)]
    updates = f"{'0' * 40} {'1' * 40} refs/heads/größe/+\n{'1' * 40} {'0' * 40} refs/heads/gone\n"
    command = [str(tools / "sh"), "hooks/post-receive"]
    subprocess.run(command, input=updates, cwd=place.bare, env={"PATH": str(tools)}, text=True, check=True, timeout=10)
    assert _until(lambda: place.log.count("was told") == 2), place.log
    assert (standings, jenkins.calls()) == (["created", "unchanged"], [None, "größe/+"])
    assert (place.bare / "seen").read_text(encoding="utf-8") == updates
    assert remove_hook(host).plan.hook is Standing.RESTORED


def test_a_planted_link_is_not_followed(place: Place, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    victim.chmod(0o644)
    place.shell = "sh"
    (place.hooks / "post-receive.cictl-token").symlink_to(victim)
    assert place.install() is Standing.CREATED
    assert (victim.read_text(encoding="utf-8"), stat.S_IMODE(victim.stat().st_mode)) == ("precious", 0o644)
    assert stat.S_IMODE((place.hooks / "post-receive.cictl-token").lstat().st_mode) == 0o600


def test_a_chained_hook_that_reads_nothing_complains_of_nothing(place: Place) -> None:
    _script(place.hooks / "post-receive", "exit 0")
    place.install()
    updates = "".join(f"{'0' * 40} {'1' * 40} refs/heads/b{number}\n" for number in range(5000))
    done = subprocess.run(
        ["hooks/post-receive"], input=updates, cwd=place.bare, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_installing_again_chains_nothing_and_removing_restores(place: Place) -> None:
    place.shell = "sh"
    own = place.hooks / "post-receive"
    _script(own, "exit 0")
    before = own.read_bytes()
    assert [place.install(), place.install(), place.install("f" * 32)] == ["created", "unchanged", "changed"]
    assert (place.hooks / "post-receive.before-cictl").read_bytes() == before
    assert remove_hook(place.host()).plan.hook is Standing.RESTORED
    assert own.read_bytes() == before
    assert os.access(own, os.X_OK)
    assert [path.name for path in place.hooks.iterdir() if "cictl" in path.name] == []
    assert remove_hook(place.host()).plan.is_empty


def test_removing_where_there_was_none(place: Place) -> None:
    place.shell = "sh"
    place.install()
    assert remove_hook(place.host()).plan.hook is Standing.REMOVED
    assert not (place.hooks / "post-receive").exists()


def test_a_linked_hook_and_its_folder_are_chained(place: Place, jenkins: Jenkins) -> None:
    (place.hooks / "post-receive.d").mkdir()
    _script(place.hooks / "post-receive.d" / "first", "touch ran")
    _script(place.hooks / "dispatch", 'for each in "$(dirname "$0")/$(basename "$0").d"/*; do "$each"; done')
    (place.hooks / "post-receive").symlink_to("dispatch")
    place.install()
    place.push("HEAD:main")
    assert (place.bare / "ran").exists()
    assert _until(lambda: jenkins.calls() == ["main"])
    remove_hook(place.host())
    assert (place.hooks / "post-receive").readlink() == Path("dispatch")
    assert not (place.hooks / "post-receive.before-cictl.d").is_symlink()


def test_an_edited_hook_and_two_hooks_of_somebody_are_left_to_people(place: Place) -> None:
    place.shell = "sh"
    _script(place.hooks / "post-receive", "exit 0")
    place.install()
    hook = place.hooks / "post-receive"
    hook.write_text(hook.read_text(encoding="utf-8") + "mail me\n", encoding="utf-8")
    with pytest.raises(Conflict, match="edited by hand"):
        place.install()
    with pytest.raises(Conflict, match="edited by hand"):
        remove_hook(place.host())
    _script(hook, "exit 1")
    with pytest.raises(Conflict, match="another one kept from before"):
        place.install()


def test_an_install_that_was_killed_is_finished_by_the_next(place: Place) -> None:
    place.shell = "sh"
    _script(place.hooks / "post-receive", "exit 0")
    before = (place.hooks / "post-receive").read_bytes()
    shutil.copy2(place.hooks / "post-receive", place.hooks / "post-receive.before-cictl")
    (place.hooks / "post-receive.cictl-new.123").write_text("half")
    assert place.install() is Standing.CREATED
    remove_hook(place.host())
    assert (place.hooks / "post-receive").read_bytes() == before
    assert not (place.hooks / "post-receive.cictl-new.123").exists()


def test_the_log_is_bounded(place: Place) -> None:
    place.install()
    (place.hooks / "post-receive.cictl-log").write_text("x" * 150_000, encoding="utf-8")
    place.push("HEAD:main")
    assert _until(lambda: "was told" in place.log)
    assert len(place.log) < 1000


def test_a_server_without_curl_is_refused_before_anything_is_written(place: Place, tmp_path: Path) -> None:
    for name in ("sh", "ls", "awk", "id", "od", "tr", "git", "grep", "cmp", "cat", "mv", "chmod", "tail", "sed"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    host = HookHost(RepositoryPlace(str(place.bare)), environ={"PATH": str(tmp_path / "bin")})
    with pytest.raises(NotFound, match="no curl"):
        install_hook(host, HookSettings(place.url, REPO), body=hook_body(), token=TOKEN)
    assert not (place.hooks / "post-receive").exists()


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        pytest.param(shutil.rmtree, NotFound, "there is no", id="missing"),
        pytest.param(lambda bare: (bare / "HEAD").unlink(), CictlError, "is no Git repository", id="no-repository"),
        pytest.param(
            lambda bare: ((bare / "hooks").rename(bare / "others"), (bare / "hooks").symlink_to("others")),
            Conflict,
            "is a link",
            id="shared-hooks",
        ),
        pytest.param(
            lambda bare: _git("-C", str(bare), "config", "core.hooksPath", "/srv/hooks"),
            Conflict,
            "core.hooksPath",
            id="hooks-elsewhere",
        ),
        pytest.param(lambda bare: (bare / "hooks" / "post-receive").mkdir(), Conflict, "is a folder", id="folder"),
    ],
)
def test_places_that_can_have_no_hook(
    place: Place, spoil: Callable[[Path], object], error: type[CictlError], said: str
) -> None:
    spoil(place.bare)
    with pytest.raises(error, match=said):
        place.install()


def test_a_hook_needs_a_token(place: Place) -> None:
    with pytest.raises(UsageProblem, match="no token"):
        place.install(None)
    assert show_hook(place.host()).hook is Hook.ABSENT


@pytest.fixture
def ssh(tmp_path: Path) -> Path:
    """Stand in for ssh: note the arguments, and run the last one here, behind what a login says."""
    folder = tmp_path / "ssh-bin"
    folder.mkdir()
    _script(
        folder / "ssh", f'printf "%s\\n" "$@" >"{folder}/argv"; for last; do :; done; echo motd; exec sh -c "$last"'
    )
    return folder


def test_over_ssh(place: Place, jenkins: Jenkins, ssh: Path) -> None:
    environ = {**os.environ, "PATH": f"{ssh}:{os.environ['PATH']}"}
    where = parse_place(f"ssh://git@git.example.com:2222{quote(str(place.bare))}")
    host = HookHost(where, environ=environ)
    install_hook(host, HookSettings(place.url, REPO), body=hook_body(), token=TOKEN)
    argv = (ssh / "argv").read_text(encoding="utf-8").splitlines()
    assert argv == ["-o", "ConnectTimeout=15", "-p", "2222", "--", "git@git.example.com", "sh -s"]
    assert is_telling(show_hook(host))
    place.push("HEAD:main")
    assert _until(lambda: jenkins.calls() == ["main"])


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param("echo 'Connection refused' >&2; exit 255", Unreachable, id="unreachable"),
        pytest.param("echo 'fatal: unrecognized command' >&2; exit 128", FarSideFailed, id="git-shell"),
        pytest.param("exit 0", FarSideFailed, id="silent"),
    ],
)
def test_ssh_that_runs_nothing(ssh: Path, script: str, error: type[CictlError]) -> None:
    _script(ssh / "ssh", script)
    host = HookHost(parse_place("git@git.example.com:app.git"), environ={"PATH": f"{ssh}:{os.environ['PATH']}"})
    with pytest.raises(error):
        show_hook(host)


def _far_script() -> str:
    return files("cictl.clients").joinpath("scripts", "hook-host.sh").read_text(encoding="utf-8")


def test_a_connection_that_breaks_changes_nothing(place: Place) -> None:
    values = f"mode=install token=x hook=y chain=no place={shlex.quote(str(place.bare))}\n"
    script = _far_script()
    for length in range(0, len(script) - len("main; exit\n"), 197):
        half = values + script[:length]
        subprocess.run(["sh", "-s"], input=half, text=True, capture_output=True, check=False, timeout=10)
    assert not (place.hooks / "post-receive").exists()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_point_leaves_a_repository_that_works(place: Place, tmp_path: Path, when: str) -> None:
    place.shell = "sh"
    tools, counter = tmp_path / "tools", tmp_path / "left"
    tools.mkdir()
    for name in ("mv", "cp", "cat", "chmod", "rm", "ln"):
        real = shlex.quote(str(shutil.which(name)))
        kill = '[ "$left" = 0 ] && kill -9 "$PPID"'
        acts = f'{real} "$@"; {kill}' if when == "after" else f'{kill} && exit; {real} "$@"'
        _script(tools / name, f"left=$(($(/bin/cat {counter}) - 1)); echo $left >{counter}; {acts}; true")
    environ = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    hook = place.hooks / "post-receive"
    _script(hook, "echo ran >>ran")
    kills = 0
    for point in range(1, 40):
        counter.write_text(str(point))
        settings = HookSettings(place.url, REPO)
        host = HookHost(RepositoryPlace(str(place.bare)), environ=environ)
        try:
            install_hook(host, settings, body=hook_body(), token=TOKEN)
            remove_hook(host)
            break
        except CictlError:
            kills += 1
        ran = len((place.bare / "ran").read_text().splitlines()) if (place.bare / "ran").exists() else 0
        place.push(f"HEAD:refs/heads/b{point}")
        assert len((place.bare / "ran").read_text().splitlines()) == ran + 1, f"after the kill at {point}"
        place.install()
        assert is_telling(show_hook(place.host()))
        remove_hook(place.host())
        assert hook.read_text(encoding="utf-8") == "#!/bin/sh\necho ran >>ran\n"
        assert [path.name for path in place.hooks.iterdir() if "cictl" in path.name] == []
    assert kills >= 8, "the kills hit"
