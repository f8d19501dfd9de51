"""The actions of a scene's users; after each of them the album takes its pictures."""

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
from tests.gallery.album import Album, Picture, controls
from tests.support.app_harness import AppHarness

Json = dict[str, Any]
GLANCE = 0.01  # seconds
GLANCES = 1_000


class Hands:
    """Act as any user of one workspace."""

    def __init__(self, stage: AppHarness, album: Album, scene: str) -> None:
        self.stage = stage
        self.playground = stage.playground
        self.site = stage.playground.state
        self._album = album
        self._scene = scene

    # Looking

    def looks(self) -> None:
        """Deliver the outbox and add what is new to the album."""
        self.stage.drain_outbox()
        self._album.looks(self.site, self._scene)

    def home(self, who: str) -> Json:
        """Open Home and return it."""
        person = self.person(who)
        person.open_home()
        self.stage.drain_outbox()
        return self.sees_home(who)

    def sees_home(self, who: str) -> Json:
        """Return the present Home tab and add it to the album."""
        self.looks()
        view = self.person(who).home_view
        assert view is not None
        shown = self._album.shown_in(view)
        self._album.keeps(
            self.site,
            Picture(
                self._scene, self.person(who).id, "home", "", view["id"], view, shown
            ),
        )
        return view

    def person(self, who: str) -> FakeUser:
        """Return the user of this name."""
        return self.playground.get_user(who)

    def last(self, who: str, channel: str | None = None) -> Json:
        """Return the app's newest message that the user sees in a conversation."""
        return next(
            m
            for m in self._newest(who, channel)
            if m["user"] == self.site.workspace.bot_user_id
        )

    def asked(self, who: str, action: str, channel: str | None = None) -> Json:
        """Return the newest message with a certain button."""
        for message in self._newest(who, channel):
            if any(_is(control, action) for control in controls(message["blocks"])):
                return message
        raise AssertionError(
            f"{who} sees nothing with {action}: {self.last(who, channel)['text']}"
        )

    def id(self, slug: str) -> str:
        """Return the id of the resource with this slug."""
        with self.stage.app.bus.read(self.stage.workspace) as facts:
            resource = facts.resources.find_resource_by_id_or_slug(slug)
        assert resource, slug
        return resource.id

    # Doing

    def says(self, who: str, *lines: str, channel: str = "general") -> None:
        """Type commands."""
        for line in lines:
            self.person(who).type_text(f"/collab {line}".rstrip(), channel=channel)
            self.looks()

    def asks(self, who: str, line: str, channel: str = "general") -> Json:
        """Type a command that opens a modal, and return the modal."""
        return self._opening(
            who,
            lambda: self.person(who).type_text(
                f"/collab {line}".rstrip(), channel=channel
            ),
        )

    def presses(
        self,
        who: str,
        action: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> None:
        """Press a button of the newest message that has it, or within a view."""
        self.person(who).press_button(
            within or self.asked(who, action, channel), action
        )
        self.looks()

    def opens(
        self,
        who: str,
        action: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> Json:
        """Press a button that opens a modal, and return the modal."""
        surface = within or self.asked(who, action, channel)
        return self._opening(
            who, lambda: self.person(who).press_button(surface, action)
        )

    def chooses(
        self,
        who: str,
        choice: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> None:
        """Choose an option of an overflow menu, by the start of its value."""
        self._choose(who, choice, channel, within)
        self.looks()

    def opens_option(
        self,
        who: str,
        choice: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> Json:
        """Choose an option of an overflow menu that opens a modal; return the modal."""
        return self._opening(who, lambda: self._choose(who, choice, channel, within))

    def picks(self, who: str, action: str, *things: str) -> Json:
        """Choose resources, by their slugs, in a field of the open modal."""
        person = self.person(who)
        return self._opening(
            who,
            lambda: person.choose_option(
                person.top_view or {}, action, [self.id(t) for t in things]
            ),
        )

    def selects(self, who: str, action: str, value: str) -> Json:
        """Choose a value that updates the open modal, and return the modal."""
        person = self.person(who)
        return self._opening(
            who, lambda: person.choose_option(person.top_view or {}, action, value)
        )

    def submits(self, who: str, /, **values: Any) -> None:
        """Fill and submit the open modal; its errors are added to the album."""
        person = self.person(who)
        body = person.submit_view(values) or {}
        view = person.top_view
        if body.get("response_action") == "errors" and view is not None:
            shown = self._album.shown_in(body["errors"])
            wrong = body["errors"]
            self._album.keeps(
                self.site,
                Picture(
                    self._scene, person.id, "modal", "", view["id"], view, shown, wrong
                ),
            )
        self.looks()

    def closes(self, who: str) -> None:
        """Close all open modals."""
        while self.person(who).top_view:
            self.person(who).close_view()

    def joins(
        self, who: str, role: str, *things: str, by: str = "ada", more: str = ""
    ) -> None:
        """Invite a user, who accepts."""
        self.says(by, f"invite @{who} {role} {' '.join(things)} {more}".rstrip())
        self.presses(who, "accept")

    def travels(self, **length: float) -> None:
        """Move the clock on, stopping at each moment that has something due."""
        self.stage.advance_time(**length)
        self.looks()

    def sleeps(self, **length: float) -> None:
        """Move the clock on without running what is due."""
        self.playground.clock.set_now(self.playground.clock.now() + timedelta(**length))

    # What no road through the playground leads to

    def caller(self, who: str) -> Caller:
        """Return the user as the core's caller."""
        return Caller(
            self.stage.workspace,
            Account(self.stage.workspace, self.person(who).id),
            "command",
        )

    def services(self) -> Services:
        """Return the services of the app, in the language of Ada."""
        locale = self.playground.state.workspace.get_account("ada").locale
        return Services(
            self.stage.app.bus,
            self.stage.app.database.outbox,
            renderer_for_language(ENGLISH).for_locale(locale),
            COMMAND_HANDLERS,
        )

    def refused(self, who: str, act: Any) -> None:
        """Post the text of the rejection of a command."""
        self.fails(
            who, partial(self.stage.app.bus.execute, act, self.playground.clock.now())
        )

    def fails(self, who: str, run: Callable[[], object]) -> None:
        """Post the text of the rejection that a call raises."""
        try:
            run()
        except Rejected as refused:
            self.posts(who, self.services().render_rejection(refused, self.caller(who)))
        else:
            raise AssertionError(run)

    def asked_in_vain(self, who: str, question: Any) -> None:
        """Post the text of the rejection of a query."""
        by = self.caller(who)
        try:
            self.stage.app.bus.query(question, self.playground.clock.now())
        except Rejected as refused:
            self.posts(who, self.services().render_rejection(refused, by))
        else:
            raise AssertionError(question)

    def posts(self, who: str, text: Any) -> None:
        """Post a text through the outbox, as an ephemeral answer."""
        url = messages.create_response_url(
            self.site,
            self.person(who).id,
            self.site.workspace.get_direct_channel(self.person(who).id).id,
        )
        body = {"response_type": "ephemeral", **blocks.build_message(text)}
        self.stage.app.database.outbox.enqueue_message(
            self.stage.workspace,
            f"reply:{time.monotonic_ns()}",
            "reply",
            {"url": url, "body": body},
        )
        self.looks()

    @contextmanager
    def holding_back(self, method: str) -> Iterator[None]:
        """Let deliveries by a Web API method fail within the block."""
        self.playground.faults.rate_limit(method, times=None, retry_after=60)
        try:
            yield
        finally:
            self.playground.faults.clear()

    def _choose(
        self, who: str, choice: str, channel: str | None, within: Json | None
    ) -> None:
        for surface in [within] if within else self._newest(who, channel):
            for control in controls(surface["blocks"]):
                for option in (
                    control.get("options", []) if control["type"] == "overflow" else []
                ):
                    if f"{option['value']} ".startswith(f"{choice} "):
                        self.person(who).choose_option(
                            surface, control["action_id"], option["value"]
                        )
                        return
        raise AssertionError(f"{who} sees no menu with {choice}")

    def _opening(self, who: str, act: Callable[[], object]) -> Json:
        before = self._stack(who)
        act()
        for _ in range(GLANCES):
            view = self.person(who).top_view
            if view and self._stack(who) != before:
                self.looks()
                return view
            time.sleep(GLANCE)
        raise AssertionError(f"no window opened for {who}")

    def _stack(self, who: str) -> list[str]:
        return [view["hash"] for view in self.person(who).open_views]

    def _newest(self, who: str, channel: str | None) -> Iterator[Json]:
        person = self.person(who)
        conversation = (
            self.site.workspace.get_channel(channel)
            if channel
            else self.site.workspace.get_direct_channel(person.id)
        )
        yield from map(
            serializers.serialize_page_message,
            reversed(
                self.site.workspace.list_visible_messages(conversation.id, person.id)
            ),
        )


def _is(control: Json, action: str) -> bool:
    return action in {control["action_id"], control["action_id"].partition(":")[0]}
