"""A person for the tests: types, presses, chooses, fills in. The same road as the page's."""

from typing import Any

from bot.playground import acts, faces, modals
from bot.playground.controls import seek
from bot.playground.site import Site
from bot.playground.world import Json, View
from bot.playground.world import Person as Account


class Person:
    """Somebody at the keyboard."""

    def __init__(self, site: Site, person_id: str) -> None:
        self._site = site
        self.id = person_id

    @property
    def account(self) -> Account:
        """The facts of the person, as they are now."""
        return self._site.world.people[self.id]

    @property
    def name(self) -> str:
        """The name that is typed after an @."""
        return self.account.name

    def types(self, text: str, channel: str = "general") -> Json | None:
        """Type a command or a message; for a command the ack's body. NoAnswer, BadAnswer, NotAllowed."""
        told: Json | None = acts.types(self._site, self.account, self._channel(channel), text)
        return told

    def messages(self, channel: str = "general") -> list[Json]:
        """What the person sees in a channel, oldest first."""
        seen = self._site.world.messages(self._channel(channel), self.id)
        return [faces.ui_message(message) for message in seen]

    def direct_messages(self) -> list[Json]:
        """What stands in the person's direct message with the app, oldest first."""
        return self.messages(self._site.world.im(self.id).id)

    def downloads(self, file: Json) -> bytes:
        """The bytes of a file that stands in a message's "files"; KeyError where the person does not see it."""
        return self._site.world.file(file["id"], self.id).content or b""

    def unread(self, channel: str) -> int:
        """How many messages the person has not seen."""
        return self._site.world.unread(self._channel(channel), self.id)

    def presses(self, where: Json, action_id: str, value: str | None = None) -> Any:
        """Press a button of a message, modal or Home tab; gives the ack's body. KeyError where there is none."""
        place = self._place(where)
        block, element = seek(place.blocks, action_id, value)
        pressed = element["action_id"]
        return acts.act(self._site, self.account, place, pressed, value, block["block_id"])

    def chooses(self, where: Json, action_id: str, value: Any) -> Any:
        """Choose in a select, an overflow menu, a date picker, …; gives the ack's body."""
        place = self._place(where)
        block, element = seek(place.blocks, action_id)
        chosen = element["action_id"]
        if "external" in element["type"]:
            self._look_up(place, chosen, block["block_id"], value)
        return acts.act(self._site, self.account, place, chosen, value, block["block_id"])

    def searches(self, where: Json, action_id: str, query: str = "") -> list[Json]:
        """Type into an external select; gives the options that the app offers."""
        place = self._place(where)
        block, element = seek(place.blocks, action_id)
        chosen = element["action_id"]
        told = acts.suggest(self._site, self.account, place, chosen, query, block["block_id"])
        return [*told.get("options", []), *(o for group in told.get("option_groups", []) for o in group["options"])]

    @property
    def view(self) -> Json | None:
        """The topmost open modal."""
        stack = self._site.world.stack(self.id)
        return faces.view(self._site.world, stack[-1]) if stack else None

    @property
    def views(self) -> list[Json]:
        """The open modals, bottom to top."""
        return [faces.view(self._site.world, view) for view in self._site.world.stack(self.id)]

    def fills(self, values: dict[str, Any]) -> None:
        """Put values into the open modal by action id, or the part of it before a colon."""
        view = self._top()
        place = acts.Surface(view=view)
        for action_id, value in values.items():
            block, element = seek(view.body["blocks"], action_id)
            chosen = element["action_id"]
            if "external" in element["type"] and value:
                self._look_up(place, chosen, block["block_id"], value)
            modals.fill(self._site, view, {block["block_id"]: {chosen: value}})

    def submits(self, values: dict[str, Any] | None = None) -> Any:
        """Fill the open modal and send it in; gives the ack's body, with "errors" where there are some."""
        self.fills(values or {})
        return acts.submit(self._site, self.account, self._top().id, {})

    def closes(self) -> None:
        """Close the topmost modal."""
        acts.close(self._site, self.account, self._top().id)

    def opens_home(self) -> None:
        """Open the app's Home tab; over when the app acknowledged."""
        acts.open_home(self._site, self.account, wait=True)

    @property
    def home(self) -> Json | None:
        """The Home tab as the app published it."""
        return self._site.home(self.id)

    def uses(self, callback_id: str) -> Any:
        """Use a global shortcut; gives the ack's body."""
        return acts.use_shortcut(self._site, self.account, callback_id)

    def reads(self, channel: str) -> None:
        """Look at a channel."""
        self._site.world.mark_read(self._channel(channel), self.id)

    def _channel(self, which: str) -> str:
        return self._site.world.channel(which).id

    def _top(self) -> View:
        stack = self._site.world.stack(self.id)
        if not stack:
            raise KeyError(f"{self.name} has no open modal")
        return stack[-1]

    def _place(self, where: Json) -> acts.Surface:
        container = {"view_id": where["id"]} if where.get("type") in {"modal", "home"} else where
        return acts.surface(self._site, self.account, container)

    def _look_up(self, place: acts.Surface, action_id: str, block_id: str, value: Any) -> None:
        wanted = value if isinstance(value, list) else [value]
        key = (self.id, place.key, action_id)
        known = {option["value"] for option in self._site.suggested.get(key, [])}
        if not known.issuperset(wanted):
            acts.suggest(self._site, self.account, place, action_id, "", block_id)
