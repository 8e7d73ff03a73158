"""A strict stand-in for a Jenkins controller: a real HTTP server with an in-memory controller behind it."""

from tests.fake_jenkins.builds import BuildScript, Input
from tests.fake_jenkins.server import FakeJenkins

__all__ = ["BuildScript", "FakeJenkins", "Input"]
