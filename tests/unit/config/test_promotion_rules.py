from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cictl.config.platform import Config, load_config
from cictl.core.promotion import Approval
from cictl.core.scan import Exemption, ScanPolicy, Severity
from cictl.errors import ConfigInvalid

HEAD = """\
version: 1
people: {ann: ann@example.com}
environments:
  staging: {context: lab, namespace: staging}
"""


def load(folder: Path, text: str) -> Config:
    path = folder / "cictl.yaml"
    path.write_text(HEAD + text)
    return load_config(path)


def test_rules(tmp_path: Path) -> None:
    text = """\
  production:
    context: lab
    namespace: production
    after: staging
    soak: 90m
    freeze: [{from: fri 16:00, until: mon 08:00, zone: Europe/Berlin, reason: nobody looks}]
    approval: {by: [ann], four_eyes: true}
"""
    config = load(tmp_path, text)
    rules = config.rules("production")
    assert (rules.environment, rules.soak_seconds) == ("production", 5400)
    assert rules.approval == Approval(("ann",), four_eyes=True, people={"ann": "ann@example.com"})
    (freeze,) = rules.freezes
    assert (str(freeze.zone), freeze.reason) == ("Europe/Berlin", "nobody looks")
    assert freeze.text == "from fri 16:00 until mon 08:00 (Europe/Berlin)"
    plain = config.rules("staging")
    assert (plain.soak_seconds, plain.freezes, plain.approval.is_needed) == (0, (), False)


@pytest.mark.parametrize(
    ("by", "words"),
    [
        pytest.param("anm", "approval.by[1]: people has no 'anm'; did you mean 'ann'?", id="misspelt"),
        pytest.param("bob", "approval.by[1]: people has no 'bob'; known: ann", id="unknown"),
    ],
)
def test_who_could_never_approve_is_named(tmp_path: Path, by: str, words: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load(tmp_path, f"  production: {{context: lab, namespace: p, approval: {{by: [ann, {by}]}}}}\n")
    assert f"cictl.yaml:5: environments.production.{words}" in caught.value.message


@pytest.mark.parametrize(
    ("window", "words"),
    [
        pytest.param("{from: 2026-12-20, until: '2027-01-04', zone: UTC, reason: x}", "put it in quotes", id="a-date"),
        pytest.param("{from: 22:00, until: '23:00', zone: UTC, reason: x}", "is a number for YAML", id="a-number"),
        pytest.param("{from: noon, until: 08:00, zone: UTC, reason: x}", "'noon' is no time", id="no-time"),
        pytest.param('{from: "08:00", until: mon, zone: UTC, reason: x}', "comes daily", id="two-kinds"),
        pytest.param('{from: "08:00", until: "09:00", zone: Mars/Olympus, reason: x}', "is no time zone", id="no-zone"),
        pytest.param('{from: "08:00", until: "09:00", zone: "../etc", reason: x}', "is no time zone", id="a-path"),
        pytest.param('{from: "08:00", until: "09:00", zone: UTC}', "reason", id="no-reason"),
    ],
)
def test_a_wrong_window_is_named_with_its_line(tmp_path: Path, window: str, words: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        load(tmp_path, f"  production: {{context: lab, namespace: p, freeze: [{window}]}}\n")
    assert words in caught.value.message
    assert "cictl.yaml:5" in caught.value.message


def test_what_stops_an_image(tmp_path: Path) -> None:
    assert load(tmp_path, "").scan_policy() == ScanPolicy()
    entry = "{id: CVE-1, until: 2027-01-31, reason: not built in}"
    policy = load(tmp_path, f"scan: {{fail_on: medium, ignore_unfixed: true, ignore: [{entry}]}}\n").scan_policy()
    exemption = Exemption("CVE-1", date(2027, 1, 31), "not built in")
    assert policy == ScanPolicy(Severity.MEDIUM, ignore_unfixed=True, exemptions=(exemption,))
