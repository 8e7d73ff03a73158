"""The first part: who signs in, how the setup wizard ends, what may be done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from cictl.core.bootstrap_access import SignInSeen
from cictl.core.bootstrap_plan import Part, Standing
from cictl.core.jenkins_items import FOLDER_CLASS, Item
from cictl.core.jenkins_server import Probed, Right, ServerState, WhoAmI, Wizard
from cictl.errors import AnswerLost, CictlError, FarSideFailed, NotAllowed
from cictl.services.bootstrap_access import Access

_URL = "http://ci.example.com/jenkins"
_YES, _NO = Probed(Right.ALLOWED), Probed(Right.REFUSED, "Job/Create")


@dataclass
class Account:
    wizard_is: Wizard = Wizard.OVER
    root_url: str = f"{_URL}/"
    administrator: Probed = _YES
    create: Probed = _YES
    is_anonymous: bool = False
    end_fails: CictlError | None = None
    ends_anyway: bool = True
    told: list[str] = field(default_factory=list)
    url: str = _URL

    def who_am_i(self) -> WhoAmI:
        return WhoAmI("admin", self.is_anonymous)

    def state(self) -> ServerState:
        return ServerState(True, True, 0, False, self.root_url)  # noqa: FBT003 - as the server says it

    def wizard(self) -> Wizard:
        return self.wizard_is

    def set_root_url_in_wizard(self, root_url: str) -> None:
        self.told.append(root_url)

    def end_wizard(self) -> None:
        if self.ends_anyway:
            self.wizard_is = Wizard.OVER
        if self.end_fails is not None:
            raise self.end_fails

    def may_manage_plugins(self) -> Probed:
        return self.administrator

    def may_create_in(self, folder: str) -> Probed:
        self.told.append(f"create in {folder!r}")
        return self.create

    def may_configure(self, full_name: str) -> Probed:
        self.told.append(f"configure {full_name!r}")
        return _YES


@dataclass
class Items:
    there: tuple[str, ...] = ()

    def item(self, full_name: str) -> Item | None:
        return Item(full_name, FOLDER_CLASS) if full_name in self.there else None


def _access(account: Account, *, is_password: bool = False, there: tuple[str, ...] = ()) -> Access:
    return Access(
        account, Items(there), SignInSeen("admin", "a token", is_password), lambda: "cictl on a", "teams/shop"
    )


def _standing(access: Access, subject: str) -> Standing | None:
    return next((step.standing for step in access.plan() if step.subject == subject), None)


@pytest.mark.parametrize(("is_password", "standing"), [(True, Standing.CREATED), (False, Standing.UNCHANGED)])
def test_a_password_becomes_a_token(is_password: bool, standing: Standing) -> None:
    access = _access(Account(), is_password=is_password)
    assert _standing(access, "sign-in") is standing
    assert "'cictl on a'" in access.apply(access.plan()[0]).detail


def test_who_is_taken_for_nobody_is_refused() -> None:
    with pytest.raises(NotAllowed, match="takes admin for nobody"):
        _access(Account(is_anonymous=True)).plan()


@pytest.mark.parametrize(
    ("wizard", "standing"),
    [(Wizard.LOCKED, Standing.CHANGED), (Wizard.OPEN, Standing.CHANGED), (Wizard.OVER, None)],
)
def test_a_wizard_that_is_not_over_is_ended(wizard: Wizard, standing: Standing | None) -> None:
    account = Account(wizard_is=wizard)
    access = _access(account)
    step = next((step for step in access.plan() if step.subject == "setup wizard"), None)
    assert (step.standing if step else None) is standing
    if step is not None:
        access.apply(step)
        assert account.told == [f"{_URL}/"]


@pytest.mark.parametrize(
    ("error", "ends", "raises"),
    [
        pytest.param(AnswerLost("lost"), True, None, id="lost-after-acting"),
        pytest.param(AnswerLost("lost"), False, AnswerLost, id="lost-before-acting"),
        pytest.param(NotAllowed("no"), False, NotAllowed, id="not-allowed"),
        pytest.param(FarSideFailed("gone"), True, None, id="over-already"),
        pytest.param(None, False, FarSideFailed, id="it-says-so-and-does-not"),
    ],
)
def test_what_counts_is_whether_the_wizard_is_over(
    error: CictlError | None, ends: bool, raises: type[CictlError] | None
) -> None:
    access = _access(Account(wizard_is=Wizard.OPEN, end_fails=error, ends_anyway=ends))
    step = next(step for step in access.plan() if step.subject == "setup wizard")
    if raises is None:
        assert access.apply(step) == step
        return
    with pytest.raises(raises):
        access.apply(step)


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ((), ["create in ''"]),
        (("teams",), ["create in 'teams'"]),
        (("teams", "teams/shop"), ["create in 'teams/shop'", "configure 'teams/shop'"]),
    ],
)
def test_rights_are_probed_where_they_are_needed(there: tuple[str, ...], asked: list[str]) -> None:
    account = Account(administrator=_NO)
    _access(account, there=there).plan()
    assert account.told == asked


def test_a_missing_right_stops_what_needs_it_alone() -> None:
    [refusal] = [
        step for step in _access(Account(administrator=_NO, create=_NO)).plan() if step.standing is Standing.REFUSED
    ]
    assert "Job/Create" in refusal.detail
    assert refusal.blocks == frozenset({Part.FOLDERS, Part.JOBS})


def test_a_wrong_root_url_is_told_and_stops_nothing() -> None:
    steps = _access(replace(Account(), root_url="http://wrong.example/")).plan()
    [told] = [step for step in steps if step.subject == "root URL"]
    assert (told.standing, _URL in told.todo) == (Standing.UNCHANGED, True)
