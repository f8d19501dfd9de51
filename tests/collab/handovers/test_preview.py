"""What a handover would change, and what is not ready for it, before it is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collab import errors
from collab.confirmation import ConfirmedPreview, compute_digest
from collab.handovers.offers import HandOver
from collab.handovers.preview import (
    HandoverPreview,
    ListHandoverEffects,
    PreviewHandover,
)
from collab.model import Term
from collab.people import RegisterPerson
from collab.resources import DisableResource
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    create_resource,
)
from tests.support.builders import OTHER_TEAM_ID, Scenario
from tests.support.handovers import build_agency, get_offer_id, hand_over


@pytest.fixture
def agency(world: Scenario) -> Scenario:
    return build_agency(world)


def preview(
    agency: Scenario,
    *what: str,
    who: str = "carl",
    keeps: str | None = None,
    day: date | None = None,
    by: str = "ada",
) -> HandoverPreview:
    query = PreviewHandover(
        agency.caller_for(by), agency.person_id_of(who), what, keeps, day
    )
    return agency.bus.query(query, agency.at)


@pytest.mark.rule("HND-01")
def test_a_preview_shows_all_that_would_change_and_records_nothing(
    agency: Scenario,
) -> None:
    before = agency.list_recorded_events()
    shown = preview(agency, "site", keeps="", day=date(2026, 11, 26))
    assert [each.slug for each in shown.handed_over] == ["site"]
    assert [each.slug for each in shown.paid] == ["shop"]
    assert (shown.role, shown.keeps, shown.is_owner) == ("owner", "", True)
    assert shown.starts == datetime(2026, 11, 26, tzinfo=UTC)
    assert shown.changes is not None
    assert {each.slug for each in shown.changes.rotate} == {"shop", "trial"}
    losing = {
        (each.person.title, each.resource.slug, each.after)
        for each in shown.changes.losing
    }
    assert ("Ada", "site", None) in losing
    assert agency.list_recorded_events() == before


@pytest.mark.rule("PER-02")
def test_a_preview_says_whether_anybody_here_would_be_an_owner(acme: Scenario) -> None:
    acme.register_people("bo")
    eve = acme.account_of(f"eve@{OTHER_TEAM_ID}")
    acme.execute(RegisterPerson(acme.system_caller("event"), eve))
    eve_id = acme.person_id_of(f"eve@{OTHER_TEAM_ID}")
    query = PreviewHandover(acme.caller_for("ada"), eve_id, ("acme",))
    assert not acme.bus.query(query, acme.at).has_owner_here
    acme.add_member("bo", "owner")
    assert acme.bus.query(query, acme.at).has_owner_here


@pytest.mark.rule("HND-01")
def test_the_preview_is_what_the_yes_then_does(agency: Scenario) -> None:
    shown = preview(agency, "site")
    assert shown.changes is not None
    accept_offer(agency, "carl", hand_over(agency, "site"), "purse")
    for shift in (*shown.changes.losing, *shown.changes.gaining):
        name = (shift.person.user or "").removeprefix("U").lower()
        held = agency.roles_by_name(shift.resource.slug, by="carl").get(name)
        assert held == shift.after, shift


@pytest.mark.rule("HND-02")
def test_what_is_not_ready_is_listed(agency: Scenario) -> None:
    create_resource(agency, "payment", "Devis", by="bo")
    agency.send_invitation("devi", "developer", "shop")
    agency.send_invitation("devi", "developer", "blog")
    soon = Term(agency.at - agency.at + timedelta(days=13))
    agency.add_member("devi", "manager", "trial", term=soon)
    ready = preview(agency, "site").readiness
    assert [each.resource.slug for each in ready.invitations] == ["shop"]
    assert [(p.title, r.slug, m.role) for p, r, m in ready.ending] == [
        ("Devi", "trial", "manager")
    ]
    assert not ready.lacks_method
    assert preview(agency, "site", who="devi").readiness.lacks_method
    assert not ready.is_ready


@pytest.mark.rule("HND-02")
def test_a_role_that_ends_later_and_nothing_to_pay_are_no_matter(
    agency: Scenario,
) -> None:
    later = Term(agency.at - agency.at + timedelta(days=15))
    agency.add_member("devi", "manager", "wiki", term=later)
    assert preview(agency, "wiki", who="bo").readiness.is_ready


@pytest.mark.rule("HND-02")
def test_what_is_disabled_is_listed_and_the_offer_is_sent_all_the_same(
    agency: Scenario,
) -> None:
    agency.execute(DisableResource(agency.caller_for("ada"), "site"))
    shown = preview(agency, "site")
    assert [each.slug for each in shown.readiness.disabled] == ["site"]
    assert shown.changes is None
    assert [each.slug for each in shown.paid] == ["shop"]
    hand_over(agency, "site")


@pytest.mark.rule("HND-02")
@pytest.mark.rule("HND-05")
def test_what_would_be_refused_is_refused_before(agency: Scenario) -> None:
    with pytest.raises(errors.NotOwner):
        preview(agency, "site", by="bo")
    with pytest.raises(errors.BadHandoverDay):
        preview(agency, "site", day=date(2026, 11, 1))
    hand_over(agency, "site", who="devi")
    with pytest.raises(errors.HandoverOpen):
        preview(agency, "site")


@pytest.mark.rule("HND-01")
def test_an_offer_is_not_sent_if_its_terms_are_not_those_that_were_shown(
    agency: Scenario,
) -> None:
    shown = preview(agency, "site")
    terms = (agency.person_id_of("carl"), ("site",), None, None)
    by = agency.caller_for("ada")
    confirmed = ConfirmedPreview(
        ListHandoverEffects(by, *terms), compute_digest(shown.effects)
    )
    attach_payment_method(agency, "trial", "card")
    with pytest.raises(errors.PreviewChanged):
        agency.bus.execute(HandOver(by, *terms), agency.at, None, confirmed)
    again = ConfirmedPreview(
        ListHandoverEffects(by, *terms),
        compute_digest(preview(agency, "site").effects),
    )
    outcome = agency.bus.execute(HandOver(by, *terms), agency.at, None, again)
    assert get_offer_id(outcome)
