"""At most one primary button in a message or view."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.views import Block


def keep_first_primary(shown: Sequence[Block]) -> list[Block]:
    """Return blocks in which only the first primary button keeps its colour."""
    shown_blocks: list[Block] = []
    has_primary = False
    for block in shown:
        is_primary = _has_primary_button(block)
        shown_blocks.append(
            _without_primary(block) if is_primary and has_primary else block
        )
        has_primary = has_primary or is_primary
    return shown_blocks


def _has_primary_button(block: Block) -> bool:
    controls = [block.get("accessory", {}), *block.get("elements", ())]
    return any(control.get("style") == "primary" for control in controls)


def _without_primary(block: Block) -> Block:
    """Return a block whose primary buttons look like others."""
    plain = dict(block)
    if "accessory" in block:
        plain["accessory"] = _without_style(block["accessory"])
    if "elements" in block:
        plain["elements"] = [_without_style(each) for each in block["elements"]]
    return plain


def _without_style(control: Block) -> Block:
    if control.get("style") != "primary":
        return control
    return {name: value for name, value in control.items() if name != "style"}
