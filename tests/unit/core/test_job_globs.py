from __future__ import annotations

import pytest

from cictl.core.job_globs import chosen_by, named_by


@pytest.mark.parametrize(
    ("globs", "is_chosen", "is_named"),
    [
        pytest.param((), True, False, id="none"),
        pytest.param(("shop/ci/checkout",), True, True, id="its-name"),
        pytest.param(("shop/*",), True, True, id="a-star-goes-through-folders"),
        pytest.param(("shop/ci/check[n-p]ut", "*/?heckout"), True, True, id="one-of-two"),
        pytest.param(("shop/ci", "checkout"), False, False, id="a-part"),
        pytest.param(("SHOP/*",), False, False, id="another-case"),
        pytest.param(("all",), False, True, id="all"),
    ],
)
def test_what_globs_mean(globs: tuple[str, ...], is_chosen: bool, is_named: bool) -> None:
    name = "shop/ci/checkout"
    assert (chosen_by(globs)(name), named_by(globs)(name)) == (is_chosen, is_named)


def test_a_job_that_is_called_all() -> None:
    assert chosen_by(("all",))("all")
