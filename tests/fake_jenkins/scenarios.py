"""How a fake comes into the state that each recording began in, and what happened beside HTTP while it was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from tests.fake_jenkins.builds import Build, BuildScript, Input
from tests.fake_jenkins.multibranch import index_project
from tests.fake_jenkins.replay import Scenario, exchanges
from tests.fake_jenkins.security import OVERALL_READ
from tests.fake_jenkins.server import FakeJenkins

Step = Callable[[FakeJenkins], object]
_PIPELINE = (
    "<flow-definition><description>d</description><keepDependencies>false</keepDependencies><properties/>"
    '<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"><script>echo 1</script>'
    "<sandbox>true</sandbox></definition><triggers/><disabled>false</disabled></flow-definition>"
)


def folder(*rights: str, actions: bool = False, inside: str = "", views: str = "") -> str:
    """Return a folder's configuration with rights such as `Item.Read:dev`."""
    matrix = "".join(f"<permission>USER:hudson.model.{right}</permission>" for right in rights)
    strategy = '<inheritanceStrategy class="org.jenkinsci.plugins.matrixauth.inheritance.InheritParentStrategy"/>'
    name = "com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty"
    held = f"<{name}>{strategy}{matrix}</{name}>" if rights else ""
    return (
        f"<com.cloudbees.hudson.plugins.folder.Folder>{'<actions/>' if actions else ''}<description>team</description>"
        f"<properties>{inside}{held}</properties>{views}</com.cloudbees.hudson.plugins.folder.Folder>"
    )


def _saved(name: str) -> Step:
    return lambda fake: fake.save(name)


def _permissions(fake: FakeJenkins) -> None:
    fake.add_user("dev", permissions=[OVERALL_READ]).email = "dev@example.com"
    fake.add_user("nothing", permissions=[OVERALL_READ])
    fake.add_user("noread")
    rights = [f"Item.{right}:dev" for right in ("Build", "Configure", "Create", "Read")]
    fake.put("team", folder(*rights))
    fake.save("team")
    fake.put("team/app", _PIPELINE)
    fake.put("other", folder())


def _start_two(fake: FakeJenkins, name: str) -> None:
    while len(fake.job(name).builds) < 2:
        fake.start_build(name, BuildScript(is_manual=True))


def _fresh(fake: FakeJenkins) -> None:
    """Begin with a fresh server's wizard, with what its update centre suggested."""
    fake.begin_wizard()
    answers = (each["response"]["body"] for each in exchanges("wizard") if each["response"]["status"] == HTTPStatus.OK)
    listed = next(json.loads(body) for body in answers if body.startswith('{"status":"ok","data":[{"category"'))
    fake.controller.suggested_plugins = listed["data"]


def _wiped(fake: FakeJenkins) -> None:
    """Make a folder with credentials, a library, rights, a job and a view; again whenever it was wiped."""
    body = exchanges("folder-update-wipes")[2]["response"]["body"]
    fake.put("team", body).xml = body
    if fake.controller.item("team/inside") is None:
        fake.put("team/inside", _PIPELINE)
        fake.add_user("viewer", permissions=[OVERALL_READ])


def _extended_read(fake: FakeJenkins) -> None:
    _wiped(fake)
    fake.controller.security.extended_read = True


def _no_extended_read(fake: FakeJenkins) -> None:
    _wiped(fake)
    fake.controller.security.extended_read = False


def _said(number: int) -> str:
    body: str = exchanges("builds")[number]["response"]["body"]
    return body.replace("\r\n", "\n")


def _run_started(fake: FakeJenkins) -> None:
    """Let the build say what the recorded one said, with the notes that are hidden in it."""
    fake.build("run").log = _said(8)


def _run_finished(fake: FakeJenkins) -> None:
    build = fake.build("run")
    build.say(_said(9).removesuffix("Finished: SUCCESS\n"))
    build.finish("SUCCESS")
    fake.leave_declarative_actions("run")


def _answered(_: Build, question: Input, user: str) -> list[str]:
    """Say what the input step returned: a map where there are parameters, else who answered."""
    given: dict[str, str] = {}
    if question.given:
        given = {question.submitter_parameter or "": user, **question.given}
    shown = ", ".join(f"{name}:{value}" for name, value in given.items())
    by = f"[Pipeline] echo\nby {user}\n" if question.submitter and given else ""
    return [f"[Pipeline] echo\nanswer {f'[{shown}]' if given else user}\n{by}"]


def asking(question: Input) -> BuildScript:
    """Return the script of a pipeline that asks one question in its one stage."""
    before = ["Start of Pipeline", "stage", "{ (Approve)", "script", "{"]
    after = ["}", "// script", "}", "// stage", "End of Pipeline"]
    said = ["".join(f"[Pipeline] {line}\n" for line in lines) for lines in (before, after)]
    return BuildScript([said[0], question, said[1]], on_answer=_answered)


_PROMOTE = Input("Promote", "Promote to production?", "Promote", None, "BY", {"REASON": ""})


def _input_rights(fake: FakeJenkins) -> None:
    for name in ("dev", "approver", "watcher"):
        fake.add_user(name, permissions=[OVERALL_READ])
    rights = [f"Item.{right}:dev" for right in ("Build", "Cancel", "Read")]
    fake.put("team", folder(*rights, "Item.Read:approver", "Item.Read:watcher"))
    named = Input("Promote", "Promote to production?", "Promote", "approver,release-team", "BY", {"REASON": ""})
    fake.script("team/ask", asking(named))


def _asks(question: Input, result: str = "SUCCESS") -> Step:
    def step(fake: FakeJenkins) -> None:
        script = asking(question)
        script.result = result
        fake.script("team/ask", script)

    return step


def _question(submitter: str | None = None, **parameters: str) -> Input:
    return Input("Promote", "Promote to production?", "Promote", submitter, "BY", parameters)


def _timed_out(fake: FakeJenkins) -> None:
    build = fake.build("team/ask")
    build.inputs.clear()
    build.finish("ABORTED")


def _directive(fake: FakeJenkins) -> None:
    fake.script("team/ask", BuildScript([Input("Go", "Go?", "Proceed", "approver")]))


_MB = "file:///srv/git/mb.git"


def _branches(fake: FakeJenkins) -> None:
    for branch in ("bug#1", "feature/very/deep", "feature/x", "main", "release-1", "기능"):
        fake.push(_MB, branch)
    _index(fake)


def _index(fake: FakeJenkins) -> None:
    index_project(fake.controller, fake.item("mb"), "Started by user admin")  # type: ignore[arg-type]
    _finish_all(fake)


def _finish_all(fake: FakeJenkins) -> None:
    for job in fake.controller.jobs():
        for build in job.builds:
            build.finish("SUCCESS")


def _drops(branch: str) -> Step:
    return lambda fake: fake.controller.repositories.delete(_MB, branch)


def _dropped_and_pushed(fake: FakeJenkins) -> None:
    fake.controller.repositories.delete(_MB, "feature/x")
    fake.push(_MB, "main")


_APP, _LAZY = "file:///srv/git/app.git", "file:///srv/git/lazy.git"


def _removes(*names: str) -> Step:
    def step(fake: FakeJenkins) -> None:
        for name in names:
            fake.controller.root.remove(fake.item(name))

    return step


def _pushes(branch: str = "main", url: str = _APP) -> Step:
    return lambda fake: fake.push(url, branch)


def _lazy(fake: FakeJenkins) -> None:
    fake.push(_LAZY)
    fake.script("hook-d", BuildScript(["[Pipeline] Start of Pipeline\n"], checks_out=False))


_DEVS = [f"Item.{right}:dev" for right in ("Read", "Create", "Configure", "Build", "Delete")]

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("job-lifecycle"),
        Scenario("create-refused"),
        Scenario("crumbs"),
        Scenario("identity"),
        Scenario("least-privilege"),
        Scenario("folders-and-views"),
        Scenario("credentials"),
        Scenario("plugins-and-nodes"),
        Scenario("quiet-down"),
        Scenario("pipeline-linter"),
        Scenario(
            "jjb-round-trip",
            steps={
                2: _saved("rt-folder"),
                7: _saved("rt-freestyle"),
                12: _saved("rt-inline"),
                17: _saved("rt-multibranch"),
                22: _saved("rt-pipeline"),
            },
        ),
        Scenario(
            "permissions",
            _permissions,
            steps={14: lambda fake: _start_two(fake, "team/app"), 51: _saved("team")},
        ),
        Scenario("tokens", lambda fake: fake.add_user("tok")),
        Scenario("wizard", _fresh, options={"root_url": "http://127.0.0.1:8091/"}),
        Scenario("wizard-skip", FakeJenkins.begin_wizard),
        Scenario("plugins"),
        Scenario(
            "folder-update-wipes", _wiped, steps={28: _extended_read, 34: _no_extended_read, 40: _wiped, 43: _wiped}
        ),
        Scenario(
            "input-approval",
            _input_rights,
            steps={
                23: _asks(_question("approver,release-team", REASON=""), "FAILURE"),
                28: _asks(_question("approver,release-team", REASON="")),
                32: _asks(_question("approver")),
                39: _asks(_question()),
                45: _asks(_question("approver")),
                47: _timed_out,
                48: _directive,
            },
        ),
        Scenario(
            "multibranch",
            lambda fake: fake.put("zz-copy", _PIPELINE),
            steps={2: _branches, 22: _index, 32: _dropped_and_pushed, 35: _finish_all, 38: _drops("bug#1")},
        ),
        Scenario(
            "push-triggers",
            steps={
                25: _pushes(),
                34: _pushes(),
                43: _pushes(),
                58: _lazy,
                60: _pushes(url=_LAZY),
                65: _removes("hook-a", "hook-d"),
                66: _pushes(),
                69: _pushes(),
                73: _pushes("feature/x"),
                79: _removes("hook-b"),
            },
        ),
        Scenario(
            "folder-library",
            lambda fake: fake.add_user("dev", permissions=[OVERALL_READ]),
            steps={117: lambda fake: fake.put("team", folder(*_DEVS))},
        ),
        Scenario("starting", lambda fake: fake.process.begin_starting(1)),
        Scenario(
            "restart",
            steps={3: lambda fake: fake.process.wait_down(), 6: lambda fake: fake.process.wait_up()},
        ),
        Scenario(
            "builds",
            lambda fake: fake.script("run", BuildScript([], is_manual=True, artifacts={"out.txt": b"data\n"})),
            steps={8: _run_started, 9: _run_finished},
        ),
        Scenario("approval", lambda fake: fake.script("ask", asking(_PROMOTE))),
    )
}
