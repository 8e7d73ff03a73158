"""The controller's state: items, users, plugins, queue; and who may do what where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.fake_jenkins import security
from tests.fake_jenkins.builds import BuildScript, default_script
from tests.fake_jenkins.computers import Computer
from tests.fake_jenkins.exported import Field, names, plain
from tests.fake_jenkins.items import GROUP_FIELDS, Folder, Item, Job, MultiBranch
from tests.fake_jenkins.multibranch import NOBODY, index_project
from tests.fake_jenkins.pages import VERSION_HASH
from tests.fake_jenkins.plugin_versions import PLUGINS
from tests.fake_jenkins.queue import Queue
from tests.fake_jenkins.repositories import Repositories
from tests.fake_jenkins.secret_values import redact
from tests.fake_jenkins.security import Security
from tests.fake_jenkins.updates import Updates
from tests.fake_jenkins.xml_tree import Node

FREE_STYLE = "hudson.model.FreeStyleProject"


class Root(Folder):
    """Jenkins itself, as the group of its top items."""

    kinds = ("root",)
    class_name = "hudson.model.Hudson"
    view_root = "all"

    @property
    def full_name(self) -> str:
        return ""

    @property
    def full_display_name(self) -> str:
        return ""

    @property
    def path(self) -> str:
        return "/"

    def save_views(self, plugins: dict[str, str]) -> None:
        """Keep the views; Jenkins' own configuration is not to be seen."""

    def exported_fields(self) -> Sequence[Field]:
        return ROOT_FIELDS


ROOT_FIELDS = (
    Field("assignedLabels", lambda *_: [plain(name="built-in")]),
    Field("mode", lambda *_: "NORMAL"),
    Field("nodeDescription", lambda *_: "the Jenkins controller's built-in node"),
    Field("nodeName", lambda *_: ""),
    Field("numExecutors", lambda _, exchange: exchange.controller.executors),
    Field("description", lambda *_: None),
    GROUP_FIELDS[0],
    Field("overallLoad", lambda *_: plain()),
    GROUP_FIELDS[1],
    Field("quietDownReason", lambda _, exchange: exchange.controller.quiet_reason),
    Field("quietingDown", lambda _, exchange: exchange.controller.is_quieting),
    Field("slaveAgentPort", lambda _, exchange: exchange.controller.agent_port),
    Field("unlabeledLoad", lambda *_: plain("jenkins.model.UnlabeledLoadStatistics")),
    Field("url", lambda _, exchange: exchange.root_url if exchange.controller.root_url_is_known else None),
    Field("useCrumbs", lambda _, exchange: exchange.controller.uses_crumbs),
    Field("useSecurity", lambda *_: True),
    GROUP_FIELDS[2],
)


class Controller:
    def __init__(self, *, prefix: str, root_url: str | None, store: str, plugins: dict[str, str] | None) -> None:
        self.prefix = prefix
        self.root_url = root_url
        self.always_saves = store != "2.516"
        self.version = "2.516.2" if store == "2.516" else "2.555.3"
        self.plugins = dict(PLUGINS if plugins is None else plugins)
        self.security = Security()
        self.root = Root("", None)
        self.agent_port: int = 0
        self.uses_crumbs: bool = True
        self.is_quieting: bool = False
        self.quiet_reason: str | None = None
        self.session_id = VERSION_HASH
        self.queue = Queue()
        self.scripts: dict[str, list[BuildScript]] = {}
        self.credentials: list[Node] = []
        self.agents: list[Computer] = []
        self.updates = Updates()
        self.disabled_plugins: set[str] = set()
        self.push_tokens: dict[str, tuple[str | None, str]] = {}
        self.repositories = Repositories()
        self.wizard_on = False
        self.allows_sign_up: bool = False
        self.suggested_plugins: list[object] = []
        self.root_url_is_known: bool = True
        self.restart_asked = False
        self.cloud_labels: set[str] = set()  # for which a cloud would start agents
        self._built_in = Computer("", ["built-in"], 2, {})
        self._built_in.online = True

    # -- items

    def item(self, full_name: str) -> Item | None:
        """Return an item by its full name, whoever may see it."""
        at: Item | None = self.root
        for name in full_name.split("/"):
            at = at.get(name) if isinstance(at, Folder) else None
        return at

    def items(self) -> Iterator[Item]:
        return self.root.walk()

    def relative(self, name: str, group: Folder) -> Item | None:
        """Return an item named as Jenkins names them: absolute, or seen from a group."""
        if name.startswith("/"):
            return self.item(name[1:])
        return self.item(f"{group.full_name}/{name}".lstrip("/")) or self.item(name)

    def taken(self, item: Item) -> None:
        """Note that a configuration was taken: later lines write it anew at once."""
        if self.always_saves:
            item.save(self.plugins)
        if isinstance(item, MultiBranch) and not item.disabled:
            index_project(self, item, NOBODY)

    def gone(self, item: Item) -> None:
        """Note that an item was deleted."""
        item.deleted = True
        for waiting in self.queue.waiting():
            waiting.cancelled |= waiting.task is item

    # -- permissions

    def granted(self, user: str, where: Item | None) -> frozenset[str]:
        """Return what a user was granted at an item: the matrices of its folders, outwards to the root's."""
        found: set[str] = set()
        at = where
        while at is not None and at is not self.root:
            held, inherits = _matrix(at, user)
            found |= held
            if inherits == "none":
                return self._administrators(user, found)
            at = None if inherits == "global" else at.parent
        return frozenset(found | self._at_root(user))

    def _at_root(self, user: str) -> frozenset[str]:
        if user == "anonymous":
            return self.security.anonymous
        known = self.security.users.get(user.lower())
        return (known.permissions if known else frozenset()) | self.security.authenticated

    def _administrators(self, user: str, found: set[str]) -> frozenset[str]:
        """Keep an administrator one wherever inheritance ends."""
        return frozenset(found | ({security.ADMINISTER} & self._at_root(user)))

    # -- nodes and builds

    def jobs(self) -> Iterator[Job]:
        return (item for item in self.items() if isinstance(item, Job))

    def computers(self) -> list[Computer]:
        return [self._built_in, *sorted(self.agents, key=lambda each: each.name)]

    @property
    def executors(self) -> int:
        """How many builds the controller itself runs at a time."""
        return self._built_in.executors

    @executors.setter
    def executors(self, number: int) -> None:
        self._built_in.executors = number

    def busy_executors(self) -> int:
        """Count the builds on executors; a pipeline that waits takes none."""
        return sum(job.class_name == FREE_STYLE and build.building for job in self.jobs() for build in job.builds)

    def script_of(self, job: Job) -> BuildScript:
        """Return what the next build of a job does: the next of its scripts, or its last again."""
        scripts = self.scripts.get(job.full_name)
        if not scripts:
            return default_script(job)
        return scripts.pop(0) if len(scripts) > 1 else scripts[0]

    def health_of(self, job: Job) -> list[object]:
        """Return the build stability, once there are builds."""
        done = [build for build in job.builds[-5:] if not build.building]
        if not done:
            return []
        failed = sum(build.result == "FAILURE" for build in done)
        score = 100 * (len(done) - failed) // len(done)
        says = "No recent builds failed." if not failed else f"{failed} out of the last {len(done)} builds failed."
        icon = "icon-health-80plus" if score > 80 else "icon-health-00to19"
        return [
            plain(
                description=f"Build stability: {says}",
                iconClassName=icon,
                iconUrl=icon.removeprefix("icon-") + ".png",
                score=score,
            )
        ]

    def redacted(self, xml: str) -> str:
        return redact(xml)


names("iconUrl", "score")
_INHERITANCE = {"InheritGlobalStrategy": "global", "NonInheritingStrategy": "none"}


def _matrix(item: Item, user: str) -> tuple[set[str], str]:
    """Return what an item's own matrix grants a user, and from where the rest comes."""
    node = item.permissions_here()
    if node is None:
        return set(), "parent"
    strategy = node.child("inheritanceStrategy")
    inherits = _INHERITANCE.get(strategy.class_name.rpartition(".")[2], "parent") if strategy else "parent"
    who = {f"USER:{user}", user} | ({"GROUP:authenticated", "authenticated"} if user != "anonymous" else set())
    held = set()
    for each in node.children:
        if each.tag == "permission":
            kind, permission, sid = _entry(each.text)
            if f"{kind}{sid}" in who:
                held.add(permission)
    return held, inherits


def _entry(text: str) -> tuple[str, str, str]:
    """Split `USER:hudson.model.Item.Read:dev`; before version 3 of the plugin the kind was left out."""
    parts = text.split(":")
    return (parts[0] + ":", parts[1], parts[2]) if len(parts) > 2 else ("", parts[0], parts[-1])
