"""Cards: Block Kit from facts, as plain functions to dicts."""

from typing import Any

Block = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]
OptionsResponse = dict[str, Any]
