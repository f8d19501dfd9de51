"""The app's configuration in Slack, read from manifest.yml."""

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
    """A declared slash command."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A declared global or message shortcut."""

    name: str
    callback_id: str
    description: str = ""
    type: str = "global"


@dataclass(frozen=True)
class Manifest:
    """The part of the manifest that the playground needs."""

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
        """Return whether people have a message box in the app's direct message."""
        return self.messages_enabled and not self.messages_read_only

    def find_command(self, name: str) -> SlashCommand | None:
        """Return the declared command of this name, slash included."""
        return next((c for c in self.commands if c.command == name), None)

    def find_shortcut(self, callback_id: str) -> Shortcut | None:
        """Return the declared shortcut with this callback id."""
        return next((s for s in self.shortcuts if s.callback_id == callback_id), None)


def load_manifest(path: Path | None = None) -> Manifest:
    """Return the manifest at `path`, by default the one that ships with the app.

    FileNotFoundError if there is none.
    """
    manifest_path = path or next(
        (candidate for candidate in MANIFEST_PATHS if candidate.is_file()), None
    )
    if manifest_path is None:
        raise FileNotFoundError(
            f"no manifest.yml at {' or '.join(map(str, MANIFEST_PATHS))}"
        )
    return parse_manifest(yaml.safe_load(manifest_path.read_text(encoding="utf-8")))


def parse_manifest(data: dict[str, Any]) -> Manifest:
    """Return the manifest from its decoded YAML."""
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


def _build_from_fields(record_type: type[T], data: dict[str, Any]) -> T:
    field_names = record_type.__dataclass_fields__  # type: ignore[attr-defined]
    return record_type(
        **{name: value for name, value in data.items() if name in field_names}
    )
