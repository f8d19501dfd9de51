"""What buttons, menus and blocks carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.button_values import (
    BlockId,
    CapabilityPage,
    ChannelsPage,
    ExpiringMember,
    HomePages,
    LinkedChannelRef,
    ListPage,
    MemberRef,
    MenuOption,
    MoveTarget,
    ResourcePage,
    ResourceScope,
    RoleChangeTarget,
    RoleFormMetadata,
    SharedChannelLink,
    ShownPreview,
    TeamShareTarget,
    VerbChoice,
)
from bot.slack.handover_values import HandoverOffer
from bot.slack.transfer_values import (
    BillingTransferOffer,
    OwnershipTransferOffer,
    decode_transfer_offer,
)
from collab.model import ChannelId, PersonId, ResourceId


class ButtonValue(Protocol):
    def encode(self) -> str: ...

    @classmethod
    def decode(cls, value: str, /) -> Self: ...


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
VALUES: tuple[ButtonValue, ...] = (
    ResourceScope(),
    ResourceScope(ResourceId("R1")),
    ResourcePage(ResourceId("R1"), 3),
    ListPage("sent", 2),
    CapabilityPage(ResourceId("R1"), "edit", 4),
    ChannelsPage(0),
    ChannelsPage(2, ResourceId("R1")),
    HomePages((0, 1, 20)),
    MemberRef(ResourceId("R1"), PersonId("P1")),
    ExpiringMember(ResourceId("R1"), PersonId("P1"), NOON),
    ExpiringMember(ResourceId("R1"), PersonId("P1"), None),
    TeamShareTarget(ResourceId("R1"), ResourceId("R2")),
    TeamShareTarget(ResourceId("R1"), ResourceId("R2"), PersonId("P1")),
    RoleChangeTarget(ResourceId("R1"), PersonId("P1"), "admin"),
    RoleChangeTarget(
        ResourceId("R1"), PersonId("P1"), "admin", (ResourceId("R2"), ResourceId("R3"))
    ),
    HandoverOffer(PersonId("P1"), (ResourceId("R1"),), "usual", None),
    HandoverOffer(
        PersonId("P1"), (ResourceId("R1"), ResourceId("R2")), "member", NOON.date()
    ),
    RoleFormMetadata(ShownPreview("d1", "R1 P1")),
    RoleFormMetadata(ShownPreview("d1", "R1 P1"), "https://hooks.slack.com/actions/1"),
    MoveTarget(ResourceId("R1")),
    MoveTarget(ResourceId("R1"), ResourceId("R2")),
    LinkedChannelRef(ResourceId("R1"), ChannelId("C1")),
    LinkedChannelRef(
        ResourceId("R1"), ChannelId("C1"), ResourceScope(ResourceId("R1"))
    ),
    SharedChannelLink(ChannelId("C1"), ResourceId("R1"), "daily", "9", "members,roles"),
    SharedChannelLink(ChannelId("C1"), ResourceId("R1"), "daily", "9", "", "home"),
    VerbChoice("create"),
    VerbChoice("rename", ResourceId("R1")),
    MenuOption("remove_ask", "R1 P1"),
    ShownPreview("0123456789abcdef", "R1 P1"),
    ShownPreview("", "R1 P1"),
    BlockId("pages"),
    BlockId("members", "R1 P1"),
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_decoded_as_it_was_encoded(value: ButtonValue) -> None:
    encoded = value.encode()
    assert encoded == encoded.strip()
    assert type(value).decode(encoded) == value


@pytest.mark.parametrize(
    "offer",
    [
        BillingTransferOffer(
            PersonId("P1"), (ResourceId("R1"), ResourceId("R2")), payer_leaves=True
        ),
        BillingTransferOffer(PersonId("P1"), (ResourceId("R1"),), payer_leaves=False),
        OwnershipTransferOffer(PersonId("P1"), ResourceId("R1")),
    ],
    ids=repr,
)
def test_a_transfer_offer_is_decoded_as_it_was_encoded(
    offer: BillingTransferOffer | OwnershipTransferOffer,
) -> None:
    assert decode_transfer_offer(offer.encode()) == offer


@given(st.text())
def test_any_text_is_decoded(text: str) -> None:
    for value_type in {type(value) for value in VALUES}:
        value_type.decode(text)
    decode_transfer_offer(text)
