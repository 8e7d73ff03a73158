"""Who the user is, what they may do, their API tokens, and the server's own state; it decides nothing by itself."""

from __future__ import annotations

import json
import re
from typing import Any

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.clients.jenkins_errors import Refused, explained
from cictl.clients.jenkins_jobs import item_path
from cictl.core.jenkins_pages import permission_title
from cictl.core.jenkins_server import ApiToken, Probed, Pulse, Right, ServerState, WhoAmI, Wizard
from cictl.errors import FarSideFailed, NotFound
from cictl.redaction import redact

_UNLIKELY_NAME = "cictl-asks-whether-it-may"
_TOKENS = "/me/descriptorByName/jenkins.security.ApiTokenProperty"
_WIZARD_PAGE = re.compile(r"<title>\s*Setup Wizard\b|jsbundles/pluginSetupWizard")
_SIGN_UP_LINK = re.compile(r"""href=["'][^"']*\bsignup["']""")
_OK, _FORBIDDEN, _NOT_FOUND = 200, 403, 404
_OPEN_PAGE = "/whoAmI/api/json"  # anyone may ask it; /login may lead to another server
_WRONG_ADDRESS = "no Jenkins is there: check jenkins.url or JENKINS_URL; is a prefix as /jenkins missing?"
_REFUSALS = range(300, 500)
_PROBE_ALSO = {_FORBIDDEN, _NOT_FOUND}
_PULSE_SECONDS = 10.0


class JenkinsAccount:
    """The connection's user, and the server that they are a user of."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @property
    def url(self) -> str:
        """The configured address, without a slash at its end."""
        return self._connection.url

    @understood
    def who_am_i(self) -> WhoAmI:
        """Return who the server takes the user for; SignInRefused if it does not know them."""
        try:
            document = self._connection.get_json(_OPEN_PAGE)
        except NotFound as error:
            raise explained(error, hint=_WRONG_ADDRESS) from error
        return WhoAmI(str(_field(document, "name")), bool(document.get("anonymous", False)))

    def pulse(self) -> Pulse:
        """Ask once whether Jenkins serves: Unreachable if nothing answers, StartingUp while it starts or restarts."""
        answer = self._connection.get(_OPEN_PAGE, also=_REFUSALS, timeout_seconds=_PULSE_SECONDS, is_patient=False)
        return Pulse(answer.headers.get("X-Jenkins", ""), answer.headers.get("X-Jenkins-Session", ""))

    def version(self) -> str:
        """Return Jenkins' version, "unknown" where a proxy drops the header that says it."""
        return self._connection.get(_OPEN_PAGE, also=_REFUSALS).headers.get("X-Jenkins", "unknown")

    def now(self) -> float:
        """Return Jenkins' time in seconds since the epoch."""
        return self._connection.now()

    @understood
    def state(self) -> ServerState:
        """Return what the server says of itself."""
        tree = "useSecurity,useCrumbs,numExecutors,quietingDown,url"
        document = self._connection.get_json("/api/json", {"tree": tree})
        return ServerState(
            has_security=bool(_field(document, "useSecurity")),
            has_crumbs=bool(document.get("useCrumbs")),
            controller_executors=int(document.get("numExecutors") or 0),
            is_quieting=bool(document.get("quietingDown")),
            root_url=str(document.get("url") or ""),
        )

    def lets_anyone_sign_up(self) -> bool:
        """Whether strangers may make themselves an account: the page to sign in has a link to that then."""
        return _SIGN_UP_LINK.search(self._login_page()) is not None

    def is_open_to_anyone(self) -> bool:
        """Whether the top page's API answers this user, who should be nobody."""
        return self._connection.get("/api/json", {"tree": "mode"}, also=_REFUSALS).status == _OK

    def probe(self, path: str, *, query: dict[str, str] | None = None) -> Probed:
        """GET a page that Jenkins shows only to those with a right, and changes nothing."""
        answer = self._connection.get(path, query, also=_PROBE_ALSO)
        if answer.status == _FORBIDDEN:
            return Probed(Right.REFUSED, permission_title(answer.headers.get("X-Required-Permission", "")))
        return Probed(Right.HIDDEN if answer.status == _NOT_FOUND else Right.ALLOWED)

    def may_create_in(self, folder: str) -> Probed:
        """Probe Job/Create in FOLDER ("" is the top)."""
        return self.probe(f"{item_path(folder)}/checkJobName", query={"value": _UNLIKELY_NAME})

    def may_configure(self, full_name: str) -> Probed:
        """Probe whether the user sees the form that Job/Configure (or Job/ExtendedRead) opens."""
        return self.probe(f"{item_path(full_name)}/configure")

    def may_manage_plugins(self) -> Probed:
        """Probe Overall/Administer by the list of plugins (Overall/SystemRead, where it is used, opens that too)."""
        return self.probe("/pluginManager/api/json", query={"tree": "plugins[shortName]"})

    def add_token(self, name: str, value: str) -> ApiToken:
        """Give the user the API token VALUE, which the caller made: "11" and 32 hexadecimal digits."""
        redact(value)
        # The page has this name in Jenkins; the Java method behind it is called addFixedNewToken.
        form = {"newTokenName": name, "newTokenPlainValue": value}
        data = self._told(f"{_TOKENS}/addFixedToken", form)
        return ApiToken(str(_field(data, "tokenUuid")), name, value)

    def generate_token(self, name: str) -> ApiToken:
        """Let Jenkins make an API token for the user; a lost answer leaves one that nobody knows."""
        data = self._told(f"{_TOKENS}/generateNewToken", {"newTokenName": name})
        value = redact(str(_field(data, "tokenValue")))
        return ApiToken(str(_field(data, "tokenUuid")), str(data.get("tokenName", name)), value)

    def revoke_token(self, uuid: str) -> None:
        """Revoke the user's token; one that is gone already is no error."""
        self._connection.post(f"{_TOKENS}/revoke", form={"tokenUuid": uuid})

    def wizard(self) -> Wizard:
        """Return how far the setup wizard is, as far as this user is shown it."""
        if _WIZARD_PAGE.search(self._login_page()):
            return Wizard.LOCKED
        answer = self._connection.get("/", also=_REFUSALS)
        return Wizard.OPEN if answer.status == _OK and _WIZARD_PAGE.search(answer.text) else Wizard.OVER

    def create_first_administrator(self, user: str, password: str, *, full_name: str, email: str) -> None:
        """Replace the wizard's `admin`, whose password and tokens die with this; needs the initial password."""
        redact(password)
        form = {
            "username": user,
            "password1": password,
            "password2": password,
            "fullname": full_name,
            "email": email,
        }
        self._told("/setupWizard/createAdminUser", form | {"json": json.dumps(form)})

    def set_root_url_in_wizard(self, root_url: str) -> None:
        """Tell the wizard the address that Jenkins builds its links from."""
        form = {"rootUrl": root_url}
        self._told("/setupWizard/configureInstance", form | {"json": json.dumps(form)})

    def end_wizard(self) -> None:
        """End the setup wizard; `admin` stays the administrator if no other was made."""
        self._told("/setupWizard/completeInstall", {})

    def restart_safely(self) -> None:
        """Restart Jenkins once no build runs; where nothing starts its process again, it stays away."""
        self._connection.post("/safeRestart")

    def _login_page(self) -> str:
        """Return the page to sign in at, "" where that is another server's."""
        answer = self._connection.get("/login", also=range(300, 400))
        return answer.text if answer.status == _OK else ""

    @understood
    def _told(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        """POST FORM and return what the JSON that Stapler wraps says; `{"status":"error"}` comes with a 200."""
        document = self._connection.decoded(self._connection.post(path, form=form), path)
        status = _field(document, "status")
        if status != "ok":
            words = str(document.get("message") or status)
            raise Refused(f"Jenkins at {self.url} refuses {path}: {words}", reason=words)
        data = document.get("data")
        return data if isinstance(data, dict) else {}


def _field(document: object, key: str) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(document, dict) or key not in document:
        raise FarSideFailed(f"Jenkins answers without {key}", hint="is this address a Jenkins?")
    return document[key]
