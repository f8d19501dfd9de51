"""The app as Slack sees it, read from manifest.yml."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

PACKAGE_DIR = Path(__file__).parent
# A wheel carries the manifest beside this module; a checkout keeps it at its root.
MANIFEST_PATHS = (
    PACKAGE_DIR / "manifest.yml",
    PACKAGE_DIR.parent.parent / "manifest.yml",
)


@dataclass(frozen=True)
class SlashCommand:
    """A slash command as declared."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A global or message shortcut as declared."""

    name: str
    callback_id: str
    description: str = ""
    type: str = "global"


@dataclass(frozen=True)
class Manifest:
    """What the playground needs to know of the app."""

    name: str = "Collab"
    description: str = ""
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    scopes: frozenset[str] = field(default_factory=frozenset)
    events: frozenset[str] = field(default_factory=frozenset)
    home_enabled: bool = False
    messages_enabled: bool = True
    messages_read_only: bool = False

    @property
    def accepts_messages(self) -> bool:
        """Whether people have a message box in the app's own conversation."""
        return self.messages_enabled and not self.messages_read_only

    def find_command(self, name: str) -> SlashCommand | None:
        """The declared command of this name, slash included."""
        return next((c for c in self.commands if c.command == name), None)

    def find_shortcut(self, callback_id: str) -> Shortcut | None:
        """The declared shortcut with this callback id."""
        return next((s for s in self.shortcuts if s.callback_id == callback_id), None)


def load_manifest(path: Path | None = None) -> Manifest:
    """The manifest at `path`, else the one that ships with the app; FileNotFoundError where there is none."""
    found = path or next((place for place in MANIFEST_PATHS if place.is_file()), None)
    if found is None:
        raise FileNotFoundError(
            f"no manifest.yml at {' or '.join(map(str, MANIFEST_PATHS))}"
        )
    return parse_manifest(yaml.safe_load(found.read_text(encoding="utf-8")))


def parse_manifest(data: dict[str, Any]) -> Manifest:
    """A manifest from its decoded form."""
    features = data.get("features") or {}
    scopes = (data.get("oauth_config") or {}).get("scopes") or {}
    subscribed = ((data.get("settings") or {}).get("event_subscriptions") or {}).get(
        "bot_events"
    ) or []
    home = features.get("app_home") or {}
    shown = data.get("display_information") or {}
    return Manifest(
        name=(features.get("bot_user") or {}).get("display_name")
        or shown.get("name", "App"),
        description=shown.get("description", ""),
        commands=tuple(
            _build_from_fields(SlashCommand, c)
            for c in features.get("slash_commands") or []
        ),
        shortcuts=tuple(
            _build_from_fields(Shortcut, s) for s in features.get("shortcuts") or []
        ),
        scopes=frozenset(
            [*(scopes.get("bot") or []), *(scopes.get("bot_optional") or [])]
        ),
        events=frozenset(subscribed),
        home_enabled=bool(home.get("home_tab_enabled")),
        messages_enabled=bool(home.get("messages_tab_enabled", True)),
        messages_read_only=bool(home.get("messages_tab_read_only_enabled")),
    )


def _build_from_fields(shape: type[T], data: dict[str, Any]) -> T:
    known = shape.__dataclass_fields__  # type: ignore[attr-defined]
    return shape(**{name: value for name, value in data.items() if name in known})
