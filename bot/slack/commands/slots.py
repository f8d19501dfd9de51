"""The slots: what a verb takes, in the order that the parser reads them."""

from __future__ import annotations

from enum import StrEnum


class Slot(StrEnum):
    """One thing that a verb takes.

    The parser reads slots in this order, the clearest words first.
    """

    NOTE = "note"
    DURATION = "lasts"
    SINCE = "since"
    DAY = "day"
    ACTOR = "by"
    SUBJECT = "about"
    EVENT_NAMES = "only"
    RESOURCES_TO_KEEP = "keep"
    ROLE_TO_KEEP = "keeps"
    PERSON = "who"
    PEOPLE = "whom"
    RESOURCE_TYPE = "kind"
    OTHER_RESOURCE = "there"
    PLAN = "plan"
    NAME = "name"
    TEXT = "text"
    ROLE = "role"
    CAPABILITY = "capability"
    TEAM = "team"
    GROUPS = "groups"
    RHYTHM = "rhythm"
    HOUR = "hour"
    SENT = "sent"
    EXPORT = "export"
    ROTATED = "rotated"
    SETTING = "setting"
    VALUE = "value"
    PURPOSE = "purpose"
    LEAVING = "leaving"
    VERB = "verb"
    LINE = "line"
    RESOURCES = "whats"
    RESOURCE = "what"


RESOURCE_SLOTS = frozenset(
    {
        Slot.RESOURCE,
        Slot.RESOURCES,
        Slot.OTHER_RESOURCE,
        Slot.TEAM,
        Slot.RESOURCES_TO_KEEP,
    }
)
SAMPLE_VALUES = {
    Slot.PERSON: "@carl",
    Slot.PEOPLE: "@carl",
    Slot.RESOURCES: "acme",
    Slot.ROLE: "admin",
    Slot.RESOURCE: "acme",
    Slot.RESOURCE_TYPE: "company",
    Slot.NAME: "Acme",
    Slot.CAPABILITY: "change",
    Slot.DURATION: "for 30d",
    Slot.SINCE: "since 7d",
    Slot.DAY: "at 2026-03-03",
    Slot.ROLE_TO_KEEP: "keep member",
}
EXPORT_FORMATS = ("csv", "jsonl")
PURPOSES = ("billing", "ownership")
