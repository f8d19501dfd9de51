"""Links of channels at their edges: what a refusal names, and a channel that hears of two things."""

from __future__ import annotations

import pytest

from collab import refusals
from collab.channels import LinkChannel, UnlinkChannel
from collab.events import ChannelUnlinked
from collab.lists import ShowLinked
from collab.resources import Create
from tests.support.builders import World


@pytest.mark.rule("EVT-04")
def test_a_refusal_to_link_or_unlink_names_what_it_is_about(acme: World) -> None:
    acme.link()
    acme.member("devi", "admin")
    cases = [
        (LinkChannel(acme.by("ada"), "COTHER", "acme", ("joins", "gossip")), refusals.UnknownGroup, "typed", "gossip"),
        (LinkChannel(acme.by("ada"), "CACME", "acme"), refusals.AlreadyLinked, "title", "Acme"),
        (UnlinkChannel(acme.by("ada"), "COTHER", "acme"), refusals.NotLinked, "title", "Acme"),
        (LinkChannel(acme.by("devi"), "CACME", "acme"), refusals.MayNotEdit, "title", "Acme"),
        (UnlinkChannel(acme.by("devi"), "CACME", "acme"), refusals.MayNotEdit, "title", "Acme"),
    ]
    for act, refusal, field, named in cases:
        with pytest.raises(refusal) as refused:
            acme.do(act)
        assert getattr(refused.value, field) == named


@pytest.mark.rule("EVT-04")
def test_a_channel_that_hears_of_two_things_is_told_which_to_hear_of_no_more(acme: World) -> None:
    acme.do(Create(acme.by("ada"), "app", "Shop", "acme"))
    acme.link()
    acme.link(what="shop")
    with pytest.raises(refusals.ChannelNotLinked):
        acme.collab.ask(ShowLinked(acme.by("ada"), "CACME"), acme.at)
    with pytest.raises(refusals.ChannelNotLinked) as refused:
        acme.do(UnlinkChannel(acme.by("ada"), "CACME"))
    assert refused.value == refusals.ChannelNotLinked(("Acme", "Shop"), 0, "acme", is_linked=True)
    acme.member("devi", "accountant")
    acme.member("devi", "developer", "shop")
    with pytest.raises(refusals.ChannelNotLinked) as refused:
        acme.do(UnlinkChannel(acme.by("devi"), "CACME"))
    assert refused.value.titles == ()

    acme.do(UnlinkChannel(acme.by("ada"), "CACME", "shop"))

    assert acme.collab.ask(ShowLinked(acme.by("ada"), "CACME"), acme.at).slug == "acme"
    assert [e.channel for e in acme.happened(ChannelUnlinked)] == ["CACME"]
