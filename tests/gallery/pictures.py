"""Pictures of what the users saw, and the templates whose texts are in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import templates
from bot.markup import to_plain_text
from bot.playground import serializers
from bot.playground.state import PlaygroundState
from bot.rendering import Audience, RenderedText, Renderer
from bot.slack.views import blocks

Json = dict[str, Any]

# Words that other templates borrow and the short labels, which are no messages of their own, and what
# is around every mail and page.
SHARED = frozenset({"shared", "labels.j2"})
LAYOUTS = frozenset({"mail/layout", "web/base", "web/layout", "web/sections"})

# Where no mail is set up, what only a forged request meets, and installing by OAuth.
NOT_IN_PLAYGROUND = frozenset(
    {
        "refusals/no_mail",
        "refusals/sign_in_needed",
        "refusals/unknown_person",
        "replies/scope_offer",
        "web/install",
        "web/install_failed",
        "web/installed",
    }
)

_MARKS = str.maketrans("", "", "*`")
_CHANGING = re.compile(r"<[^>]*>|\*[^*]*\*|`[^`]*`|“[^”]*”|\d+|\S+@\S+")


@dataclass(frozen=True, slots=True)
class Picture:
    """A message, modal, Home, mail or page as somebody saw it.

    `wrong` has the errors of a modal.
    """

    scene: str
    person: str
    sort: str
    place: str
    key: str
    face: Json
    templates: tuple[str, ...]
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the text for notifications; of a view, its title and texts."""
        if self.sort in {"message", "mail", "page"}:
            return str(self.face["text"])
        title = (self.face.get("title") or {}).get("text", "")
        shown = [
            block["text"]["text"]
            for block in self.face["blocks"]
            if isinstance(block.get("text"), dict)
        ]
        return "\n".join([*([title] if title else []), *self.wrong.values(), *shown])

    @property
    def shape(self) -> tuple[Any, ...]:
        """Return a key that is the same if only names, numbers and dates differ."""
        looks = _CHANGING.sub("…", self.text)
        return (
            self.templates,
            self.sort,
            looks,
            tuple(sorted(control["type"] for control in controls(self.face))),
        )


class PictureCollection:
    """The pictures of all scenes, one of each shape; `on_picture` is called for each."""

    def __init__(
        self,
        on_picture: Callable[
            [PlaygroundState, Picture], object
        ] = lambda _site, _picture: None,
    ) -> None:
        self.pictures: list[Picture] = []
        self.rendered_templates: set[str] = set()
        self.all_pictures: list[Picture] = []
        self._on_picture = on_picture
        self._shapes: set[tuple[Any, ...]] = set()
        self._seen: dict[tuple[str, str], str] = {}
        self._templates_by_line: dict[str, set[str]] = {}

    @contextmanager
    def recording_templates(self) -> Iterator[None]:
        """Record every use of a template."""
        render = Renderer.render

        def recorded(
            renderer: Renderer, name: str, audience: Audience = "person", **facts: Any
        ) -> RenderedText:
            rendered = render(renderer, name, audience, **facts)
            self._store_template(name, rendered)
            return rendered

        replacement: Any = recorded
        Renderer.render = replacement  # type: ignore[method-assign]
        try:
            yield
        finally:
            Renderer.render = render  # type: ignore[method-assign]

    def start_workspace(self) -> None:
        """Start a new workspace."""
        self._templates_by_line.clear()
        self._seen.clear()

    def add_new(self, site: PlaygroundState, scene: str) -> None:
        """Add what is new or changed since the last look."""
        for person, sort, place, key, standing, face in list(_list_visible(site)):
            if self._seen.get((place, key)) != standing:
                self._seen[place, key] = standing
                seen = face()
                self.add(
                    site,
                    Picture(
                        scene, person, sort, place, key, seen, self.templates_in(seen)
                    ),
                )

    def add(self, site: PlaygroundState, picture: Picture) -> None:
        """Add a picture, unless there is one of its shape."""
        if not picture.templates:
            return
        self.all_pictures.append(picture)
        if picture.shape not in self._shapes:
            self._shapes.add(picture.shape)
            self.pictures.append(picture)
            self._on_picture(site, picture)

    def templates_in(self, face: Any) -> tuple[str, ...]:
        """Return the templates whose texts are in a message or view."""
        names = {
            name
            for line in set(_lines(face))
            for name in self._templates_by_line.get(line, ())
        }
        return tuple(sorted(names))

    def _store_template(self, name: str, rendered: RenderedText) -> None:
        """Store a template's first paragraph, whole and as cut for a menu."""
        first = rendered.paragraphs[0] if rendered.paragraphs else ""
        for line in {
            _plain(first),
            _plain(blocks.truncate(first, blocks.MAX_LABEL)),
            _plain(to_plain_text(first)),
        } - {""}:
            self._templates_by_line.setdefault(line, set()).add(name)
        self.rendered_templates.add(name)

    @property
    def shown_templates(self) -> set[str]:
        """Return the templates that the pictures show."""
        return {name for picture in self.all_pictures for name in picture.templates}


def template_names() -> set[str]:
    """Return all templates that are a message, or a part with texts of its own."""
    folder = Path(templates.__file__).parent
    paths = (path.relative_to(folder) for path in folder.rglob("*.j2"))
    names = {str(path.with_suffix("")) for path in paths if path.parts[0] not in SHARED}
    return names - LAYOUTS - NOT_IN_PLAYGROUND


def controls(face: Any) -> Iterator[Json]:
    """Yield the interactive elements of a message or view."""
    if isinstance(face, dict):
        if "action_id" in face and face.get("type") not in {None, "input"}:
            yield face
        for value in face.values():
            yield from controls(value)
    elif isinstance(face, list):
        for each in face:
            yield from controls(each)


def _list_visible(
    site: PlaygroundState,
) -> Iterator[tuple[str, str, str, str, str, Callable[[], Json]]]:
    """Yield the app's messages and open modals: user, place, version and content."""
    world = site.workspace
    people = [person.id for person in world.list_humans()]
    seen: set[tuple[str, str]] = set()
    for person in people:
        for channel in world.list_channels_of(person):
            for message in world.list_visible_messages(channel.id, person):
                if (
                    message.user_id == world.bot_user_id
                    and (channel.id, message.ts) not in seen
                ):
                    seen.add((channel.id, message.ts))
                    face = partial(serializers.serialize_page_message, message)
                    yield (
                        person,
                        "message",
                        channel.id,
                        message.ts,
                        message.edited or "",
                        face,
                    )
        for view in world.list_open_modals(person):
            yield (
                person,
                "modal",
                "",
                view.id,
                view.hash,
                partial(serializers.serialize_view, world, view),
            )


def _lines(face: Any) -> Iterator[str]:
    """Yield the texts of a message or view, whole and by lines."""
    if isinstance(face, dict):
        parts: Iterable[Any] = face.values()
    elif isinstance(face, Sequence) and not isinstance(face, str):
        parts = face
    else:
        parts = ()
        if isinstance(face, str):
            yield _plain(face)
            yield from (_plain(line.removeprefix("• ")) for line in face.splitlines())
    for part in parts:
        yield from _lines(part)


def _plain(text: str) -> str:
    return text.removeprefix("-# ").removeprefix("> ").translate(_MARKS).strip()
