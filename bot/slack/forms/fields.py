"""The fields of a form: a row for each, whatever the form is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.slack.button_values import BlockId
from bot.slack.commands.slots import Slot
from collab.limits import NOTE_LIMIT

MAX_BLOCK_ID = 255

# Labels, values and, with some, descriptions.
Options = Sequence[tuple[str, ...]]


class Control(Enum):
    """What a field is filled in with."""

    TEXT = auto()
    LONG_TEXT = auto()
    SELECT = auto()
    MULTI_SELECT = auto()
    RADIO_BUTTONS = auto()
    CHECKBOXES = auto()
    PERSON = auto()
    PEOPLE = auto()
    CHANNEL = auto()
    DATE = auto()
    # Their options are loaded while the user types.
    RESOURCE = auto()
    RESOURCES = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, its control, and what the control shows at first.

    `initial` is the present value, several separated by commas, as in what is read from
    a submitted form. The options of a resource are only the chosen ones. Keys are of
    labels.j2; the placeholder is a text, the label if empty. `limit` is the most
    characters of a text, or the most resources. `depends_on` tells the blocks of one
    field apart: Slack keeps what was entered in a block whose id stays the same.
    `updates_form`: other fields depend on this one.
    """

    name: str
    control: Control
    label_key: str = ""
    initial: str = ""
    options: Options = ()
    hint_key: str = ""
    hint_values: Mapping[str, str] = field(default_factory=dict)
    placeholder: str = ""
    limit: int = 0
    is_optional: bool = False
    depends_on: str = ""
    action_id: str = ""
    updates_form: bool = False

    @property
    def block_id(self) -> str:
        """Return the id of the field's block, by which its value is read."""
        return BlockId(self.name, self.depends_on).encode()[:MAX_BLOCK_ID]

    @property
    def initial_values(self) -> list[str]:
        """Return the initial values of a field for several."""
        return [value for value in self.initial.split(",") if value]


def note_field(label_key: str, hint_key: str) -> Field:
    """Return the optional field for a note or a reason."""
    return Field(
        Slot.NOTE,
        Control.LONG_TEXT,
        label_key,
        hint_key=hint_key,
        limit=NOTE_LIMIT,
        is_optional=True,
    )


class FieldInvalid(Exception):
    """A field is empty where a value is required, or has one that cannot be read.

    `label_key` names the words.
    """

    def __init__(self, field: str, label_key: str) -> None:
        super().__init__(field)
        self.field = field
        self.label_key = label_key


def read_fields(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values that are not empty by field, in place of by block id."""
    return {
        BlockId.decode(block_id).name: value
        for block_id, value in values.items()
        if value
    }
