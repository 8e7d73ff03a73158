"""python-jenkins over cictl's own connection: its forms are right, its transport, retries and errors are not used."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jenkins

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.errors import NotFound


class JenkinsLibrary(jenkins.Jenkins):  # type: ignore[misc] # python-jenkins ships no types
    """The library's calls; errors are cictl's, but for what is not found, by which the library itself goes on."""

    def __init__(self, connection: JenkinsConnection) -> None:  # noqa: D107 - of the class's docstring
        # The library's own __init__ makes a session that is not used, and logs headers of the environment.
        self.server = f"{connection.url}/"
        self._connection = connection

    def jenkins_request(
        self,
        req: Any,  # noqa: ANN401 - a requests.Request, as the library makes them
        add_crumb: bool = True,  # noqa: ARG002, FBT001, FBT002 - the library's signature
        resolve_auth: bool = True,  # noqa: ARG002, FBT001, FBT002 - as above
        stream: bool | None = None,  # noqa: ARG002, FBT001 - as above
    ) -> SimpleNamespace:
        """Send REQ by the connection, which knows who asks and has the crumb."""
        path = self._path(str(req.url))
        try:
            if req.method == "GET":
                answer = self._connection.get(path)
            elif isinstance(req.data, Mapping):
                answer = self._connection.post(path, form={key: str(value) for key, value in req.data.items()})
            else:
                answer = self._connection.post(path, xml=req.data or None)
        except NotFound as error:
            raise jenkins.NotFoundException(error.message) from error
        return SimpleNamespace(text=answer.text, content=answer.body, headers=answer.headers)

    def _path(self, url: str) -> str:
        prefix = urlsplit(self._connection.url).path
        parts = urlsplit(url)
        return parts.path.removeprefix(prefix) + (f"?{parts.query}" if parts.query else "")
