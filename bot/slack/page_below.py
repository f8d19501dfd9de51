"""Which page a modal was opened from, kept in the modal's metadata.

Slack sends the metadata back with everything that is done in the modal. So the page
below, a modal or an ephemeral message, is brought up to date once a form above it is
saved.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.button_values import BlockId, split_words
from bot.slack.identity import is_slack_id
from bot.slack.page_values import PageTrail
from bot.slack.payloads import Body
from bot.slack.views import View

PAGE_CALLBACK_ID = "page"
# The blocks of a page in a message; their keys begin with the id of its subject.
PAGE_ACTIONS_BLOCK, PERSON_ROLE_BLOCK = "page_acts", "person_role"
MAX_METADATA_LENGTH = 3000  # Slack's limit
_MARK = "\npage "  # no other metadata has a line break


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page that somebody sees, and its trail.

    `address` is the id of its view, or the response URL of its message.
    """

    address: str
    trail: PageTrail

    @property
    def is_message(self) -> bool:
        """Whether it is in a message."""
        return not is_slack_id(self.address)

    def is_below(self, view: Body) -> bool:
        """Return whether it appears when a modal closes."""
        return view.get("previous_view_id") == (
            None if self.is_message else self.address
        )

    def attach_to(self, view: View) -> View:
        """Return a modal that is to stand above the page."""
        own = view.get("private_metadata", "")
        metadata = f"{own}{_MARK}{self.address} {self.trail.encode()}"
        if len(metadata) > MAX_METADATA_LENGTH:
            return view
        return {**view, "private_metadata": metadata}


def read_metadata(view: Body) -> str:
    """Return the metadata that a modal was built with."""
    return str(view.get("private_metadata") or "").partition(_MARK)[0]


def find_page(view: Body) -> ShownPage | None:
    """Return the page that a modal is itself; None if it is something else."""
    if view.get("callback_id") != PAGE_CALLBACK_ID or not is_slack_id(view.get("id")):
        return None
    return ShownPage(str(view["id"]), PageTrail.decode(read_metadata(view)))


def find_page_below(view: Body) -> ShownPage | None:
    """Return the page from which a modal was opened; None if there is none."""
    _, mark, page = str(view.get("private_metadata") or "").partition(_MARK)
    address, _, trail = page.partition(" ")
    if not mark or not (is_slack_id(address) or _is_url(address)):
        return None
    return ShownPage(address, PageTrail.decode(trail))


def find_page_in_message(body: Body, response_url: str | None) -> ShownPage | None:
    """Return the page in an ephemeral message that a pressed control is on; None if it
    is on something else.
    """
    block = BlockId.decode(str(body["actions"][0].get("block_id", "")))
    subject_id, _ = split_words(block.key, 2)
    is_page = block.name in {PAGE_ACTIONS_BLOCK, PERSON_ROLE_BLOCK} and subject_id
    is_ephemeral = (body.get("container") or {}).get("is_ephemeral")
    if body.get("view") or not (is_page and is_ephemeral and response_url):
        return None
    return ShownPage(response_url, PageTrail((subject_id,)))


def _is_url(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def attach_page(page: ShownPage | None, view: View) -> View:
    """Return a modal that is to stand above a page, if there is one."""
    return page.attach_to(view) if page else view
