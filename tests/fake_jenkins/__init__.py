"""A strict stand-in for a Jenkins controller: a real HTTP server with an in-memory controller behind it.

In a test, take the fixture `fake_jenkins`, or `make_fake_jenkins(prefix="/jenkins", store="2.555", …)`; both fail the
test when the fake was asked for what it does not know. Options: see `FakeJenkins`.

- Who: `fake.url`, `fake.token` (administrator), users `admin` (password `ADMIN_PASSWORD`), `reader`, `dev`;
  `add_user(name, permissions=[…])`, `grant(folder, user, "Item.Read")`, `add_token(user)`.
- State: `jobs()`, `item(name)`, `views(folder)`, `secrets(folder)`, `tokens(user)`, `asked("POST")`, `unknown`.
- Others at work: `put(name, xml)`, `save(name)`, `start_build(name)`, `push(url, branch)`, `connect_agent(name)`,
  `leave_declarative_actions(name)`.
- Builds: `script(job, BuildScript([...], result=…))`; each look at a build takes it one chunk on.
- Faults: `faults.drop_before(matches, nth=2)`, `drop_after`, `answer_instead`, `faults.on_request`, `faults.on_answer`.
- Life: `process.begin_starting(3)`, `process.plan`, `begin_wizard()`; `controller.updates.available` is what the
  update centre has.
"""

from tests.fake_jenkins.builds import BuildScript, Input
from tests.fake_jenkins.server import ADMIN_PASSWORD, INITIAL_PASSWORD, FakeJenkins

__all__ = ["ADMIN_PASSWORD", "INITIAL_PASSWORD", "BuildScript", "FakeJenkins", "Input"]
