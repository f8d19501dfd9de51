"""Make the links by which people sign in to My page, and read them.

They are signed, and nothing is stored: the record of events says whether one was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.signatures import Signer
from collab.model import Caller, PersonId, WorkspaceId

MY_PAGE_PATH = "/me"
ENTER_PATH = f"{MY_PAGE_PATH}/enter/"
ORIGIN = "web"
SIGN_IN_REQUEST = "sign_in_request"  # the delivery that asks for a link


@dataclass(frozen=True, slots=True)
class RequestedLink:
    """A link to sign in; `requested` is the number of the event that asked for it."""

    workspace: WorkspaceId
    person: PersonId
    requested: int

    @property
    def caller(self) -> Caller:
        """The person, as who sends commands and queries."""
        return Caller(self.workspace, None, ORIGIN, person=self.person)


class SignInLinks:
    """Makes and reads links to sign in."""

    def __init__(self, base_url: str, secrets: Sequence[str]) -> None:
        self._base_url = base_url
        self._signer = Signer("sign-in", secrets)

    @property
    def my_page_url(self) -> str:
        """Return the URL of My page, never from the Host header."""
        return f"{self._base_url}{MY_PAGE_PATH}"

    def create_url(self, link: RequestedLink) -> str:
        """Return the URL of a link."""
        token = self._signer.sign(link.workspace, link.person, str(link.requested))
        return f"{self._base_url}{ENTER_PATH}{token}"

    def read(self, token: str) -> RequestedLink | None:
        """Return what a token is for; None for one that was not made here."""
        match self._signer.read(token):
            case (workspace, person, requested):
                return RequestedLink(
                    WorkspaceId(workspace), PersonId(person), int(requested)
                )
        return None
