"""Channels and notices by the rules."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.channels import BY_DEFAULT, GROUPS, LinkChannel, UnlinkChannel
from collab.events import ChannelLinked, Event
from collab.invitations import Invite
from collab.lists import ShowLinked
from collab.notices import NOTICES
from collab.people import Account
from tests.support.builders import World


@pytest.mark.rule("EVT-04")
def test_a_linked_channel_hears_of_joins_leaves_and_removals_by_default(acme: World) -> None:
    acme.link()
    acme.told()
    acme.member("carl")
    acme.member("devi")
    acme.leave("carl")
    acme.remove("devi")
    heard = [message for target, message in acme.told() if target == "channel:CACME"]
    assert heard == ["member_joined", "member_joined", "member_left", "member_removed"]


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_only_of_the_groups_that_were_chosen(acme: World) -> None:
    acme.link(groups=["removals"])
    acme.told()
    acme.member("carl")
    acme.remove("carl")
    assert [m for t, m in acme.told() if t == "channel:CACME"] == ["member_removed"]


@pytest.mark.rule("EVT-04")
def test_only_who_may_edit_links_and_unlinks(acme: World) -> None:
    acme.member("devi", "admin")
    with pytest.raises(refusals.MayNotEdit):
        acme.link(by="devi")
    acme.link()
    with pytest.raises(refusals.MayNotEdit):
        acme.do(UnlinkChannel(acme.by("devi"), "CACME"))
    acme.do(UnlinkChannel(acme.by("ada"), "CACME"))
    acme.told()
    acme.member("carl")
    assert [t for t, _ in acme.told() if t.startswith("channel")] == []


@pytest.mark.rule("EVT-04")
def test_linking_again_with_other_groups_replaces_the_choice_and_with_the_same_is_refused(acme: World) -> None:
    assert acme.link().first(ChannelLinked).groups == BY_DEFAULT
    assert acme.link(groups=["leaves"]).first(ChannelLinked).groups == ("leaves",)
    with pytest.raises(refusals.AlreadyLinked):
        acme.link(groups=["leaves"])


def test_an_unknown_group_is_named_with_those_there_are(acme: World) -> None:
    with pytest.raises(refusals.UnknownGroup) as refused:
        acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", ("gossip",)))
    assert refused.value.groups == GROUPS


def test_a_channel_that_is_not_linked_says_so(acme: World) -> None:
    for ask in (UnlinkChannel(acme.by("ada"), "CACME"), UnlinkChannel(acme.by("ada"), "CACME", "acme")):
        with pytest.raises((refusals.ChannelNotLinked, refusals.NotLinked)):
            acme.do(ask)
    with pytest.raises(refusals.ChannelNotLinked):
        acme.collab.ask(ShowLinked(acme.by("ada"), "CACME"), acme.at)


def test_a_linked_channel_names_its_resource_to_those_alone_who_may_view_it(acme: World) -> None:
    acme.link()
    assert acme.collab.ask(ShowLinked(acme.by("ada"), "CACME"), acme.at).slug == "acme"
    with pytest.raises(refusals.ChannelNotLinked):
        acme.collab.ask(ShowLinked(acme.by("carl"), "CACME"), acme.at)


@pytest.mark.rule("EVT-05")
def test_invitations_declines_and_undeliverable_words_go_to_people_by_default(acme: World) -> None:
    acme.link()
    acme.told()
    acme.decline("carl", acme.invite("carl"), "None of your business")
    assert {t for t, _ in acme.told()} == {"ada", "carl"}


@pytest.mark.rule("EVT-04")
def test_the_table_names_events_that_exist() -> None:
    assert set(NOTICES) <= set(Event.__subclasses__())


@pytest.mark.rule("EVT-06")
def test_a_refused_act_leaves_no_notice_and_no_event(acme: World) -> None:
    before = acme.history()
    with pytest.raises(refusals.Refused):
        acme.do(Invite(acme.by("ada"), Account("T1", "UNEW"), "emperor", "acme"))
    assert (acme.told(), acme.history()) == ([], before)
