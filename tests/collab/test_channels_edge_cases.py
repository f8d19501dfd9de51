"""Channel links: fields of rejections, and a channel that is linked to two resources."""

from __future__ import annotations

import pytest

from collab import errors
from collab.channels import LinkChannel, ShowLinkedResource, UnlinkChannel
from collab.events import ChannelUnlinked
from collab.model import ChannelId
from collab.resources import CreateResource
from tests.support.builders import Scenario


@pytest.mark.rule("EVT-04")
def test_a_refusal_to_link_or_unlink_names_what_it_is_about(acme: Scenario) -> None:
    acme.link_channel()
    acme.add_member("devi", "admin")
    cases = [
        (
            LinkChannel(
                acme.caller_for("ada"), ChannelId("COTHER"), "acme", ("joins", "gossip")
            ),
            errors.UnknownGroup,
            "typed",
            "gossip",
        ),
        (
            LinkChannel(acme.caller_for("ada"), ChannelId("CACME"), "acme"),
            errors.AlreadyLinked,
            "title",
            "Acme",
        ),
        (
            UnlinkChannel(acme.caller_for("ada"), ChannelId("COTHER"), "acme"),
            errors.NotLinked,
            "title",
            "Acme",
        ),
        (
            LinkChannel(acme.caller_for("devi"), ChannelId("CACME"), "acme"),
            errors.MayNotEdit,
            "title",
            "Acme",
        ),
        (
            UnlinkChannel(acme.caller_for("devi"), ChannelId("CACME"), "acme"),
            errors.MayNotEdit,
            "title",
            "Acme",
        ),
    ]
    for act, refusal, field, named in cases:
        with pytest.raises(refusal) as refused:
            acme.execute(act)
        assert getattr(refused.value, field) == named


@pytest.mark.rule("EVT-04")
def test_to_unlink_a_channel_with_two_links_one_must_name_the_resource(
    acme: Scenario,
) -> None:
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "acme"))
    acme.link_channel()
    acme.link_channel(what="shop")
    with pytest.raises(errors.ChannelNotLinked):
        acme.bus.query(
            ShowLinkedResource(acme.caller_for("ada"), ChannelId("CACME")), acme.at
        )
    with pytest.raises(errors.ChannelNotLinked) as refused:
        acme.execute(UnlinkChannel(acme.caller_for("ada"), ChannelId("CACME")))
    assert refused.value == errors.ChannelNotLinked(
        ("Acme", "Shop"), 0, "acme", is_linked=True
    )
    acme.add_member("devi", "accountant")
    acme.add_member("devi", "developer", "shop")
    with pytest.raises(errors.ChannelNotLinked) as refused:
        acme.execute(UnlinkChannel(acme.caller_for("devi"), ChannelId("CACME")))
    assert refused.value.titles == ()

    acme.execute(UnlinkChannel(acme.caller_for("ada"), ChannelId("CACME"), "shop"))

    assert (
        acme.bus.query(
            ShowLinkedResource(acme.caller_for("ada"), ChannelId("CACME")), acme.at
        ).slug
        == "acme"
    )
    assert [e.channel for e in acme.events_of_type(ChannelUnlinked)] == ["CACME"]
