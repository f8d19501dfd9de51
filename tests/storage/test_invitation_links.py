"""Links of invitations that ended long ago are deleted, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.invitation_links import InvitationLinks
from collab.events import InvitationSent
from collab.invitations.commands import RevokeInvitation
from collab.invitations.links import Sending
from collab.model import InvitationId
from storage.database import Database
from storage.invitation_links import KEPT_AFTER_ANSWER
from tests.support.builders import Scenario


def invite(
    world: Scenario, links: InvitationLinks, who: str
) -> tuple[InvitationId, str]:
    """Invite somebody by mail; return the invitation and the token of the link."""
    invitation = world.send_invitation(who)
    person = world.events_of_type(InvitationSent)[-1].person
    seq = world.list_recorded_events()[-1].seq
    url, _ = links.create_link(Sending(world.workspace, invitation, person, seq))
    return invitation, url.rpartition("/")[2]


@pytest.mark.rule("OUT-02")
def test_links_go_thirty_days_after_the_end(database: Database) -> None:
    world = Scenario(database)
    world.create_company()
    store = database.invitation_links
    links = InvitationLinks("https://collab.example.com", ["5ecre7" * 6], store)
    revoked, old = invite(world, links, "old@client.example")
    world.execute(RevokeInvitation(world.caller_for("ada"), revoked))
    _, expiring = invite(world, links, "late@client.example")
    world.advance_time(days=8)
    _, open_token = invite(world, links, "new@client.example")

    world.at += KEPT_AFTER_ANSWER - timedelta(days=8, seconds=1)
    assert store.delete_old_links(world.at) == 0
    world.at += timedelta(seconds=1)
    assert store.delete_old_links(world.at) == 1
    assert links.find_link(old) is None
    assert links.find_link(expiring)

    world.at += timedelta(days=8)
    assert store.delete_old_links(world.at) == 1
    assert links.find_link(expiring) is None
    assert links.find_link(open_token)
    assert store.delete_old_links(world.at) == 0
