"""One request on its way through the controller: who asks, and what they may do where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fake_jenkins import pages, security
from tests.fake_jenkins.messages import Request
from tests.fake_jenkins.views import ViewOf, visible_jobs

if TYPE_CHECKING:
    from tests.fake_jenkins.controller import Controller
    from tests.fake_jenkins.items import Folder, Item


@dataclass(slots=True)
class Exchange:
    controller: Controller
    request: Request
    _host: str = ""

    @property
    def user(self) -> str:
        return self.request.user

    @property
    def root_url(self) -> str:
        """The configured root URL with a slash at its end, or what the request was sent to."""
        controller = self.controller
        if controller.root_url:
            return controller.root_url.rstrip("/") + "/"
        return f"http://{self.request.headers.get('host', 'localhost')}{controller.prefix}/"

    def path(self, tail: str) -> str:
        """Return a path for a `Location`: relative to the server, prefix included."""
        return self.controller.prefix + tail

    def may(self, permission: str, where: Item | Folder | None = None) -> bool:
        return security.implies(self.controller.granted(self.user, where), self._enabled(permission))

    def sees_view(self, view: ViewOf) -> bool:
        """Say whether a view is shown: to who may configure it, and where there is something to see in it."""
        where = None if view.group is self.controller.root else view.group
        return self.may(security.VIEW_READ, where) or bool(visible_jobs(view, self))

    def require(self, permission: str, where: Item | Folder | None = None) -> None:
        if not self.may(permission, where):
            raise security.denied(self.user, self._enabled(permission))

    def _enabled(self, permission: str) -> str:
        """Return the permission, or what implies it where it is off, as Extended Read is unless turned on."""
        is_off = permission == security.ITEM_EXTENDED_READ and not self.controller.security.extended_read
        return security.ITEM_CONFIGURE if is_off else permission

    def sees(self, item: Item) -> bool:
        return self.may(security.ITEM_READ, item)

    def require_administer(self) -> None:
        self.require(security.ADMINISTER)

    def require_overall_read(self) -> None:
        """Refuse who may not see Jenkins at all; anonymous is sent to the login."""
        if self.may(security.OVERALL_READ):
            return
        if self.user == "anonymous":
            raise pages.login_required(self.request.target)
        raise security.denied(self.user, security.OVERALL_READ)
