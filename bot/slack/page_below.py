"""Which page a modal was opened from, kept in the modal's metadata.

Slack sends the metadata back with everything that is done in the modal. So the page
below is brought up to date once a form above it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.identity import is_slack_id
from bot.slack.page_values import PageTrail
from bot.slack.payloads import Body
from bot.slack.views import View

PAGE_CALLBACK_ID = "page"
MAX_METADATA_LENGTH = 3000  # Slack's limit
_MARK = "\npage "  # no other metadata has a line break


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page in an open modal: the id of its view, and its trail."""

    view_id: str
    trail: PageTrail

    def attach_to(self, view: View) -> View:
        """Return a modal that is to stand above the page."""
        own = view.get("private_metadata", "")
        metadata = f"{own}{_MARK}{self.view_id} {self.trail.encode()}"
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
    view_id, _, trail = page.partition(" ")
    if not mark or not is_slack_id(view_id):
        return None
    return ShownPage(view_id, PageTrail.decode(trail))


def attach_page(page: ShownPage | None, view: View) -> View:
    """Return a modal that is to stand above a page, if there is one."""
    return page.attach_to(view) if page else view
