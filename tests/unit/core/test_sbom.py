from __future__ import annotations

import pytest

from cictl.core.sbom import NoSbom, Sbom, read_sbom

BILL = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {}, "components": [{"name": "a"}, {"name": "b"}]}


def test_a_bill_says_how_much_it_lists() -> None:
    assert read_sbom(BILL) == Sbom("1.6", 2)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param([], "not CycloneDX", id="list"),
        pytest.param({"spdxVersion": "SPDX-2.3"}, "not CycloneDX", id="another-form"),
        pytest.param({**BILL, "specVersion": None}, "not whole", id="no-version"),
        pytest.param({**BILL, "metadata": None}, "not whole", id="no-metadata"),
        pytest.param({**BILL, "components": []}, "lists nothing", id="empty"),
        pytest.param(
            {**BILL, "components": [{"type": "operating-system", "name": "debian"}, {"type": "file", "name": "/x"}]},
            "lists nothing",
            id="a-distribution-without-packages",
        ),
        pytest.param({**BILL, "components": None}, "lists nothing", id="no-components"),
    ],
)
def test_what_is_no_bill_is_refused(document: object, words: str) -> None:
    with pytest.raises(NoSbom, match=words):
        read_sbom(document)
