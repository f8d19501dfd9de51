"""Drive the playground's page as a user: read, click and type."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
)
VIEWPORT_SIZE = ViewportSize(width=1280, height=800)
# What the mouse presses; a script's own clicks do not count.
COUNT_PRESSES = """
window.pressCount = 0;
addEventListener("mousedown", (event) => { window.pressCount += event.isTrusted; }, true);
"""
# A busy machine is slow.
TIMEOUT_MILLISECONDS = 15_000
# The browser logs each rejected request, which the page reports itself.
EXPECTED_CONSOLE_ERROR = "Failed to load resource"


def find_chromium_program() -> str | None:
    """Return the path of the system's Chromium, if there is one."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@contextmanager
def run_chromium(program: str) -> Iterator[Browser]:
    """Run Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(CHROMIUM_FLAGS)
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_blank_page(browser: Browser, scale: float = 1) -> Iterator[Page]:
    """Open an empty page."""
    context = browser.new_context(
        viewport=VIEWPORT_SIZE,
        device_scale_factor=scale,
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.add_init_script(COUNT_PRESSES)
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def open_playground(page: Page, address: str) -> Iterator[PlaygroundPage]:
    """Open the page of a playground; fail at the end if it logged an error."""
    slack_page = PlaygroundPage(page, address)
    try:
        yield slack_page
        assert not slack_page.errors, slack_page.errors
    finally:
        slack_page.close()


class PlaygroundPage:
    """One page of a playground."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.errors: list[str] = []
        page.on("pageerror", self._record_page_error)
        page.on("console", self._record_console_error)

    @contextmanager
    def at_most(self, clicks: int, journey: str) -> Iterator[None]:
        """Count the clicks of a journey, print them, and hold them to a bound."""
        before = self._count_presses()
        yield
        made = self._count_presses() - before
        print(f"{journey}: {made} clicks")
        assert made <= clicks, f"{journey}: {made} clicks"

    def _count_presses(self) -> int:
        return int(self.page.evaluate("window.pressCount"))

    def close(self) -> None:
        """Leave the playground."""
        self.page.remove_listener("pageerror", self._record_page_error)
        self.page.remove_listener("console", self._record_console_error)
        self.page.emulate_media(color_scheme="null")
        self.page.goto("about:blank")

    def open_as(self, person: str, place: str) -> None:
        """Open the page as a user, in a channel or in the app's messages."""
        self.page.goto(f"{self.address}#U{person.upper()}/{place.removeprefix('#')}")
        self._expect_user(person)
        expect(self.log(place)).to_be_visible()

    def act_as(self, person: str, place: str = "Collab") -> None:
        """Choose the acting user in the sidebar, then go to a conversation."""
        self.user_choice(person).check()
        self._expect_user(person)
        self.go_to(place)

    def open_home(self, person: str) -> Locator:
        """Choose the acting user and open the app's Home tab."""
        self.act_as(person)
        self.page.get_by_role("tab", name="Home").click()
        home = self.page.get_by_role("tabpanel", name="Home")
        expect(home).to_be_visible()
        return home

    def go_to(self, place: str) -> None:
        """Press a channel's name, or the app's, in the sidebar."""
        self.conversation_button(place).click()
        expect(self.log(place)).to_be_visible()

    def user_choice(self, person: str) -> Locator:
        """Return the radio button of a user in the sidebar."""
        return self.page.get_by_role("radio", name=re.compile(rf"^{person}\b"))

    def conversation_button(self, place: str) -> Locator:
        """Return the button of a channel or of the app in the sidebar."""
        return self.page.get_by_role("navigation").get_by_role(
            "button", name=re.compile(rf"^{place}(,|$)")
        )

    def log(self, place: str) -> Locator:
        """Return the message log of a conversation."""
        return self.page.get_by_role("log", name=f"Messages in {place}", exact=True)

    def composer(self, place: str) -> Locator:
        """Return the message box of a conversation."""
        return self.page.get_by_role("textbox", name=f"Message {place}", exact=True)

    def send_line(self, line: str) -> None:
        """Send a line from the open message box."""
        box = self.page.get_by_role("textbox", name=re.compile("^Message "))
        box.fill(line)
        box.press("Enter")
        expect(box).to_have_value("")

    def run_command(self, line: str) -> Locator:
        """Type a command and return its ephemeral answer."""
        before = self.answers.count()
        self.send_line(line)
        expect(self.answers).to_have_count(before + 1)
        return self.pin_message(self.answers.last)

    def pin_message(self, message: Locator) -> Locator:
        """Return a locator of this very message, even if its content changes."""
        return self.messages.and_(
            self.page.locator(f'[data-ts="{message.get_attribute("data-ts")}"]')
        )

    @property
    def messages(self) -> Locator:
        """Return all visible messages."""
        return self.page.get_by_role("log").locator("article[data-ts]")

    @property
    def message_buttons(self) -> Locator:
        """Return all buttons of the visible messages."""
        return self.messages.get_by_role("button")

    @property
    def answers(self) -> Locator:
        """Return the ephemeral messages."""
        return self.page.get_by_role("log").locator("article[data-ephemeral]")

    def message(self, words: str | re.Pattern[str]) -> Locator:
        """Return the newest message with this text, pinned to that message."""
        found = self.messages.filter(has_text=words).last
        expect(found).to_be_visible()
        return self.pin_message(found)

    def open_thread(self, words: str | re.Pattern[str]) -> None:
        """Open the thread under the newest message with this text."""
        root = self.messages.filter(
            has_text=words, has_not=self.page.locator(".thread-mark")
        ).last
        foot = root.locator("xpath=following-sibling::*[1]").get_by_role(
            "button", name=re.compile(r"repl(y|ies)$")
        )
        foot.click()
        expect(foot).to_have_attribute("aria-expanded", "true")

    def button(self, label: str, within: Locator | None = None) -> Locator:
        """Return the button with this label, in a message or in the conversation."""
        return (
            (within or self.page.get_by_role("main"))
            .get_by_role("button")
            .filter(has_text=re.compile(f"^{label}$"))
        )

    def press(self, label: str, within: Locator) -> None:
        """Press a button of a message."""
        self.button(label, within).click()

    def choose_in_menu(self, label: str, within: Locator) -> None:
        """Choose in a message's overflow menu."""
        within.get_by_role("button", name="More actions").click()
        self.page.get_by_role("menuitem", name=label).click()

    def choose_in_row(self, choice: str, row: str, within: Locator) -> None:
        """Choose in the overflow menu of a row of Home or of a modal."""
        self.choose_in_menu(
            choice, within.locator(".block-section").filter(has_text=row).last
        )

    def open_page_of(self, name: str, home: Locator) -> None:
        """Open the page of a resource from its row at Home."""
        home.get_by_role("button", name=f"Open {name}", exact=True).click()
        expect(self.modal).to_contain_text(name)

    def act_on_page(self, label: str) -> None:
        """Press the button of a verb on the open page, or choose it in the menu."""
        button = self.button(label, self.modal)
        if button.count():
            button.click()
            return
        self.modal.get_by_role("combobox").click()
        self.page.get_by_role("option", name=re.compile(f"^{label}")).first.click()

    def field(self, name: str) -> Locator:
        """Return a select of the modal."""
        return self.modal.get_by_role(
            "combobox", name=re.compile(rf"^{name}( \(optional\))?$")
        )

    def pick_option(self, field: str, option: str, typed: str = "") -> None:
        """Choose in a select of the modal with the mouse, after typing a query."""
        self.field(field).click()
        self.field(field).press_sequentially(typed)
        self.page.get_by_role("option", name=re.compile(rf"^{option}")).first.click()

    def pick_option_by_keys(self, field: str, option: str, typed: str) -> None:
        """Type into a select of the modal and choose with the keyboard."""
        self.field(field).press_sequentially(typed)
        expect(self.page.get_by_role("option", name=option)).to_be_visible()
        self.field(field).press("Enter")
        expect(self.page.get_by_role("listbox")).to_be_hidden()

    @property
    def modal(self) -> Locator:
        """Return the open modal."""
        return self.page.get_by_role("dialog")

    def submit_modal(self, label: str) -> None:
        """Press a button of the modal and wait until the modal closes."""
        self.modal.get_by_role("button", name=label, exact=True).click()
        expect(self.modal).to_have_count(0)

    @property
    def clock(self) -> Locator:
        """Return the playground's clock."""
        return self.page.get_by_role("group", name="The playground's clock")

    def move_clock(self, label: str) -> None:
        """Press a button of the clock and wait until the clock has moved."""
        button = self.clock.get_by_role("button", name=label)
        with self.page.expect_response("**/ui/clock"):
            button.click()
        expect(button).not_to_have_attribute("aria-busy", "true")

    def _expect_user(self, person: str) -> None:
        expect(self.page).to_have_title(re.compile(rf"· {person} .*· Playground"))

    def _record_page_error(self, error: Error) -> None:
        self.errors.append(str(error))

    def _record_console_error(self, message: ConsoleMessage) -> None:
        if message.type == "error" and EXPECTED_CONSOLE_ERROR not in message.text:
            self.errors.append(message.text)
