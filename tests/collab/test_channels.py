"""Channels and notices by the rules."""

from __future__ import annotations

import pytest

from collab import errors
from collab.channels import (
    DEFAULT_EVENT_GROUPS,
    EVENT_GROUPS,
    LinkChannel,
    ShowLinkedResource,
    UnlinkChannel,
)
from collab.events import ChannelLinked, Event
from collab.invitations.commands import InviteToResource
from collab.model import Account, ChannelId
from collab.notifications.routing import NOTIFICATION_ROUTES
from tests.support.builders import Scenario


@pytest.mark.rule("EVT-04")
def test_a_linked_channel_hears_of_joins_leaves_and_removals_by_default(
    acme: Scenario,
) -> None:
    acme.link_channel()
    acme.take_outbox()
    acme.add_member("carl")
    acme.add_member("devi")
    acme.leave_resource("carl")
    acme.remove_member("devi")
    heard = [
        message for target, message in acme.take_outbox() if target == "channel:CACME"
    ]
    assert heard == ["member_joined", "member_joined", "member_left", "member_removed"]


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_only_of_the_groups_that_were_chosen(acme: Scenario) -> None:
    acme.link_channel(groups=["removals"])
    acme.take_outbox()
    acme.add_member("carl")
    acme.remove_member("carl")
    assert [m for t, m in acme.take_outbox() if t == "channel:CACME"] == [
        "member_removed"
    ]


@pytest.mark.rule("EVT-04")
def test_only_who_may_edit_links_and_unlinks(acme: Scenario) -> None:
    acme.add_member("devi", "admin")
    with pytest.raises(errors.MayNotEdit):
        acme.link_channel(by="devi")
    acme.link_channel()
    with pytest.raises(errors.MayNotEdit):
        acme.execute(UnlinkChannel(acme.caller_for("devi"), ChannelId("CACME")))
    acme.execute(UnlinkChannel(acme.caller_for("ada"), ChannelId("CACME")))
    acme.take_outbox()
    acme.add_member("carl")
    assert [t for t, _ in acme.take_outbox() if t.startswith("channel")] == []


@pytest.mark.rule("EVT-04")
def test_linking_again_with_other_groups_replaces_the_choice_and_with_the_same_is_refused(
    acme: Scenario,
) -> None:
    assert acme.link_channel().get_event(ChannelLinked).groups == DEFAULT_EVENT_GROUPS
    assert acme.link_channel(groups=["leaves"]).get_event(ChannelLinked).groups == (
        "leaves",
    )
    with pytest.raises(errors.AlreadyLinked):
        acme.link_channel(groups=["leaves"])


def test_an_unknown_group_is_named_with_those_there_are(acme: Scenario) -> None:
    with pytest.raises(errors.UnknownGroup) as refused:
        acme.execute(
            LinkChannel(acme.caller_for("ada"), ChannelId("CACME"), "acme", ("gossip",))
        )
    assert refused.value.groups == EVENT_GROUPS


def test_a_channel_that_is_not_linked_says_so(acme: Scenario) -> None:
    for ask in (
        UnlinkChannel(acme.caller_for("ada"), ChannelId("CACME")),
        UnlinkChannel(acme.caller_for("ada"), ChannelId("CACME"), "acme"),
    ):
        with pytest.raises((errors.ChannelNotLinked, errors.NotLinked)):
            acme.execute(ask)
    with pytest.raises(errors.ChannelNotLinked):
        acme.bus.query(
            ShowLinkedResource(acme.caller_for("ada"), ChannelId("CACME")), acme.at
        )


def test_a_linked_channel_names_its_resource_to_those_alone_who_may_view_it(
    acme: Scenario,
) -> None:
    acme.link_channel()
    assert (
        acme.bus.query(
            ShowLinkedResource(acme.caller_for("ada"), ChannelId("CACME")), acme.at
        ).slug
        == "acme"
    )
    with pytest.raises(errors.ChannelNotLinked):
        acme.bus.query(
            ShowLinkedResource(acme.caller_for("carl"), ChannelId("CACME")), acme.at
        )


@pytest.mark.rule("EVT-05")
def test_invitations_declines_and_undeliverable_words_go_to_people_by_default(
    acme: Scenario,
) -> None:
    acme.link_channel()
    acme.take_outbox()
    acme.decline_invitation(
        "carl", acme.send_invitation("carl"), "None of your business"
    )
    assert {t for t, _ in acme.take_outbox()} == {"ada", "carl"}


@pytest.mark.rule("EVT-04")
def test_the_table_names_events_that_exist() -> None:
    assert set(NOTIFICATION_ROUTES) <= set(Event.__subclasses__())


@pytest.mark.rule("EVT-06")
def test_a_refused_act_leaves_no_notice_and_no_event(acme: Scenario) -> None:
    before = acme.list_recorded_events()
    with pytest.raises(errors.Rejected):
        acme.execute(
            InviteToResource(
                acme.caller_for("ada"), Account("T1", "UNEW"), "emperor", "acme"
            )
        )
    assert (acme.take_outbox(), acme.list_recorded_events()) == ([], before)
