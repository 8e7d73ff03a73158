"""Who asks and what they may do: users, tokens, sessions, crumbs, and the matrix of permissions at root and folders."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fake_jenkins import pages
from tests.fake_jenkins.messages import RefusedError

ADMINISTER = "hudson.model.Hudson.Administer"
OVERALL_READ = "hudson.model.Hudson.Read"
_ITEM, _VIEW, _GENERIC = "hudson.model.Item", "hudson.model.View", "hudson.security.Permission.Generic"
_CREDENTIALS = "com.cloudbees.plugins.credentials.CredentialsProvider"
ITEM_READ, ITEM_DISCOVER, ITEM_EXTENDED_READ = f"{_ITEM}.Read", f"{_ITEM}.Discover", f"{_ITEM}.ExtendedRead"
ITEM_CREATE, ITEM_DELETE, ITEM_CONFIGURE = f"{_ITEM}.Create", f"{_ITEM}.Delete", f"{_ITEM}.Configure"
ITEM_BUILD, ITEM_CANCEL = f"{_ITEM}.Build", f"{_ITEM}.Cancel"
VIEW_CREATE, VIEW_DELETE = f"{_VIEW}.Create", f"{_VIEW}.Delete"
VIEW_CONFIGURE, VIEW_READ = f"{_VIEW}.Configure", f"{_VIEW}.Read"
CREDENTIALS_VIEW, CREDENTIALS_CREATE = f"{_CREDENTIALS}.View", f"{_CREDENTIALS}.Create"
CREDENTIALS_UPDATE, CREDENTIALS_DELETE = f"{_CREDENTIALS}.Update", f"{_CREDENTIALS}.Delete"
_WRITE = f"{_GENERIC}Write"

# What implies a permission, nearest first, as the header of a refusal names it.
IMPLIED_BY: dict[str, tuple[str, ...]] = {
    ADMINISTER: (),
    OVERALL_READ: (f"{_GENERIC}Read", ADMINISTER),
    ITEM_READ: (f"{_GENERIC}Read", ADMINISTER),
    ITEM_DISCOVER: (ITEM_READ, f"{_GENERIC}Read", ADMINISTER),
    ITEM_EXTENDED_READ: (ITEM_CONFIGURE, f"{_GENERIC}Configure", f"{_GENERIC}Update", _WRITE, ADMINISTER),
    ITEM_CREATE: (f"{_GENERIC}Create", _WRITE, ADMINISTER),
    ITEM_DELETE: (f"{_GENERIC}Delete", _WRITE, ADMINISTER),
    ITEM_CONFIGURE: (f"{_GENERIC}Configure", f"{_GENERIC}Update", _WRITE, ADMINISTER),
    ITEM_BUILD: (f"{_GENERIC}Update", _WRITE, ADMINISTER),
    ITEM_CANCEL: (f"{_GENERIC}Update", _WRITE, ADMINISTER),
    VIEW_CREATE: (f"{_GENERIC}Create", _WRITE, ADMINISTER),
    VIEW_DELETE: (f"{_GENERIC}Delete", _WRITE, ADMINISTER),
    VIEW_CONFIGURE: (f"{_GENERIC}Configure", f"{_GENERIC}Update", _WRITE, ADMINISTER),
    VIEW_READ: (f"{_GENERIC}Read", ADMINISTER),
    # not recorded: `CredentialsProvider` declares these below the generic ones.
    CREDENTIALS_VIEW: (f"{_GENERIC}Read", ADMINISTER),
    CREDENTIALS_CREATE: (f"{_GENERIC}Create", _WRITE, ADMINISTER),
    CREDENTIALS_UPDATE: (f"{_GENERIC}Update", _WRITE, ADMINISTER),
    CREDENTIALS_DELETE: (f"{_GENERIC}Delete", _WRITE, ADMINISTER),
    "hudson.model.Computer.Create": (ADMINISTER,),
    "hudson.model.Computer.Delete": (ADMINISTER,),
    "hudson.model.Computer.Configure": (ADMINISTER,),
    "hudson.model.Computer.Connect": (ADMINISTER,),
    "hudson.model.Computer.ExtendedRead": ("hudson.model.Computer.Configure", ADMINISTER),
}
# Permissions that exist besides; a matrix that is saved drops what does not.
KNOWN = frozenset(IMPLIED_BY) | {
    "hudson.model.Item.Move", "hudson.model.Item.Workspace", "hudson.model.Item.ViewStatus",
    "hudson.model.Run.Delete", "hudson.model.Run.Update", "hudson.model.Run.Replay", "hudson.model.Run.Artifacts",
    "hudson.scm.SCM.Tag", f"{_CREDENTIALS}.ManageDomains", f"{_CREDENTIALS}.UseItem", f"{_CREDENTIALS}.UseOwn",
    "jenkins.metrics.api.Metrics.View",
}  # fmt: skip
_GROUPS_HIDDEN = (
    "X-You-Are-In-Group-Disabled",
    "JENKINS-39402: use -Dhudson.security.AccessDeniedException2.REPORT_GROUP_HEADERS=true or use /whoAmI to diagnose",
)
_TITLES = {"hudson.model.Hudson": "Overall", _ITEM: "Job", _VIEW: "View", _CREDENTIALS: "Credentials"}


@dataclass(slots=True)
class Token:
    name: str
    uuid: str
    value: str
    uses: int = 0


@dataclass(slots=True)
class User:
    name: str
    password: str
    permissions: frozenset[str] = frozenset()
    tokens: list[Token] = field(default_factory=list)
    full_name: str = ""
    email: str | None = None


class Security:
    """The user database, the root's matrix, sessions and crumbs."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.anonymous: frozenset[str] = frozenset()
        self.authenticated: frozenset[str] = frozenset()
        self.sessions: dict[str, User | None] = {}  # who signed in by the form, if anybody
        self.extended_read = False
        self._salt = secrets.token_hex(8)
        self._by_header: dict[str, tuple[User, Token | None]] = {}
        self.cookie_name = "JSESSIONID." + secrets.token_hex(4)

    def add(self, name: str, password: str | None = None, permissions: Iterable[str] = ()) -> User:
        """Add a user; the password is the name unless given."""
        user = User(name, name if password is None else password, frozenset(permissions), full_name=name)
        self.users[name.lower()] = user
        self._by_header.clear()
        return user

    def remove(self, name: str) -> None:
        user = self.users.pop(name.lower(), None)
        self.sessions = {session: None if owner is user else owner for session, owner in self.sessions.items()}
        self._by_header.clear()

    def new_token(self, user: User, name: str, value: str | None = None) -> Token:
        token = Token(name, str(uuid.uuid4()), value or "11" + secrets.token_hex(16))
        user.tokens.append(token)
        return token

    def revoke(self, user: User, token_uuid: str) -> None:
        user.tokens = [token for token in user.tokens if token.uuid != token_uuid]
        self._by_header.clear()

    def authenticate(self, header: str) -> tuple[User, Token | None] | None:
        """Return the user of a Basic header, with the token if that is what it was; None refuses."""
        if (known := self._by_header.get(header)) is None:
            known = self._look_up(header)
            if known is not None:
                self._by_header[header] = known
        if known is not None and known[1] is not None:
            known[1].uses += 1
        return known

    def named(self, header: str) -> str | None:
        """Return the user that a Basic header names, None if it is none."""
        if not header.lower().startswith("basic "):
            return None
        try:
            return b64decode(header[6:], validate=True).decode().partition(":")[0]
        except (BadBase64, UnicodeDecodeError):
            return ""

    def _look_up(self, header: str) -> tuple[User, Token | None] | None:
        try:
            name, _, secret = b64decode(header[6:], validate=True).decode().partition(":")
        except (BadBase64, UnicodeDecodeError):
            return None
        user = self.users.get(name.lower())
        if user is None:
            return None
        token = next((token for token in user.tokens if token.value == secret), None)
        return (user, token) if token is not None or user.password == secret else None

    def new_session(self, user: User | None = None) -> str:
        session = f"node0{secrets.token_hex(12)}.node0"
        self.sessions[session] = user
        return session

    def by_form(self, name: str, password: str) -> User | None:
        """Return who signs in by a password on the form."""
        user = self.users.get(name.lower())
        return user if user is not None and user.password == password else None

    def crumb(self, user: str, session: str) -> str:
        """Return a crumb, which is good for one user in one session."""
        return hashlib.sha256(f"{user};{session};{self._salt}".encode()).hexdigest()

    def forget_sessions(self) -> None:
        self.sessions.clear()


def implies(granted: Iterable[str], permission: str) -> bool:
    """Say whether any of what was granted is, or implies, the permission."""
    return permission in granted or any(each in granted for each in IMPLIED_BY.get(permission, (ADMINISTER,)))


def denied(user: str, permission: str) -> RefusedError:
    """Return the refusal that names the missing permission in its headers."""
    headers = [("X-You-Are-Authenticated-As", user), _GROUPS_HIDDEN, ("X-Required-Permission", permission)]
    headers += [("X-Permission-Implied-By", each) for each in IMPLIED_BY.get(permission, ())]
    group, _, name = permission.rpartition(".")
    return pages.access_denied(user, f"{_TITLES.get(group, group)}/{name}", headers)
