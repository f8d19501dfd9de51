"""The hands of whoever acts in a scene: they type, press, choose and fill in, and every step is looked at."""

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
    """Everybody's hands on one stage."""

    def __init__(self, stage: AppHarness, album: Album, scene: str) -> None:
        self.stage = stage
        self.playground = stage.playground
        self.site = stage.playground.state
        self._album = album
        self._scene = scene

    # Looking

    def looks(self) -> None:
        """Everything is told, and what is new in it is kept."""
        self.stage.drain_outbox()
        self._album.looks(self.site, self._scene)

    def home(self, who: str) -> Json:
        """Somebody opens Home and looks at it."""
        person = self.person(who)
        person.open_home()
        self.stage.drain_outbox()
        return self.sees_home(who)

    def sees_home(self, who: str) -> Json:
        """Home as it is now."""
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
        """Somebody by name."""
        return self.playground.get_user(who)

    def last(self, who: str, channel: str | None = None) -> Json:
        """The newest message of the app's that somebody sees in a channel, or in their direct message."""
        return next(
            m
            for m in self._newest(who, channel)
            if m["user"] == self.site.workspace.bot_user_id
        )

    def asked(self, who: str, action: str, channel: str | None = None) -> Json:
        """The newest message in which somebody can press a certain button."""
        for message in self._newest(who, channel):
            if any(_is(control, action) for control in controls(message["blocks"])):
                return message
        raise AssertionError(
            f"{who} sees nothing with {action}: {self.last(who, channel)['text']}"
        )

    def id(self, slug: str) -> str:
        """The id of a thing by its short name."""
        with self.stage.app.bus.read(self.stage.workspace) as facts:
            found = facts.resources.find_resource_by_id_or_slug(slug)
        assert found, slug
        return found.id

    # Doing

    def says(self, who: str, *lines: str, channel: str = "general") -> None:
        """Lines after the command."""
        for line in lines:
            self.person(who).type_text(f"/collab {line}".rstrip(), channel=channel)
            self.looks()

    def asks(self, who: str, line: str, channel: str = "general") -> Json:
        """A line that opens a window; gives the window."""
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
        """A button of the newest message that has it, or of what is given."""
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
        """A button that opens a window; gives the window."""
        place = within or self.asked(who, action, channel)
        return self._opening(who, lambda: self.person(who).press_button(place, action))

    def chooses(
        self,
        who: str,
        choice: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> None:
        """An option of a small menu, by the start of its value."""
        self._choose(who, choice, channel, within)
        self.looks()

    def choosing(
        self,
        who: str,
        choice: str,
        channel: str | None = None,
        within: Json | None = None,
    ) -> Json:
        """An option of a small menu that opens a window; gives the window."""
        return self._opening(who, lambda: self._choose(who, choice, channel, within))

    def picks(self, who: str, action: str, *things: str) -> Json:
        """Things by their short names, in the field of the open window that asks for them."""
        person = self.person(who)
        return self._opening(
            who,
            lambda: person.choose_option(
                person.top_view or {}, action, [self.id(t) for t in things]
            ),
        )

    def selects(self, who: str, action: str, value: str) -> Json:
        """A choice in the open window that changes it; gives the window."""
        person = self.person(who)
        return self._opening(
            who, lambda: person.choose_option(person.top_view or {}, action, value)
        )

    def submits(self, who: str, **values: Any) -> None:
        """The open window, filled in and sent in; what it says under its fields is kept."""
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
        """Every open window."""
        while self.person(who).top_view:
            self.person(who).close_view()

    def joins(
        self, who: str, role: str, *things: str, by: str = "ada", more: str = ""
    ) -> None:
        """Somebody is invited and accepts."""
        self.says(by, f"invite @{who} {role} {' '.join(things)} {more}".rstrip())
        self.presses(who, "accept")

    def travels(self, **length: float) -> None:
        """Time passes, stopping where something is due."""
        self.stage.advance_time(**length)
        self.looks()

    def sleeps(self, **length: float) -> None:
        """Time passes in which the app does not look at what is due."""
        self.playground.clock.set_now(self.playground.clock.now() + timedelta(**length))

    # What no road through the playground leads to

    def caller(self, who: str) -> Caller:
        """Somebody as the app knows them."""
        return Caller(
            self.stage.workspace,
            Account(self.stage.workspace, self.person(who).id),
            "command",
        )

    def desk(self) -> Services:
        """The app's own desk."""
        locale = self.playground.state.workspace.get_account("ada").locale
        return Services(
            self.stage.app.bus,
            self.stage.app.database.outbox,
            renderer_for_language(ENGLISH).for_locale(locale),
            COMMAND_HANDLERS,
        )

    def refused(self, who: str, act: Any) -> None:
        """An act that the core refuses, in the words that somebody would read."""
        self.fails(
            who, partial(self.stage.app.bus.execute, act, self.playground.clock.now())
        )

    def fails(self, who: str, run: Callable[[], object]) -> None:
        """Post the words of the refusal that a call raises."""
        try:
            run()
        except Rejected as refused:
            self.posts(who, self.desk().render_rejection(refused, self.caller(who)))
        else:
            raise AssertionError(run)

    def asked_in_vain(self, who: str, question: Any) -> None:
        """A question that the core refuses, in the words that somebody would read."""
        by = self.caller(who)
        try:
            self.stage.app.bus.query(question, self.playground.clock.now())
        except Rejected as refused:
            self.posts(who, self.desk().render_rejection(refused, by))
        else:
            raise AssertionError(question)

    def posts(self, who: str, said: Any) -> None:
        """Words through the outbox, as an answer that somebody alone reads."""
        url = messages.create_response_url(
            self.site,
            self.person(who).id,
            self.site.workspace.get_direct_channel(self.person(who).id).id,
        )
        body = {"response_type": "ephemeral", **blocks.build_message(said)}
        self.stage.app.database.outbox.enqueue_message(
            self.stage.workspace,
            f"reply:{time.monotonic_ns()}",
            "reply",
            {"url": url, "body": body},
        )
        self.looks()

    @contextmanager
    def holding_back(self, method: str) -> Iterator[None]:
        """While it lasts, what is sent by a method does not get through."""
        self.playground.faults.rate_limit(method, times=None, retry_after=60)
        try:
            yield
        finally:
            self.playground.faults.clear()

    def _choose(
        self, who: str, choice: str, channel: str | None, within: Json | None
    ) -> None:
        for place in [within] if within else self._newest(who, channel):
            for control in controls(place["blocks"]):
                for option in (
                    control.get("options", []) if control["type"] == "overflow" else []
                ):
                    if f"{option['value']} ".startswith(f"{choice} "):
                        self.person(who).choose_option(
                            place, control["action_id"], option["value"]
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
        place = (
            self.site.workspace.get_channel(channel)
            if channel
            else self.site.workspace.get_direct_channel(person.id)
        )
        yield from map(
            serializers.serialize_page_message,
            reversed(self.site.workspace.list_visible_messages(place.id, person.id)),
        )


def _is(control: Json, action: str) -> bool:
    return action in {control["action_id"], control["action_id"].partition(":")[0]}
