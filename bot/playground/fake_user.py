"""A user for tests, who acts through the same functions as the page."""

from typing import Any

from bot.playground import modals, serializers, user_actions
from bot.playground.blockkit import all_options
from bot.playground.elements import search_control
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json, SlackAccount, View


class FakeUser:
    """Act in the playground as one user."""

    def __init__(self, state: PlaygroundState, user_id: str) -> None:
        self._state = state
        self.id = user_id

    @property
    def account(self) -> SlackAccount:
        """Return the user's account in its current state."""
        return self._state.workspace.accounts[self.id]

    @property
    def name(self) -> str:
        """Return the name that is typed after an @."""
        return self.account.name

    def type_text(self, text: str, channel: str = "general") -> Json | None:
        """Type a command or a message; return the acknowledgement's body for a command.

        NoAnswer, InvalidAnswer or NotAllowed if it fails.
        """
        body: Json | None = user_actions.type_text(
            self._state, self.account, self._channel_id(channel), text
        )
        return body

    def list_messages(self, channel: str = "general") -> list[Json]:
        """Return the messages of a channel that the user sees, oldest first."""
        channel_id = self._channel_id(channel)
        visible = self._state.workspace.list_visible_messages(channel_id, self.id)
        return [serializers.serialize_page_message(message) for message in visible]

    def list_direct_messages(self) -> list[Json]:
        """Return the messages of the app's direct message, oldest first."""
        return self.list_messages(self._state.workspace.get_direct_channel(self.id).id)

    def download_file(self, file: Json) -> bytes:
        """Return the bytes of a message's file; KeyError if the user cannot see it."""
        shared_file = self._state.workspace.get_visible_file(file["id"], self.id)
        return shared_file.content or b""

    def count_unread(self, channel: str) -> int:
        """Return the number of unread messages in a channel."""
        return self._state.workspace.count_unread(self._channel_id(channel), self.id)

    def press_button(
        self, container: Json, action_id: str, value: str | None = None
    ) -> Any:
        """Press a button of a message, modal or Home tab; return the body of the ack.

        KeyError if there is no such button.
        """
        surface = self._find_surface(container)
        block, element = search_control(surface.blocks, action_id, value)
        full_action_id = element["action_id"]
        return user_actions.perform_action(
            self._state, self.account, surface, full_action_id, value, block["block_id"]
        )

    def choose_option(self, container: Json, action_id: str, value: Any) -> Any:
        """Choose in a select, overflow menu, date picker, …; return the ack's body."""
        surface = self._find_surface(container)
        block, element = search_control(surface.blocks, action_id)
        full_action_id = element["action_id"]
        if "external" in element["type"]:
            self._load_options(surface, full_action_id, block["block_id"], value)
        return user_actions.perform_action(
            self._state, self.account, surface, full_action_id, value, block["block_id"]
        )

    def search_options(
        self, container: Json, action_id: str, query: str = ""
    ) -> list[Json]:
        """Type `query` into an external select and return the app's options."""
        surface = self._find_surface(container)
        block, element = search_control(surface.blocks, action_id)
        full_action_id = element["action_id"]
        answer = user_actions.load_options(
            self._state, self.account, surface, full_action_id, query, block["block_id"]
        )
        return all_options(answer)

    @property
    def top_view(self) -> Json | None:
        """Return the topmost open modal."""
        views = self.open_views
        return views[-1] if views else None

    @property
    def open_views(self) -> list[Json]:
        """Return the open modals, bottom to top."""
        return self._state.list_open_views(self.id)

    def fill_view(self, values: dict[str, Any]) -> None:
        """Set values of the open modal by action id, or its part before a colon."""
        view = self._require_top_view()
        surface = user_actions.Surface(view=view)
        for action_id, value in values.items():
            block, element = search_control(view.body["blocks"], action_id)
            full_action_id = element["action_id"]
            if "external" in element["type"] and value:
                self._load_options(surface, full_action_id, block["block_id"], value)
            modals.fill_view(
                self._state, view, {block["block_id"]: {full_action_id: value}}
            )

    def submit_view(self, values: dict[str, Any] | None = None) -> Any:
        """Fill the open modal and submit it; return the acknowledgement's body."""
        self.fill_view(values or {})
        return user_actions.submit_view(
            self._state, self.account, self._require_top_view().id, {}
        )

    def close_view(self) -> None:
        """Close the topmost modal."""
        user_actions.close_view(self._state, self.account, self._require_top_view().id)

    def open_home(self) -> None:
        """Open the app's Home tab; return after the app acknowledged the event."""
        user_actions.open_home(self._state, self.account, wait=True)

    @property
    def home_view(self) -> Json | None:
        """Return the user's Home tab as the app published it."""
        return self._state.find_home_view(self.id)

    def use_shortcut(self, callback_id: str) -> Any:
        """Use a global shortcut; return the acknowledgement's body."""
        return user_actions.use_shortcut(self._state, self.account, callback_id)

    def mark_read(self, channel: str) -> None:
        """Mark a channel as read."""
        self._state.workspace.mark_read(self._channel_id(channel), self.id)

    def _channel_id(self, channel: str) -> str:
        return self._state.workspace.get_channel(channel).id

    def _require_top_view(self) -> View:
        stack = self._state.workspace.list_open_modals(self.id)
        if not stack:
            raise KeyError(f"{self.name} has no open modal")
        return stack[-1]

    def _find_surface(self, shown: Json) -> user_actions.Surface:
        is_view = shown.get("type") in {"modal", "home"}
        container = {"view_id": shown["id"]} if is_view else shown
        return user_actions.find_surface(self._state, self.account, container)

    def _load_options(
        self, surface: user_actions.Surface, action_id: str, block_id: str, value: Any
    ) -> None:
        values = value if isinstance(value, list) else [value]
        key = (self.id, surface.surface_id, action_id)
        options = self._state.loaded_options.get(key, [])
        loaded_values = {option["value"] for option in options}
        if not loaded_values.issuperset(values):
            user_actions.load_options(
                self._state, self.account, surface, action_id, "", block_id
            )
