"""The actions of a scene's users; what is new on the screen after each is a picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from bot.i18n import ENGLISH
from bot.playground import messages, serializers
from bot.playground.fake_user import FakeUser
from bot.rendering import renderer_for_language
from bot.slack.requests import Services
from bot.slack.routes import COMMAND_HANDLERS
from bot.slack.views import blocks
from collab.errors import Rejected
from collab.model import Account, Caller
from tests.gallery.outside import OutsideReader
from tests.gallery.pictures import Picture, PictureCollection, controls
from tests.support.app_harness import AppHarness

Json = dict[str, Any]
POLL_SECONDS = 0.01
MAX_POLLS = 1_000


class SceneActions:
    """Act as any user of one workspace."""

    def __init__(
        self, harness: AppHarness, pictures: PictureCollection, scene: str
    ) -> None:
        self.harness = harness
        self.playground = harness.playground
        self.state = harness.playground.state
        self._pictures = pictures
        self._scene = scene
        self.outside = OutsideReader(harness, pictures, scene)

    # Looking

    def take_new_pictures(self) -> None:
        """Deliver the outbox and add what is new to the pictures."""
        self.harness.drain_outbox()
        self._pictures.add_new(self.state, self._scene)
        self.outside.take_new_mails()

    def open_home(self, who: str) -> Json:
        """Open Home and return it."""
        person = self.get_user(who)
        person.open_home()
        self.harness.drain_outbox()
        return self.take_home_picture(who)

    def take_home_picture(self, who: str) -> Json:
        """Return the present Home tab and add it to the pictures."""
        self.take_new_pictures()
        view = self.get_user(who).home_view
        assert view is not None
        shown = self._pictures.templates_in(view)
        self._pictures.add(
            self.state,
            Picture(
                self._scene, self.get_user(who).id, "home", "", view["id"], view, shown
            ),
        )
        return view

    def get_user(self, who: str) -> FakeUser:
        """Return the user of this name."""
        return self.playground.get_user(who)

    def get_last_message(self, who: str, channel: str | None = None) -> Json:
        """Return the app's newest message that the user sees in a conversation."""
        return next(
            m
            for m in self._list_newest_messages(who, channel)
            if m["user"] == self.state.workspace.bot_user_id
        )

    def find_message_with(
        self, who: str, action: str, channel: str | None = None
    ) -> Json:
        """Return the newest message with a certain button."""
        for message in self._list_newest_messages(who, channel):
            if any(
                _has_action(control, action) for control in controls(message["blocks"])
            ):
                return message
        raise AssertionError(
            f"{who} sees nothing with {action}: {self.get_last_message(who, channel)['text']}"
        )

    def resource_id_of(self, slug: str) -> str:
        """Return the id of the resource with this slug."""
        with self.harness.app.bus.read(self.harness.workspace) as facts:
            resource = facts.resources.find_resource_by_id_or_slug(slug)
        assert resource, slug
        return resource.id

    # Doing

    def run_commands(self, who: str, *lines: str, channel: str = "general") -> None:
        """Type commands."""
        for line in lines:
            self.get_user(who).type_text(f"/collab {line}".rstrip(), channel=channel)
            self.take_new_pictures()

    def open_by_command(self, who: str, line: str, channel: str = "general") -> Json:
        """Type a command that opens a modal, and return the modal."""
        return self._wait_for_modal(
            who,
            lambda: self.get_user(who).type_text(
                f"/collab {line}".rstrip(), channel=channel
            ),
        )

    def press_button(
        self,
        who: str,
        action: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> None:
        """Press a button of the newest message that has it, or within a view."""
        self.get_user(who).press_button(
            within or self.find_message_with(who, action, channel), action
        )
        self.take_new_pictures()

    def press_to_open(
        self,
        who: str,
        action: str,
        channel: str | None = None,
        within: Json | None = None,
        value: str | None = None,
    ) -> Json:
        """Press a button that opens a modal, and return the modal."""
        surface = within or self.find_message_with(who, action, channel)
        return self._wait_for_modal(
            who, lambda: self.get_user(who).press_button(surface, action, value)
        )

    def press_in_modal_to_open(self, who: str, action: str) -> Json:
        """Press a button of the top modal, once one with it is open, that opens another.

        Returns the other modal.
        """
        person = self.get_user(who)

        def has_action() -> bool:
            shown = (person.top_view or {}).get("blocks")
            return any(_has_action(control, action) for control in controls(shown))

        self.playground.wait_until(has_action, MAX_POLLS * POLL_SECONDS)
        return self.press_to_open(who, action, within=person.top_view)

    def open_page(self, who: str, slug: str) -> Json:
        """Open the page of a resource from its row at Home, and return it."""
        home = self.open_home(who)
        resource_id = self.resource_id_of(slug)
        return self.press_to_open(who, "open_page", within=home, value=resource_id)

    def choose_from_menu(
        self,
        who: str,
        choice: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> None:
        """Choose an option of an overflow menu, by the start of its value."""
        self._choose_option(who, choice, channel, within)
        self.take_new_pictures()

    def open_from_menu(
        self,
        who: str,
        choice: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> Json:
        """Choose an option of an overflow menu that opens a modal; return the modal."""
        return self._wait_for_modal(
            who, lambda: self._choose_option(who, choice, channel, within)
        )

    def select_resources(self, who: str, action: str, *things: str) -> Json:
        """Choose resources, by their slugs, in a field of the open modal."""
        person = self.get_user(who)
        return self._wait_for_modal(
            who,
            lambda: person.choose_option(
                person.top_view or {}, action, [self.resource_id_of(t) for t in things]
            ),
        )

    def select_value(self, who: str, action: str, value: str) -> Json:
        """Choose a value that updates the open modal, and return the modal."""
        person = self.get_user(who)
        return self._wait_for_modal(
            who, lambda: person.choose_option(person.top_view or {}, action, value)
        )

    def submit_modal(self, who: str, /, **values: Any) -> None:
        """Fill and submit the open modal; its errors are added to the pictures."""
        person = self.get_user(who)
        body = person.submit_view(values) or {}
        view = person.top_view
        if body.get("response_action") == "errors" and view is not None:
            shown = self._pictures.templates_in(body["errors"])
            wrong = body["errors"]
            self._pictures.add(
                self.state,
                Picture(
                    self._scene, person.id, "modal", "", view["id"], view, shown, wrong
                ),
            )
        self.take_new_pictures()

    def close_modals(self, who: str) -> None:
        """Close all open modals."""
        while self.get_user(who).top_view:
            self.get_user(who).close_view()

    def add_member(
        self, who: str, role: str, *things: str, by: str = "ada", more: str = ""
    ) -> None:
        """Invite a user, who accepts."""
        self.run_commands(
            by, f"invite @{who} {role} {' '.join(things)} {more}".rstrip()
        )
        self.press_button(who, "accept")

    def advance_time(self, **length: float) -> None:
        """Move the clock on, stopping at each moment that has something due."""
        self.harness.advance_time(**length)
        self.take_new_pictures()

    def skip_time(self, **length: float) -> None:
        """Move the clock on without running what is due."""
        self.playground.clock.set_now(self.playground.clock.now() + timedelta(**length))

    # What cannot be done through the playground

    def caller_of(self, who: str) -> Caller:
        """Return the user as the core's caller."""
        return Caller(
            self.harness.workspace,
            Account(self.harness.workspace, self.get_user(who).id),
            "command",
        )

    def services(self) -> Services:
        """Return the services of the app, in the language of Ada."""
        locale = self.playground.state.workspace.get_account("ada").locale
        return Services(
            self.harness.app.bus,
            self.harness.app.database.outbox,
            renderer_for_language(ENGLISH).for_locale(locale),
            COMMAND_HANDLERS,
        )

    def post_command_rejection(self, who: str, act: Any) -> None:
        """Post the text of the rejection of a command."""
        self.post_rejection(
            who, partial(self.harness.app.bus.execute, act, self.playground.clock.now())
        )

    def post_rejection(self, who: str, run: Callable[[], object]) -> None:
        """Post the text of the rejection that a call raises."""
        try:
            run()
        except Rejected as refused:
            self.post_text(
                who, self.services().render_rejection(refused, self.caller_of(who))
            )
        else:
            raise AssertionError(run)

    def post_query_rejection(self, who: str, question: Any) -> None:
        """Post the text of the rejection of a query."""
        by = self.caller_of(who)
        try:
            self.harness.app.bus.query(question, self.playground.clock.now())
        except Rejected as refused:
            self.post_text(who, self.services().render_rejection(refused, by))
        else:
            raise AssertionError(question)

    def post_text(self, who: str, text: Any) -> None:
        """Post a text through the outbox, as an ephemeral answer."""
        url = messages.create_response_url(
            self.state,
            self.get_user(who).id,
            self.state.workspace.get_direct_channel(self.get_user(who).id).id,
        )
        body = {"response_type": "ephemeral", **blocks.build_message(text)}
        self.harness.app.database.outbox.enqueue_message(
            self.harness.workspace,
            f"reply:{time.monotonic_ns()}",
            "reply",
            {"url": url, "body": body},
        )
        self.take_new_pictures()

    @contextmanager
    def delivery_failures(self, method: str) -> Iterator[None]:
        """Let deliveries by a Web API method fail within the block."""
        self.playground.faults.rate_limit(method, times=None, retry_after=60)
        try:
            yield
        finally:
            self.playground.faults.clear()

    def _choose_option(
        self, who: str, choice: str, channel: str | None, within: Json | None
    ) -> None:
        for surface in [within] if within else self._list_newest_messages(who, channel):
            for control in controls(surface["blocks"]):
                for option in (
                    control.get("options", []) if control["type"] == "overflow" else []
                ):
                    if f"{option['value']} ".startswith(f"{choice} "):
                        self.get_user(who).choose_option(
                            surface, control["action_id"], option["value"]
                        )
                        return
        raise AssertionError(f"{who} sees no menu with {choice}")

    def _wait_for_modal(self, who: str, act: Callable[[], object]) -> Json:
        before = self._list_view_hashes(who)
        act()
        for _ in range(MAX_POLLS):
            view = self.get_user(who).top_view
            if view and self._list_view_hashes(who) != before:
                self.take_new_pictures()
                return view
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"no window opened for {who}")

    def _list_view_hashes(self, who: str) -> list[str]:
        return [view["hash"] for view in self.get_user(who).open_views]

    def _list_newest_messages(self, who: str, channel: str | None) -> Iterator[Json]:
        person = self.get_user(who)
        conversation = (
            self.state.workspace.get_channel(channel)
            if channel
            else self.state.workspace.get_direct_channel(person.id)
        )
        yield from map(
            serializers.serialize_page_message,
            reversed(
                self.state.workspace.list_visible_messages(conversation.id, person.id)
            ),
        )


def _has_action(control: Json, action: str) -> bool:
    return action in {control["action_id"], control["action_id"].partition(":")[0]}
