"""What the handlers of deliveries share.

The core, the outbox, the renderer, Slack, the files and the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.delivery.email import MailService
from bot.rendering import Renderer
from bot.slack.client import SlackClient
from bot.slack.company_names import CompanyNames
from bot.slack.deferred_requests import DeferredRequest
from bot.slack.identity import build_profile_command
from bot.slack.views import Message
from collab.bus import Bus
from collab.context import Context
from collab.file_store import FileStore
from collab.model import Caller, Person, PersonId, WorkspaceId
from collab.notifications.sent_messages import LiveMessage
from collab.people import find_caller

COMPANY_SECONDS = 5.0  # for the name of another company, which is no necessity
PLAIN_MESSAGE_OPTIONS = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}


class DeliveryStore(Protocol):
    """What deliveries read and write in the outbox."""

    def list_live_messages(
        self, workspace: WorkspaceId, subject_id: str, target: str
    ) -> list[LiveMessage]:
        """Return the messages that a target got about a subject, oldest first."""

    def delete_live_message(self, message: LiveMessage) -> None:
        """Delete a message that does not exist any more."""

    def find_thread_address(
        self, workspace: WorkspaceId, target: str, subject_id: str
    ) -> str | None:
        """Return the address of the message that started a target's thread about a
        subject.
        """

    def get_home_pages(self, workspace: WorkspaceId, person: PersonId) -> list[int]:
        """Return the pages that a person's Home shows; none if it was never opened."""

    def enqueue_message(
        self, workspace: WorkspaceId, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Enqueue another delivery."""


@dataclass(frozen=True, slots=True)
class DeliveryServices:
    """What a handler of deliveries uses."""

    bus: Bus
    store: DeliveryStore
    renderer: Renderer
    slack: SlackClient
    now: Callable[[], datetime]
    files: FileStore
    handle_deferred_request: Callable[[DeferredRequest], None]
    companies: CompanyNames
    mail: MailService | None = None

    @contextmanager
    def read_context(self, workspace: WorkspaceId) -> Iterator[Context]:
        """Open a context in which nobody acts; close it before a call to Slack."""
        with self.bus.read(workspace) as repositories:
            yield self.bus.context(repositories, self.now())

    def renderer_for(self, workspace: WorkspaceId, viewer: Person | None) -> Renderer:
        """Return the renderer for a person's language, or for a channel.

        A channel has readers of several languages, so it gets English. A person of
        another workspace cannot type commands.
        """
        renderer = self.renderer.for_locale(viewer.locale if viewer else None)
        if viewer and viewer.team not in {None, workspace}:
            return renderer.without_commands()
        return renderer

    def renderer_for_caller(self, caller: Caller) -> Renderer:
        """Return the renderer for the language of the person behind a caller."""
        with self.read_context(caller.workspace) as context:
            person = find_caller(context.repositories, caller)
        return self.renderer_for(caller.workspace, person)

    def post_message(
        self, workspace: WorkspaceId, channel: str, message: Message, **options: Any
    ) -> dict[str, Any]:
        """Post a message to a channel or an account, and return Slack's answer."""
        return self.slack.call_method(
            workspace,
            "chat.postMessage",
            channel=channel,
            **message,
            **options,
            **PLAIN_MESSAGE_OPTIONS,
        )

    def post_ephemeral(
        self,
        workspace: WorkspaceId,
        channel: str,
        user_id: str,
        message: Message,
        **options: Any,
    ) -> None:
        """Post a message that one member of a channel sees."""
        self.slack.call_method(
            workspace,
            "chat.postEphemeral",
            channel=channel,
            user=user_id,
            **message,
            **options,
            parse="none",
        )

    def save_profile(self, workspace: WorkspaceId, user: dict[str, Any]) -> None:
        """Store a profile as Slack's Web API returns it."""
        caller = Caller(workspace, None, "slack")
        company = self.companies.find_company(workspace, user, COMPANY_SECONDS)
        self.bus.execute(build_profile_command(caller, user, company), self.now())
