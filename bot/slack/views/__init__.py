"""Build Block Kit views from domain objects: plain functions that return dicts."""

from typing import Any

Block = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]
OptionsResponse = dict[str, Any]
