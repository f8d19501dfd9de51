"""A world with the pages for people outside Slack, and a browser that opens them."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from werkzeug.test import Client, TestResponse

from bot.invitation_links import InvitationLinks
from bot.rendering import renderer_for_language
from bot.sign_in_links import RequestedLink, SignInLinks
from bot.slack.requests import Services
from bot.slack.routes import COMMAND_HANDLERS
from bot.web.pages import build_pages
from bot.web.sessions import COOKIE_NAME
from bot.web.sign_in_pages import SignInRequests
from collab.events import InvitationSent, SignInRequested
from collab.invitations.links import Sending
from collab.limits import Policy
from collab.model import InvitationId, PersonId
from collab.sign_ins import RequestSignIn
from storage.database import Database
from storage.files import PdfFolder
from storage.invitation_links import mark_link_sent
from tests.support.builders import Scenario

BASE = "https://collab.example.com/tools"
SECRET = "5ecre7" * 6
NINA = "nina@client.example"


class Office:
    """A world with a page, and a browser that opens links."""

    def __init__(self, database: Database, base_url: str = BASE) -> None:
        self.base_url = base_url
        self.world = Scenario(database, policy=Policy(sends_mail=True))
        self.world.create_company()
        self.links = InvitationLinks(base_url, [SECRET], database.invitation_links)
        self.services = Services(
            self.world.bus,
            database.outbox,
            renderer_for_language("en"),
            COMMAND_HANDLERS,
        )
        self.files = PdfFolder(Path(mkdtemp(prefix="collab-office-")))
        self.client = Client(
            build_pages(
                self.services,
                self.links,
                (SECRET,),
                SignInRequests(lambda: [self.world.workspace], sends_mail=True),
                self.files,
                self.now,
            )
        )

    def now(self) -> Any:
        return self.world.at

    def mail_link(self, invitation: InvitationId) -> str:
        """Return the path of the link that the newest mail has."""
        sent = self.world.events_of_type(InvitationSent)
        person = next(e.person for e in sent if e.invitation == invitation)
        seq = self.world.list_recorded_events()[-1].seq
        sending = Sending(self.world.workspace, invitation, person, seq)
        url, link = self.links.create_link(sending)
        with self.world.database.engine.begin() as connection:
            mark_link_sent(connection, link)
        return url.removeprefix(self.base_url)

    def invite(self, who: str = NINA, **more: Any) -> tuple[InvitationId, str]:
        invitation = self.world.send_invitation(who, **more)
        return invitation, self.mail_link(invitation)

    def request_sign_in(self, email: str = NINA) -> str | None:
        """Ask for a link to sign in, and return its path; None if none was sent."""
        world = self.world
        command = RequestSignIn(world.system_caller("web"), email)
        recorded = world.execute(command).recorded
        if not recorded:
            return None
        requested = recorded[0].event
        assert isinstance(requested, SignInRequested)
        link = RequestedLink(world.workspace, requested.person, recorded[0].seq)
        links = SignInLinks(self.base_url, (SECRET,))
        return links.create_url(link).removeprefix(self.base_url)

    def sign_in(self, email: str = NINA) -> None:
        """Sign in by a link that was mailed."""
        path = self.request_sign_in(email)
        assert path
        response = self.answer(path, "enter")
        assert response.status_code == 303, response.text
        self.keep_cookie(response)

    def keep_cookie(self, response: TestResponse) -> None:
        """Keep a session, as a browser behind the server with the prefix does."""
        header = response.headers["Set-Cookie"]
        value = header.partition(";")[0].partition("=")[2]
        self.client.set_cookie(COOKIE_NAME, value, path="/")

    def person_id_of(self, email: str = NINA) -> PersonId:
        """Return the id of somebody known by an address."""
        units = self.world.database.unit_of_work_factory
        with units.read(self.world.workspace) as read:
            person = read.people.find_person_by_email(email)
        assert person is not None
        return person.id

    def open(self, path: str, **headers: str) -> str:
        """Open a page, and return its text."""
        return self.client.get(path, headers=headers).get_data(as_text=True)

    def answer(self, path: str, action: str, **fields: str) -> TestResponse:
        """Open a page and press its first button, or the one of an action."""
        nonce = find_nonce(self.open(path))
        return self.send(path, action=action, nonce=nonce, **fields)

    def send(self, path: str, **fields: str) -> TestResponse:
        return self.client.post(path, data=fields)

    def snapshot(self) -> str:
        """Return everything that is stored."""
        with self.world.database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            return "\n".join(driver.iterdump())


def find_nonce(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found, page
    return found[1]
