"""Why a request over HTTP failed, in few words: urllib3 and requests wrap that in others, with addresses of objects."""

from __future__ import annotations

import re

_OUTER = re.compile(r": (?![^\[]*\])")  # in brackets it belongs to a code, as in "[SSL: WRONG_VERSION_NUMBER]"


def innermost_reason(error: BaseException) -> str:
    """Return what the exception deep in ERROR says, the name of its class where it says nothing."""
    while (inner := _inner(error)) is not None:
        error = inner
    return _OUTER.split(str(error))[-1] or type(error).__name__


def _inner(error: BaseException) -> BaseException | None:
    known = (getattr(error, "reason", None), getattr(error, "original_error", None), *reversed(error.args))
    return next((each for each in known if isinstance(each, BaseException)), None)
