"""Run the fake Jenkins for people who try things: `python -m tests.fake_jenkins`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.fake_jenkins.plugin_versions import PLUGINS
from tests.fake_jenkins.server import ADMIN_PASSWORD, INITIAL_PASSWORD, FakeJenkins


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_jenkins", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--prefix", default="", help="as /jenkins")
    parser.add_argument("--root-url", help="what it believes its URL to be")
    parser.add_argument("--fresh", action="store_true", help="setup wizard on, no plugins")
    parser.add_argument("--agent", metavar="LABEL", help="an agent with this label is online")
    parser.add_argument("--store", choices=["2.516", "2.555"], default="2.516", help="how config.xml is kept")
    parser.add_argument("--latency", action="store_true", help="as slow as measured")
    parser.add_argument("--token", help="the administrator's API token")
    return parser.parse_args()


def main() -> None:
    """Run until interrupted."""
    options = _arguments()
    latency = {"password": 0.055, "token": 0.002} if options.latency else {}
    fake = FakeJenkins(
        prefix=options.prefix, root_url=options.root_url, latency=latency, store=options.store, port=options.port
    )
    if options.token:
        fake.token = fake.add_token("admin", options.token).value
    if options.fresh:
        fake.begin_wizard(INITIAL_PASSWORD)
        fake.controller.updates.available.update(PLUGINS)
    if options.agent:
        fake.connect_agent("builder", options.agent)
    with fake:
        _introduce(fake, fresh=options.fresh)
        seen = 0
        try:
            while True:
                time.sleep(0.2)
                for unknown in fake.unknown[seen:]:
                    sys.stderr.write(f"not modelled: {unknown}\n")
                seen = len(fake.unknown)
        except KeyboardInterrupt:
            return


def _introduce(fake: FakeJenkins, *, fresh: bool) -> None:
    lines = [f"URL       {fake.url}"]
    if fresh:
        lines.append(f"admin     initial password {INITIAL_PASSWORD}")
    else:
        lines += [
            f"admin     password {ADMIN_PASSWORD}, token {fake.token}",
            "reader    password reader (Overall/Read)",
            "dev       password dev (Overall/Read; rights in folders by their configuration)",
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
