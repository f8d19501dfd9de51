"""`collab mail`: bounces that come back, and addresses that get no more mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.bounce_addresses import BounceAddresses, SentMail
from bot.cli import main
from bot.config import SETTING_SPECS
from collab.events import InvitationSent
from collab.invitations.commands import InviteToResource
from collab.model import Address, DeliveryId, InvitationId
from tests.bot.test_mail_reports import BOUNCE
from tests.support.builders import Scenario
from tests.support.tty import CompletedCommand

NINA = "nina@client.example"
SECRET = "s" * 40
ADDRESSES = BounceAddresses("bounces@acme.example", (SECRET,))


@pytest.fixture
def office(acme: Scenario) -> Scenario:
    """Return Acme in a workspace that sends mails."""
    policy = replace(acme.policy, sends_mail=True)
    return Scenario(acme.database, policy=policy, last_id=99)


@pytest.fixture
def env(sqlite_url: str) -> dict[str, str]:
    """Return the settings of the command."""
    return {
        "DATABASE_URL": sqlite_url,
        "COLLAB_SECRET": SECRET,
        "COLLAB_BOUNCE_ADDRESS": "bounces@acme.example",
    }


def run(
    folder: Path, env: dict[str, str], *words: str, content: bytes = b""
) -> CompletedCommand:
    """Run `collab mail` with a mail on its standard input."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in SETTING_SPECS:
            patch.delenv(name, raising=False)
        done = CliRunner().invoke(main, ["mail", *words], input=content, env=env)
    return CompletedCommand(done.exit_code, done.stdout, done.stderr)


def send(office: Scenario) -> tuple[InvitationId, DeliveryId]:
    """Invite Nina; return the ids of the invitation and of the delivery that mailed it."""
    ada = office.caller_for("ada")
    command = InviteToResource(ada, Address(NINA), "admin", "acme")
    sent = office.execute(command).get_event(InvitationSent)
    delivery_id = DeliveryId(0)
    while batch := office.database.outbox.claim_deliveries(9, timedelta(seconds=60)):
        for delivery in batch:
            if delivery.message == "invitation":
                delivery_id = delivery.id
            office.database.outbox.mark_sent(delivery)
    return sent.invitation, delivery_id


def bounce(
    delivery_id: DeliveryId, action: str = "failed", status: str = "5.1.1"
) -> bytes:
    """Return the bounce of a delivery's mail."""
    to = ADDRESSES.create(SentMail(delivery_id))
    return BOUNCE.format(action=action, status=status, to=to).encode()


@pytest.mark.rule("OUT-05")
def test_a_bounce_is_recorded_once_and_its_sender_hears_of_it_once(
    office: Scenario, env: dict[str, str], tmp_path: Path
) -> None:
    invitation, delivery_id = send(office)

    for expected in ("recorded\n", "ignored\n"):
        done = run(tmp_path, env, "receive", content=bounce(delivery_id))
        assert (done.stderr, done.stdout) == ("", expected)

    assert office.get_invitation(invitation).undelivered == "mailbox_refused"
    assert office.take_recipients_of("invitation_undelivered") == ["ada"]
    listed = run(tmp_path, env, "suppressed")
    assert listed.stdout == f"{NINA}\tbounced\n"
    done = run(tmp_path, env, "suppressed", "--remove", NINA)
    assert done.stdout == f"{NINA} gets emails again\n"
    assert run(tmp_path, env, "suppressed").stdout == ""
    for address in (NINA, "otto@client.example"):
        assert run(tmp_path, env, "suppressed", "--remove", address).returncode == 1


@pytest.mark.rule("OUT-05")
def test_a_delay_is_recorded_and_a_bounce_after_it(
    office: Scenario, env: dict[str, str], tmp_path: Path
) -> None:
    invitation, delivery_id = send(office)

    run(tmp_path, env, "receive", content=bounce(delivery_id, "delayed", "4.4.1"))
    assert office.get_invitation(invitation).undelivered == "mail_delayed"
    run(tmp_path, env, "receive", content=bounce(delivery_id, "failed", "4.4.7"))

    assert office.get_invitation(invitation).undelivered == "mail_refused"
    assert run(tmp_path, env, "suppressed").stdout == ""


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize("content", [b"", b"Subject: I'm away\n\nUntil Monday\n"])
def test_an_answer_changes_nothing(
    office: Scenario, env: dict[str, str], tmp_path: Path, content: bytes
) -> None:
    _, delivery_id = send(office)
    before = len(office.list_recorded_events())
    to = ADDRESSES.create(SentMail(delivery_id))

    done = run(tmp_path, env, "receive", "--recipient", to, content=content)
    unknown = run(tmp_path, env, "receive", content=bounce(DeliveryId(987_654_321)))

    assert done.stdout == unknown.stdout == "ignored\n"
    assert len(office.list_recorded_events()) == before


def test_the_mail_server_tries_again_while_something_is_missing(
    env: dict[str, str], tmp_path: Path
) -> None:
    for more in ({"COLLAB_BOUNCE_ADDRESS": ""}, {"DATABASE_URL": "sqlite:///no/file"}):
        done = run(tmp_path, env | more, "receive", content=b"")
        assert done.returncode == 75
        assert done.stderr.startswith("collab: ")
