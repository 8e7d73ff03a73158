"""The table of parts."""

import ipaddress
import re

from lab.layout import NETWORK, Layout
from lab.parts import table


def test_every_part_comes_after_what_it_waits_for(layout: Layout) -> None:
    seen: set[str] = set()
    for part in table(layout).values():
        assert set(part.after) <= seen, part.name
        seen.add(part.name)


def test_every_part_can_tell_that_it_is_ready(layout: Layout) -> None:
    assert all(part.ready.url or part.ready.socket for part in table(layout).values())


def test_no_part_uses_an_address_beyond_the_test_network(layout: Layout) -> None:
    allowed = [ipaddress.ip_network(NETWORK), ipaddress.ip_network("127.0.0.0/8")]
    words = [word for part in table(layout).values() for word in (*part.argv, part.ready.url)]
    found = {address for word in words for address in re.findall(r"\d+\.\d+\.\d+\.\d+", word)}
    assert found
    assert all(any(ipaddress.ip_address(address) in network for network in allowed) for address in found)


def test_parts_write_only_below_the_labs_own_directories(layout: Layout) -> None:
    for part in table(layout).values():
        paths = [path for word in part.argv[1:] for path in re.findall(r"(?:=|unix://)(/[^,]*)", word)]
        own = (str(layout.cache), str(layout.run), "/run/docker", "/cictl-lab")
        assert all(path.startswith(own) for path in paths), (part.name, paths)
