"""A person for the tests: types, presses, chooses, fills in. The same road as the page's."""

from typing import Any

from bot.playground import modals, serializers, user_actions
from bot.playground.elements import search_control
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json, View
from bot.playground.workspace import SlackAccount as Account


class FakeUser:
    """Somebody at the keyboard."""

    def __init__(self, site: PlaygroundState, person_id: str) -> None:
        self._site = site
        self.id = person_id

    @property
    def account(self) -> Account:
        """The facts of the person, as they are now."""
        return self._site.workspace.accounts[self.id]

    @property
    def name(self) -> str:
        """The name that is typed after an @."""
        return self.account.name

    def type_text(self, text: str, channel: str = "general") -> Json | None:
        """Type a command or a message; for a command the ack's body. NoAnswer, BadAnswer, NotAllowed."""
        told: Json | None = user_actions.type_text(
            self._site, self.account, self._channel_id(channel), text
        )
        return told

    def list_messages(self, channel: str = "general") -> list[Json]:
        """What the person sees in a channel, oldest first."""
        seen = self._site.workspace.list_visible_messages(
            self._channel_id(channel), self.id
        )
        return [serializers.serialize_page_message(message) for message in seen]

    def list_direct_messages(self) -> list[Json]:
        """What stands in the person's direct message with the app, oldest first."""
        return self.list_messages(self._site.workspace.get_direct_channel(self.id).id)

    def download_file(self, file: Json) -> bytes:
        """The bytes of a file that stands in a message's "files"; KeyError where the person does not see it."""
        return self._site.workspace.get_visible_file(file["id"], self.id).content or b""

    def count_unread(self, channel: str) -> int:
        """How many messages the person has not seen."""
        return self._site.workspace.count_unread(self._channel_id(channel), self.id)

    def press_button(
        self, where: Json, action_id: str, value: str | None = None
    ) -> Any:
        """Press a button of a message, modal or Home tab; gives the ack's body. KeyError where there is none."""
        place = self._find_surface(where)
        block, element = search_control(place.blocks, action_id, value)
        pressed = element["action_id"]
        return user_actions.perform_action(
            self._site, self.account, place, pressed, value, block["block_id"]
        )

    def choose_option(self, where: Json, action_id: str, value: Any) -> Any:
        """Choose in a select, an overflow menu, a date picker, …; gives the ack's body."""
        place = self._find_surface(where)
        block, element = search_control(place.blocks, action_id)
        chosen = element["action_id"]
        if "external" in element["type"]:
            self._load_options(place, chosen, block["block_id"], value)
        return user_actions.perform_action(
            self._site, self.account, place, chosen, value, block["block_id"]
        )

    def search_options(
        self, where: Json, action_id: str, query: str = ""
    ) -> list[Json]:
        """Type into an external select; gives the options that the app offers."""
        place = self._find_surface(where)
        block, element = search_control(place.blocks, action_id)
        chosen = element["action_id"]
        told = user_actions.load_options(
            self._site, self.account, place, chosen, query, block["block_id"]
        )
        return [
            *told.get("options", []),
            *(o for group in told.get("option_groups", []) for o in group["options"]),
        ]

    @property
    def top_view(self) -> Json | None:
        """The topmost open modal."""
        stack = self._site.workspace.list_open_modals(self.id)
        return (
            serializers.serialize_view(self._site.workspace, stack[-1])
            if stack
            else None
        )

    @property
    def open_views(self) -> list[Json]:
        """The open modals, bottom to top."""
        return [
            serializers.serialize_view(self._site.workspace, view)
            for view in self._site.workspace.list_open_modals(self.id)
        ]

    def fill_view(self, values: dict[str, Any]) -> None:
        """Put values into the open modal by action id, or the part of it before a colon."""
        view = self._require_top_view()
        place = user_actions.Surface(view=view)
        for action_id, value in values.items():
            block, element = search_control(view.body["blocks"], action_id)
            chosen = element["action_id"]
            if "external" in element["type"] and value:
                self._load_options(place, chosen, block["block_id"], value)
            modals.fill_view(self._site, view, {block["block_id"]: {chosen: value}})

    def submit_view(self, values: dict[str, Any] | None = None) -> Any:
        """Fill the open modal and send it in; gives the ack's body, with "errors" where there are some."""
        self.fill_view(values or {})
        return user_actions.submit_view(
            self._site, self.account, self._require_top_view().id, {}
        )

    def close_view(self) -> None:
        """Close the topmost modal."""
        user_actions.close_view(self._site, self.account, self._require_top_view().id)

    def open_home(self) -> None:
        """Open the app's Home tab; over when the app acknowledged."""
        user_actions.open_home(self._site, self.account, wait=True)

    @property
    def home_view(self) -> Json | None:
        """The Home tab as the app published it."""
        return self._site.find_home_view(self.id)

    def use_shortcut(self, callback_id: str) -> Any:
        """Use a global shortcut; gives the ack's body."""
        return user_actions.use_shortcut(self._site, self.account, callback_id)

    def mark_read(self, channel: str) -> None:
        """Look at a channel."""
        self._site.workspace.mark_read(self._channel_id(channel), self.id)

    def _channel_id(self, which: str) -> str:
        return self._site.workspace.get_channel(which).id

    def _require_top_view(self) -> View:
        stack = self._site.workspace.list_open_modals(self.id)
        if not stack:
            raise KeyError(f"{self.name} has no open modal")
        return stack[-1]

    def _find_surface(self, where: Json) -> user_actions.Surface:
        container = (
            {"view_id": where["id"]}
            if where.get("type") in {"modal", "home"}
            else where
        )
        return user_actions.find_surface(self._site, self.account, container)

    def _load_options(
        self, place: user_actions.Surface, action_id: str, block_id: str, value: Any
    ) -> None:
        wanted = value if isinstance(value, list) else [value]
        key = (self.id, place.surface_id, action_id)
        known = {
            option["value"] for option in self._site.suggested_options.get(key, [])
        }
        if not known.issuperset(wanted):
            user_actions.load_options(
                self._site, self.account, place, action_id, "", block_id
            )
