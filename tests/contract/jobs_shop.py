"""A team's fake Jenkins with jobs of ours and of others, the records of ours, and a small Job Builder tree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cictl.core.job_marks import put_mark
from cictl.core.job_plan import ItemKey
from cictl.core.job_three_way import Base
from cictl.wiring.app import App
from cictl.wiring.jobs import JobSource
from cictl.wiring.jobs_live import LiveJobs, live_jobs
from tests.contract.bootstrap_platform import brisk_app
from tests.fake_jenkins import FakeJenkins
from tests.running import Outcome, Run

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
PIPELINE, FREESTYLE, VIEW = "flow-definition", "project", "hudson.model.ListView"
OWNER = "shop: tree"
REPO = "https://git.example.com/shop/mb.git"
FOREIGN = {"other": FOLDER, "other/build": PIPELINE, "shop/theirs": FREESTYLE}
_CONFIG = 'version: 1\njenkins: {{url: "{url}", folder: shop}}\n'
_TREE = """\
- job: {name: shop/ci, project-type: folder, description: Ours.}
- job: {name: shop/ci/web, project-type: pipeline, description: Web., dsl: 'build()', sandbox: true}
- view: {name: shop/ours, view-type: list, description: Ours., job-name: [ci/web]}
"""
_SOURCES = (
    "<sources><data><jenkins.branch.BranchSource><source class='jenkins.plugins.git.GitSCMSource'><id>app</id>"
    f"<remote>{REPO}</remote></source></jenkins.branch.BranchSource></data></sources>"
)


def config(tag: str, *, owner: str | None = OWNER, description: str = "Made.", rest: str = "") -> str:
    """Return a configuration of kind TAG, with OWNER's mark."""
    text = put_mark(description, owner) if owner else description
    inner = rest + (_SOURCES if tag == MULTIBRANCH and "<sources>" not in rest else "")
    return f"<{tag}><description>{text.replace('<', '&lt;')}</description>{inner}</{tag}>"


class Shop:
    """The Jenkins, below a prefix and with a wrong root URL, and the platform's repository in FOLDER."""

    def __init__(self, folder: Path, *, store: str = "2.516") -> None:
        self.fake = FakeJenkins(prefix="/jenkins", root_url="http://wrong.example.com/x/", store=store).start()
        self.folder = folder
        self.environ = {
            "JENKINS_USER_ID": "admin",
            "JENKINS_API_TOKEN": self.fake.token,
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "HOME": str(folder),
        }
        folder.mkdir(exist_ok=True)
        (folder / "tree").mkdir(exist_ok=True)
        self.tree.write_text(_TREE)
        (folder / "cictl.yaml").write_text(_CONFIG.format(url=self.fake.url))
        for name in ("shop", "shop/ci", "shop/admin"):
            self.fake.put(name, config(FOLDER, owner="cictl bootstrap"))
        for name, tag in FOREIGN.items():
            self.fake.put(name, config(tag, owner=None))
        self.foreign = {name: self.fake.jobs()[name] for name in FOREIGN}

    @property
    def tree(self) -> Path:
        """The file of jobs as Git has it."""
        return self.folder / "tree" / "jobs.yaml"

    def close(self) -> None:
        self.fake.stop()
        assert self.fake.unknown == []
        assert {name: self.fake.jobs().get(name) for name in FOREIGN} == self.foreign, "others' jobs are left alone"

    def app(self) -> App:
        return brisk_app(self.folder, self.environ)

    def sign_in(self, user: str) -> None:
        self.environ |= {"JENKINS_USER_ID": user, "JENKINS_API_TOKEN": self.fake.add_token(user).value}

    def ours(self, jobs: Mapping[str, str]) -> None:
        """Have JOBS (name → kind) as `cictl jobs apply` leaves them: marked, and on record."""
        for name, tag in jobs.items():
            self.fake.put(name, config(tag))
        self.record(*jobs)

    def our_view(self, name: str) -> None:
        with self.live() as live:
            live.items.create_view(name, config(VIEW))
            xml = live.items.view_xml(name) or ""
            live.records.keep({ItemKey(name, is_view=True): Base(xml, xml)})

    def record(self, *names: str) -> None:
        there = self.fake.jobs()
        with self.live() as live:
            live.records.keep({ItemKey(name): Base(there[name], there[name]) for name in names})

    def live(self) -> Any:  # noqa: ANN401 - a context manager of LiveJobs
        return live_jobs(self.app(), JobSource((self.folder / "tree",)))

    def recorded(self) -> set[str]:
        found: LiveJobs
        with self.live() as found:
            return {key.full_name for key in found.records.bases()}

    def jobs(self) -> set[str]:
        """Names of all jobs, without what is always there: others', the folders, the records."""
        always = {"shop", "shop/ci", "shop/admin", "shop/admin/cictl-state", *FOREIGN}
        return set(self.fake.jobs()) - always

    def run(self, run: Run, *argv: str) -> Outcome:
        tree = () if argv[0] == "restore" else ("-r", str(self.folder / "tree"))
        return run("jobs", argv[0], *tree, *argv[1:], app=self.app())

    def told(self, run: Run, *argv: str) -> tuple[int, dict[str, Any]]:
        """Run it, and return its exit status and its last document."""
        outcome = self.run(run, *argv, "-o", "json")
        assert outcome.stdout, outcome.stderr
        return outcome.status, json.loads(outcome.stdout)

    def results(self, run: Run, *argv: str) -> tuple[int, dict[str, str]]:
        """Run it, and return its exit status and what became of each job."""
        status, document = self.told(run, *argv)
        return status, {each["name"]: each.get("result", each.get("action", "")) for each in document["jobs"]}

    def kept(self) -> set[str]:
        """Names of what is in any backup."""
        found = (self.folder / "state" / "cictl" / "backups").rglob("config.xml")
        return {"/".join(path.parts[path.parts.index("jobs") + 1 : -1 : 2]) for path in found if "jobs" in path.parts}

    def writes(self) -> list[str]:
        """Return what was asked that is no reading."""
        return [each.path for each in self.fake.requests if each.method != "GET"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "platform")
    yield made
    made.close()
