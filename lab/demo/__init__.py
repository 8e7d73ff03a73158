"""The demo: pushes that are built, tested, rolled out and promoted before the viewer's eyes, under real traffic.

It calls nothing but programs that a user has: cictl, git and kubectl. Every line it prints comes from what happened,
and it fails when something did not go as it should.
"""

from lab.demo.play import play

__all__ = ["play"]
