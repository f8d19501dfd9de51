"""Take each picture, light and dark: what is in Slack's page alone, mails and pages whole."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize

from bot.playground.state import PlaygroundState
from tests.browser.playground_page import TIMEOUT_MILLISECONDS
from tests.gallery.pictures import Picture

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# As high as the longest message, so that nothing has to be scrolled into sight.
SIZE = ViewportSize(width=1120, height=3600)
SCALE = 1.25
# The page hides ephemeral messages from before it was opened; a picture needs those too.
SHOW_EPHEMERAL = """async () => {
  const page = await import('/page/state.js');
  page.state.openedAt = 0;
  await page.reload();
}"""
# Of mails and pages: a window of a mail program, and the smallest telephone.
WIDTHS = (600, 320)
TEXT_PART = (
    '<meta name="color-scheme" content="light dark">'
    '<pre style="white-space:pre-wrap;overflow-wrap:anywhere">{}</pre>'
)
HIDE_DIALOGS = "dialog.modal, .toasts, [popover] { display: none !important } .home { padding: 16px }"
FULL_HEIGHT = "dialog.modal, .modal-form, .modal-body { max-height: none !important }"
INITIAL_FIELDS = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
}


class Camera:
    """Take pictures in the pages of one playground after the other, into a folder."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._page: Page | None = None
        self._address = ""
        self.files: dict[int, Picture] = {}

    def take_picture(self, site: PlaygroundState, picture: Picture) -> None:
        """Take a picture; its file name is its number."""
        number = len(self.files)
        self.files[number] = picture
        page = self._get_page(site)
        if picture.sort in {"mail", "page"}:
            self._take_outside(page.context.new_page(), picture, number)
            return
        if picture.wrong:
            page = self._open_filled_in(page.context.new_page(), picture)
        self._show_conversation(page, site, picture)
        shown = self._find_surface(page, picture)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            style = FULL_HEIGHT if picture.sort == "modal" else HIDE_DIALOGS
            target = self._folder / scheme / f"{number:03}.png"
            shown.screenshot(
                path=target, style=style, animations="disabled", caret="hide"
            )
        if picture.wrong:
            page.unroute_all(behavior="ignoreErrors")
            page.close()

    def _take_outside(self, page: Page, picture: Picture, number: int) -> None:
        """Take pictures of a mail or a page in each width, and of a mail's text."""
        shown: list[tuple[str, int]] = [("html", width) for width in WIDTHS]
        if picture.sort == "mail":
            shown.append(("text", WIDTHS[0]))
        names = list_file_names(number, picture)
        for name, (part, width) in zip(names, shown, strict=True):
            page.set_viewport_size({"width": width, "height": 400})
            if picture.sort == "page":
                _show_page(page, picture)
            elif part == "html":
                page.set_content(picture.face["html"])
            else:
                page.set_content(TEXT_PART.format(escape(picture.face["text"])))
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                target = self._folder / scheme / name
                page.screenshot(path=target, full_page=True, animations="disabled")
        page.close()

    def close(self) -> None:
        """Close the page of a playground that is about to stop."""
        if self._page:
            self._page.context.close()
            self._page = None

    def _get_page(self, site: PlaygroundState) -> Page:
        """Return a page of this playground."""
        if self._page is None or self._address != site.base_url:
            self.close()
            context = self._browser.new_context(
                viewport=SIZE,
                device_scale_factor=SCALE,
                reduced_motion="reduce",
                locale="en-GB",
            )
            context.set_default_timeout(TIMEOUT_MILLISECONDS)
            self._page, self._address = context.new_page(), site.base_url
        return self._page

    def _show_conversation(
        self, page: Page, site: PlaygroundState, picture: Picture
    ) -> None:
        """Show the conversation of the picture, as its user sees it now."""
        conversation = {
            "home": "home",
            "modal": site.workspace.get_direct_channel(picture.person).id,
        }.get(picture.sort, picture.place)
        page.goto(f"{site.base_url}#{picture.person}/{conversation}")
        name = site.workspace.accounts[picture.person].real_name
        page.wait_for_function(
            "name => document.title.includes(`· ${name} ·`)", arg=name
        )
        page.evaluate(SHOW_EPHEMERAL)

    def _find_surface(self, page: Page, picture: Picture) -> Locator:
        if picture.sort == "home":
            return page.locator(".home")
        if picture.sort == "message":
            return self._message(page, picture.key)
        dialog = page.get_by_role("dialog")
        if picture.wrong:
            self._show_errors(page, dialog, picture)
        return dialog

    def _message(self, page: Page, key: str) -> Locator:
        """Return the message; unfold the threads if it is in one of them."""
        message = page.locator(f'article[data-ts="{key}"]')
        if message.count() == 0:
            folded = page.locator(".thread-button[aria-expanded=false]")
            while folded.count():
                folded.first.click()
        return message

    def _show_errors(self, page: Page, dialog: Locator, picture: Picture) -> None:
        """Submit the modal and show the picture's errors under its fields."""

        def answer(route: Route) -> None:
            route.fulfill(
                content_type="application/json",
                body=json.dumps({"errors": dict(picture.wrong)}),
            )

        page.route("**/ui/submit", answer)
        dialog.locator(".submit").click()
        dialog.get_by_text(
            re.compile(re.escape(next(iter(picture.wrong.values()))[:40]))
        ).first.wait_for()

    def _open_filled_in(self, page: Page, picture: Picture) -> Page:
        """Let a new page show the modal's fields with the submitted values."""

        def answer(route: Route) -> None:
            response = route.fetch()
            body = response.json()
            for view in body["views"]:
                for block in view["blocks"]:
                    _set_initial_values(
                        block,
                        picture.face["state"]["values"].get(block["block_id"], {}),
                    )
            route.fulfill(response=response, json=body)

        page.route("**/ui/state?*", answer)
        return page


def list_file_names(number: int, picture: Picture) -> list[str]:
    """Return the names of the files of a picture."""
    parts = {"mail": ("", "-small", "-text"), "page": ("", "-small")}
    return [f"{number:03}{part}.png" for part in parts.get(picture.sort, ("",))]


def _show_page(page: Page, picture: Picture) -> None:
    """Show a page as it was answered, with the style sheet of the application."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=picture.face["html"])

    page.route(picture.key, answer)
    page.goto(picture.key)
    page.unroute_all(behavior="ignoreErrors")


def _set_initial_values(
    block: dict[str, Any], values: dict[str, dict[str, Any]]
) -> None:
    element = block.get("element") or {}
    for name, value in values.get(element.get("action_id", ""), {}).items():
        if name in INITIAL_FIELDS and value:
            element[INITIAL_FIELDS[name]] = value
