"""Resources are found in every spelling that people type; invisible names are rejected."""

from __future__ import annotations

import pytest

from collab import errors
from collab.access_queries import ShowResource
from collab.resource_deletion import DeleteResource
from collab.resource_pickers import ListVisibleResources, ResolveNamedResources
from collab.resources import CreateResource
from collab.roles import ROLE_MODEL
from tests.support.builders import Scenario

KINDS_WORDS = sorted(
    {word for name in ROLE_MODEL for word in (name, ROLE_MODEL[name].words[0])}
)


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
def test_a_thing_is_found_by_its_name_in_another_spelling(
    acme: Scenario, title: str, typed: str
) -> None:
    acme.create_resource("app", title, "acme")

    assert (
        acme.bus.query(ShowResource(acme.caller_for("ada"), typed), acme.at).resource.id
        == acme.newest_resource_id
    )
    found = acme.bus.query(
        ListVisibleResources(acme.caller_for("ada"), ("app",), typed), acme.at
    )
    assert [placed.resource.id for placed in found] == [acme.newest_resource_id]


def test_of_two_names_that_compare_as_one_the_exact_one_is_meant(
    acme: Scenario,
) -> None:
    first, second = (
        acme.create_resource("app", title, "acme") for title in ("Carl's", "Carl’s")
    )

    for slug, typed in ((first, "Carl's"), (second, "Carl’s")):
        assert (
            acme.bus.query(
                ShowResource(acme.caller_for("ada"), typed), acme.at
            ).resource.slug
            == slug
        )
    with pytest.raises(errors.UnknownResource):
        acme.bus.query(ShowResource(acme.caller_for("ada"), "carlʼs"), acme.at)


@pytest.mark.rule("RES-04")
def test_the_name_typed_to_delete_may_be_spelt_otherwise(acme: Scenario) -> None:
    company = acme.create_resource("company", "Carl’s Firm")
    acme.create_resource("app", "Shop", company)

    acme.execute(DeleteResource(acme.caller_for("ada"), company, "carl's  firm"))

    with pytest.raises(errors.UnknownResource):
        acme.bus.query(ShowResource(acme.caller_for("ada"), company), acme.at)


@pytest.mark.parametrize(
    "title",
    [
        "\u3164",
        "\u2800" * 2,
        "\u115f\u1160",
        "\uffa0",
        "\u200b",
        "\u202e \u2066",
        "\u0301",
        "\x00",
    ],
)
def test_a_name_of_which_nothing_is_seen_is_refused(
    world: Scenario, title: str
) -> None:
    world.register_people("ada")

    with pytest.raises(errors.BadName) as refused:
        world.execute(CreateResource(world.caller_for("ada"), "company", title))

    assert refused.value.length <= refused.value.limit


@pytest.mark.parametrize(
    ("title", "length"), [("x" * 81, 81), ("\u200b" + "é" * 90, 90), ("x" * 3000, 3000)]
)
def test_a_name_that_is_too_long_says_how_long_it_is(
    world: Scenario, title: str, length: int
) -> None:
    world.register_people("ada")

    with pytest.raises(errors.BadName) as refused:
        world.execute(CreateResource(world.caller_for("ada"), "company", title))

    assert (refused.value.length, refused.value.limit) == (length, 80)


@pytest.mark.parametrize("title", [*KINDS_WORDS, "nothing", "شركة", "株式会社", "App!"])
@pytest.mark.parametrize("kind", ["company", "app", "team"])
def test_no_slug_is_the_word_for_a_kind(world: Scenario, kind: str, title: str) -> None:
    world.register_people("ada")

    slugs = [world.create_resource(kind, title) for _ in range(2)]

    assert len(set(slugs)) == 2
    assert not {slug.replace("-", " ") for slug in slugs} & {*KINDS_WORDS, "nothing"}


def test_a_thing_named_more_than_fifty_ways_costs_no_more_than_fifty(
    acme: Scenario,
) -> None:
    acme.create_resource("app", "Shop", "acme")
    words = (
        tuple(
            "".join(
                c.upper() if n >> place & 1 else c for place, c in enumerate("shop")
            )
            for n in range(16)
        )
        * 100
    )

    assert (
        acme.bus.query(
            ShowResource(acme.caller_for("ada"), "SHOP"), acme.at
        ).resource.id
        == acme.newest_resource_id
    )
    assert [
        found.id
        for found in acme.bus.query(
            ResolveNamedResources(acme.caller_for("ada"), words), acme.at
        )
    ] == [acme.newest_resource_id]


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    ("profile", "invited"),
    [
        ("lena@xn--mnchen-3ya.example", "lena@münchen.example"),
        ("lena@münchen.example", "LENA@XN--MNCHEN-3YA.example"),
        ("lena@xn--mnchen-3ya.example", "lena@mu\u0308nchen.example\u200b"),
    ],
)
def test_an_address_finds_its_owner_in_either_spelling_of_its_domain(
    acme: Scenario, profile: str, invited: str
) -> None:
    acme.read_profile("lena", email=profile)

    invitation = acme.send_invitation(invited)

    assert acme.pending_invitation_ids("lena") == [invitation]
