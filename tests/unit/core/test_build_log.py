from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cictl.core.build_log import BuildFailure, buildkit_failure, classic_failure, is_noise, without_colour

# As Docker 20.10 prints it.
RUN_FAILS = """\
#5 [base 2/2] RUN echo hi
#5 0.338 hi
#5 DONE 0.4s

#6 [t 1/1] RUN echo one; echo two >&2; exit 3
#6 sha256:a47b3c27651613c5a80cd7702e7ec2b2275a2859dae339b526afb253ede11a6d
#6 0.433 two
#6 0.433 one
#6 ERROR: executor failed running [/bin/sh -c echo one; echo two >&2; exit 3]: exit code: 3
------
 > [t 1/1] RUN echo one; echo two >&2; exit 3:
------
executor failed running [/bin/sh -c echo one; echo two >&2; exit 3]: exit code: 3
"""
# As buildx prints it.
BUILDX_FAILS = """\
#7 [test 2/2] RUN make
#7 0.120 make: *** No targets.  Stop.
#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
------
 > [test 2/2] RUN make:
0.120 make: *** No targets.  Stop.
------
Dockerfile:3
--------------------
   3 | >>> RUN make
--------------------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
"""
UNKNOWN_TARGET = """\
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
failed to solve with frontend dockerfile.v0: failed to create LLB definition: target stage nope could not be found
"""
CLASSIC = """\
Step 1/4 : FROM cictl-lab/python:3 AS base
 ---> bf2502134e86
Step 2/4 : RUN echo hi
 ---> Running in 78fb7ed9e3e0
hi
Removing intermediate container 78fb7ed9e3e0
 ---> ea449bb3c3b9
Step 4/4 : RUN echo one; exit 3
 ---> Running in 8629a0e5b23a
one
Removing intermediate container 8629a0e5b23a
"""


@pytest.mark.parametrize(
    ("log", "failure"),
    [
        pytest.param(
            RUN_FAILS,
            BuildFailure(
                "executor failed running [/bin/sh -c echo one; echo two >&2; exit 3]: exit code: 3",
                "[t 1/1] RUN echo one; echo two >&2; exit 3",
                ("two", "one"),
            ),
            id="run",
        ),
        pytest.param(
            BUILDX_FAILS,
            BuildFailure(
                'process "/bin/sh -c make" did not complete successfully: exit code: 2',
                "[test 2/2] RUN make",
                ("make: *** No targets.  Stop.",),
            ),
            id="buildx",
        ),
        pytest.param(UNKNOWN_TARGET, BuildFailure("target stage nope could not be found"), id="no-step"),
        pytest.param("ERROR: failed to solve: no such host\n", BuildFailure("no such host"), id="no-step-buildx"),
        pytest.param("", BuildFailure("the builder said nothing"), id="silence"),
    ],
)
def test_buildkit_failure(log: str, failure: BuildFailure) -> None:
    assert buildkit_failure(log.splitlines()) == failure


def test_classic_failure() -> None:
    failure = classic_failure(CLASSIC.splitlines(), "returned a non-zero code: 3")
    assert failure == BuildFailure("returned a non-zero code: 3", "Step 4/4 : RUN echo one; exit 3", ("one",))


@pytest.mark.parametrize(
    "fails", [buildkit_failure, lambda lines: classic_failure(lines, "why")], ids=["buildkit", "classic"]
)
def test_only_the_last_lines_are_kept(fails: Callable[[Sequence[str]], BuildFailure]) -> None:
    assert len(fails(_long_log(500)).lines) == 10


def _long_log(lines: int) -> list[str]:
    return ["Step 1/1 : RUN x", "#1 [1/1] RUN x", *(f"#1 0.1 {n}" for n in range(lines)), "#1 ERROR: failed"]


def test_message() -> None:
    assert BuildFailure("why").message == "the build failed: why"
    assert BuildFailure("why", "[1/1] RUN x", ("a", "b")).message == "the build failed at [1/1] RUN x: why\n  a\n  b"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#5 sha256:7f28479a5468987b4bcf9d4be265c58f53bfc96c31400e2d23d148df3b298167", True),
        (" ---> bf2502134e86", True),
        ("Removing intermediate container 78fb7ed9e3e0", True),
        ("#5 [base 2/2] RUN echo hi", False),
        ("#10 writing image sha256:4d28fb4c1200 done", False),
        ("Step 2/4 : RUN echo hi", False),
    ],
)
def test_is_noise(line: str, expected: bool) -> None:
    assert is_noise(line) is expected


def test_without_colour() -> None:
    assert without_colour("\x1b[91mtwo\n\x1b[0m") == "two"
