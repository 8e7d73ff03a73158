"""The comparer on generated jobs: fields and lists, some of them with names."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_changes import changes
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_graft import graft
from cictl.core.job_xml import Element, parse_config, serialise

WORDS = st.sampled_from(["7", "a", "b c", "H 2 * * *", "x&y<z>", "é", "yes"])
FIELDS = st.sampled_from(["goals", "url", "spec", "timeout", "targets", "kind"])
CLASSES = st.sampled_from(["a.b.Shell", "a.b.Mailer", "x.y__z.Archiver_-Part"])
LEAVES = st.builds(lambda tag, text: Element(tag, text=text), FIELDS, WORDS)


def _bean(tag: str, leaves: list[Element]) -> Element:
    return Element(tag, children=tuple({each.tag: each for each in leaves}.values()))


BEANS = st.builds(_bean, CLASSES, st.lists(LEAVES, max_size=4))
LISTS = st.builds(
    lambda tag, members: Element(tag, children=tuple(members)),
    st.sampled_from(["traits", "extensions"]),
    st.lists(BEANS, max_size=4),
)
JOBS = st.builds(_bean, st.sampled_from(["project", "flow-definition"]), st.lists(st.one_of(LEAVES, LISTS), max_size=5))
FREESTYLE = st.builds(_bean, st.just("project"), st.lists(st.one_of(LEAVES, LISTS), max_size=5))
SEEDS = st.integers(0, 2**32)


def _noisy(element: Element, chance: random.Random) -> Element:
    """Write ELEMENT as another Jenkins might: plugin versions, other order of fields, defaults, line ends."""
    children = [_noisy(each, chance) for each in element.children]
    if not any("." in each.tag for each in children):
        chance.shuffle(children)
    if children and "." in element.tag and chance.random() < 0.5:
        children.append(Element("verbose", text="false"))
    attributes = (("plugin", f"p@{chance.randint(1, 9)}"),) if chance.random() < 0.5 else ()
    return Element(element.tag, attributes, element.text.replace("\n", "\r\n"), tuple(children))


@given(JOBS)
def test_no_job_differs_from_itself(job: Element) -> None:
    assert changes(job, job) == ()
    assert changes(job, parse_config(serialise(job))) == ()


@given(JOBS, JOBS)
def test_there_is_a_change_from_either_side_or_from_none(one: Element, other: Element) -> None:
    assert bool(changes(one, other)) == bool(changes(other, one))


@given(JOBS, SEEDS)
def test_noise_is_never_a_change(job: Element, seed: int) -> None:
    noisy = _noisy(job, random.Random(seed))  # noqa: S311 -- no secret
    assert changes(job, noisy) == ()
    assert fingerprint(serialise(job)) == fingerprint(serialise(noisy))


def _leaf_paths(element: Element, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = [path] if element.text else []
    for index, child in enumerate(element.children):
        found += _leaf_paths(child, (*path, index))
    return found


def _edited(element: Element, path: tuple[int, ...], text: str) -> Element:
    if not path:
        return element._replace(text=text)
    children = list(element.children)
    children[path[0]] = _edited(children[path[0]], path[1:], text)
    return element.with_children(tuple(children))


@given(JOBS, SEEDS)
def test_an_edit_of_any_leaf_is_found_among_noise(job: Element, seed: int) -> None:
    paths = _leaf_paths(job)
    if paths:
        chance = random.Random(seed)  # noqa: S311 -- no secret
        edited = _edited(job, chance.choice(paths), "edited by hand")
        found = changes(job, _noisy(edited, chance))
        assert found
        assert "edited by hand" in " ".join(str(each) for each in found)


@given(FREESTYLE, FREESTYLE)
def test_all_changes_together_make_the_other_job(one: Element, other: Element) -> None:
    assert changes(graft(one, other, [each.steps for each in changes(one, other)]), other) == ()


def test_lists_within_lists_take_no_time() -> None:
    def nested(text: str) -> Element:
        element = Element("x.Y", children=(Element("z", text=text),))
        for _ in range(50):
            element = Element("x.Y", children=(element, Element("x.Y", children=(Element("z", text="same"),))))
        return Element("project", children=(element,))

    assert changes(nested("before"), nested("after"))
