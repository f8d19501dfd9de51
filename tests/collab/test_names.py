"""Names: found in every spelling in which people type them, refused when nothing of them is seen."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.choosing import ListVisible, ShowNamed
from collab.explain import Show
from collab.kinds import KINDS
from collab.resources import Create, Delete
from tests.support.builders import World

KINDS_WORDS = sorted({word for name in KINDS for word in (name, KINDS[name].words[0])})


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Carl's Shop", "Carl’s Shop"),
        ("Carl’s Shop", "carl's shop"),
        ("Carl's Shop", "Carlʼs\u00a0  Shop"),
        ("Café", "CAFE\u0301"),
        ("Cafe\u0301", "café"),
        ("Shop Two", "\u200bShop\u200e Two\ufeff"),
        ("Best “of” all", 'best "of" all'),
        ("A – B", "a - b"),
        ("می‌خواهم", "میخواهم"),
    ],
)
def test_a_thing_is_found_by_its_name_in_another_spelling(acme: World, title: str, typed: str) -> None:
    acme.make("app", title, "acme")

    assert acme.collab.ask(Show(acme.by("ada"), typed), acme.at).resource.id == acme.newest
    found = acme.collab.ask(ListVisible(acme.by("ada"), ("app",), typed), acme.at)
    assert [placed.resource.id for placed in found] == [acme.newest]


def test_of_two_names_that_compare_as_one_the_exact_one_is_meant(acme: World) -> None:
    first, second = (acme.make("app", title, "acme") for title in ("Carl's", "Carl’s"))

    for slug, typed in ((first, "Carl's"), (second, "Carl’s")):
        assert acme.collab.ask(Show(acme.by("ada"), typed), acme.at).resource.slug == slug
    with pytest.raises(refusals.UnknownResource):
        acme.collab.ask(Show(acme.by("ada"), "carlʼs"), acme.at)


@pytest.mark.rule("RES-04")
def test_the_name_typed_to_delete_may_be_spelt_otherwise(acme: World) -> None:
    company = acme.make("company", "Carl’s Firm")
    acme.make("app", "Shop", company)

    acme.do(Delete(acme.by("ada"), company, "carl's  firm"))

    with pytest.raises(refusals.UnknownResource):
        acme.collab.ask(Show(acme.by("ada"), company), acme.at)


@pytest.mark.parametrize(
    "title", ["\u3164", "\u2800" * 2, "\u115f\u1160", "\uffa0", "\u200b", "\u202e \u2066", "\u0301", "\x00"]
)
def test_a_name_of_which_nothing_is_seen_is_refused(world: World, title: str) -> None:
    world.knows("ada")

    with pytest.raises(refusals.BadName) as refused:
        world.do(Create(world.by("ada"), "company", title))

    assert refused.value.length <= refused.value.limit


@pytest.mark.parametrize(("title", "length"), [("x" * 81, 81), ("\u200b" + "é" * 90, 90), ("x" * 3000, 3000)])
def test_a_name_that_is_too_long_says_how_long_it_is(world: World, title: str, length: int) -> None:
    world.knows("ada")

    with pytest.raises(refusals.BadName) as refused:
        world.do(Create(world.by("ada"), "company", title))

    assert (refused.value.length, refused.value.limit) == (length, 80)


@pytest.mark.parametrize("title", [*KINDS_WORDS, "nothing", "شركة", "株式会社", "App!"])
@pytest.mark.parametrize("kind", ["company", "app", "team"])
def test_no_slug_is_the_word_for_a_kind(world: World, kind: str, title: str) -> None:
    world.knows("ada")

    slugs = [world.make(kind, title) for _ in range(2)]

    assert len(set(slugs)) == 2
    assert not {slug.replace("-", " ") for slug in slugs} & {*KINDS_WORDS, "nothing"}


def test_a_thing_named_more_than_fifty_ways_costs_no_more_than_fifty(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    words = (
        tuple("".join(c.upper() if n >> place & 1 else c for place, c in enumerate("shop")) for n in range(16)) * 100
    )

    assert acme.collab.ask(Show(acme.by("ada"), "SHOP"), acme.at).resource.id == acme.newest
    assert [found.id for found in acme.collab.ask(ShowNamed(acme.by("ada"), words), acme.at)] == [acme.newest]


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    ("profile", "invited"),
    [
        ("lena@xn--mnchen-3ya.example", "lena@münchen.example"),
        ("lena@münchen.example", "LENA@XN--MNCHEN-3YA.example"),
        ("lena@xn--mnchen-3ya.example", "lena@mu\u0308nchen.example\u200b"),
    ],
)
def test_an_address_finds_its_owner_in_either_spelling_of_its_domain(acme: World, profile: str, invited: str) -> None:
    acme.profile("lena", email=profile)

    invitation = acme.invite(invited)

    assert acme.waiting("lena") == [invitation]
