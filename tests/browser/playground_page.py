"""The playground's page as a person uses it: what they see, click and type."""

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

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
)
SIZE = ViewportSize(width=1280, height=800)
PATIENCE = 15_000  # milliseconds for what is to appear; a busy machine takes its time
EXPECTED = "Failed to load resource"  # the browser's own line for a refusal, which the page tells in its own words


def find_chromium() -> str | None:
    """The program of the system's Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def blank(browser: Browser, scale: float = 1) -> Iterator[Page]:
    """An empty page."""
    context = browser.new_context(
        viewport=SIZE,
        device_scale_factor=scale,
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def opened(page: Page, address: str) -> Iterator[Window]:
    """The page on a playground, in which nothing may go wrong unseen; empty again at the end."""
    window = Window(page, address)
    try:
        yield window
        assert not window.complaints, window.complaints
    finally:
        window.leaves()


class Window:
    """One page of the playground, and the hands of whoever sits before it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("pageerror", self._failed)
        page.on("console", self._heard)

    def leaves(self) -> None:
        """Go from the playground, to which nothing is told any more."""
        self.page.remove_listener("pageerror", self._failed)
        self.page.remove_listener("console", self._heard)
        self.page.emulate_media(color_scheme="null")
        self.page.goto("about:blank")

    def enter(self, person: str, place: str) -> None:
        """Open the page as somebody, in a channel or in the app's messages."""
        self.page.goto(f"{self.address}#U{person.upper()}/{place.removeprefix('#')}")
        self._is(person)
        expect(self.log(place)).to_be_visible()

    def act_as(self, person: str, place: str = "Collab") -> None:
        """Become somebody by the choice on the left, then go to a place."""
        self.who(person).check()
        self._is(person)
        self.go(place)

    def home_of(self, person: str) -> Locator:
        """Become somebody and go to the app's Home tab."""
        self.act_as(person)
        self.page.get_by_role("tab", name="Home").click()
        home = self.page.get_by_role("tabpanel", name="Home")
        expect(home).to_be_visible()
        return home

    def go(self, place: str) -> None:
        """Press a channel's name, or the app's, on the left."""
        self.place(place).click()
        expect(self.log(place)).to_be_visible()

    def who(self, person: str) -> Locator:
        """Somebody in the choice on the left."""
        return self.page.get_by_role("radio", name=re.compile(rf"^{person}\b"))

    def place(self, place: str) -> Locator:
        """A channel or the app on the left."""
        return self.page.get_by_role("navigation").get_by_role(
            "button", name=re.compile(rf"^{place}(,|$)")
        )

    def log(self, place: str) -> Locator:
        """The messages of a place."""
        return self.page.get_by_role("log", name=f"Messages in {place}", exact=True)

    def composer(self, place: str) -> Locator:
        """The message box of a place."""
        return self.page.get_by_role("textbox", name=f"Message {place}", exact=True)

    def says(self, line: str) -> None:
        """Put a line into the message box that is open, and send."""
        box = self.page.get_by_role("textbox", name=re.compile("^Message "))
        box.fill(line)
        box.press("Enter")
        expect(box).to_have_value("")

    def asks(self, line: str) -> Locator:
        """Type a command and see its answer, which nobody else sees."""
        before = self.answers.count()
        self.says(line)
        expect(self.answers).to_have_count(before + 1)
        return self.pinned(self.answers.last)

    def pinned(self, message: Locator) -> Locator:
        """That very message, whatever becomes of it."""
        return self.messages.and_(
            self.page.locator(f'[data-ts="{message.get_attribute("data-ts")}"]')
        )

    @property
    def messages(self) -> Locator:
        """Every message in sight."""
        return self.page.get_by_role("log").locator("article[data-ts]")

    @property
    def live_buttons(self) -> Locator:
        """Every button of every message in sight."""
        return self.messages.get_by_role("button")

    @property
    def answers(self) -> Locator:
        """The messages that only this person sees."""
        return self.page.get_by_role("log").locator("article[data-ephemeral]")

    def message(self, words: str | re.Pattern[str]) -> Locator:
        """The newest message with these words, once it is there; it stays the same one when its words change."""
        found = self.messages.filter(has_text=words).last
        expect(found).to_be_visible()
        return self.pinned(found)

    def replies_to(self, words: str | re.Pattern[str]) -> None:
        """Open the thread under the newest message with these words."""
        root = self.messages.filter(
            has_text=words, has_not=self.page.locator(".thread-mark")
        ).last
        foot = root.locator("xpath=following-sibling::*[1]").get_by_role(
            "button", name=re.compile(r"repl(y|ies)$")
        )
        foot.click()
        expect(foot).to_have_attribute("aria-expanded", "true")

    def button(self, label: str, within: Locator | None = None) -> Locator:
        """The button with that label on it, in a message or anywhere in the conversation."""
        return (
            (within or self.page.get_by_role("main"))
            .get_by_role("button")
            .filter(has_text=re.compile(f"^{label}$"))
        )

    def press(self, label: str, within: Locator) -> None:
        """Press a button of a message."""
        self.button(label, within).click()

    def choose(self, label: str, within: Locator) -> None:
        """Choose in a message's small menu."""
        within.get_by_role("button", name="More actions").click()
        self.page.get_by_role("menuitem", name=label).click()

    def chooses(self, choice: str, row: str, within: Locator) -> None:
        """Choose in the small menu of a row of Home or of a modal."""
        self.choose(choice, within.locator(".block-section").filter(has_text=row).last)

    def field(self, name: str) -> Locator:
        """A field of the modal in which one chooses."""
        return self.modal.get_by_role(
            "combobox", name=re.compile(rf"^{name}( \(optional\))?$")
        )

    def picks(self, field: str, option: str, typed: str = "") -> None:
        """Choose in a field of the modal with the mouse; where it asks for its choices, by typing."""
        self.field(field).click()
        self.field(field).press_sequentially(typed)
        self.page.get_by_role("option", name=re.compile(rf"^{option}")).first.click()

    def picks_by_keys(self, field: str, option: str, typed: str) -> None:
        """Type into a field of the modal, and choose with the keys."""
        self.field(field).press_sequentially(typed)
        expect(self.page.get_by_role("option", name=option)).to_be_visible()
        self.field(field).press("Enter")
        expect(self.page.get_by_role("listbox")).to_be_hidden()

    @property
    def modal(self) -> Locator:
        """The modal that is open."""
        return self.page.get_by_role("dialog")

    def sends(self, label: str) -> None:
        """Send the modal in and see it close."""
        self.modal.get_by_role("button", name=label, exact=True).click()
        expect(self.modal).to_have_count(0)

    @property
    def clock(self) -> Locator:
        """The clock above the page."""
        return self.page.get_by_role("group", name="The playground's clock")

    def travels(self, label: str) -> None:
        """Press a button of the clock and wait until that time has come."""
        button = self.clock.get_by_role("button", name=label)
        with self.page.expect_response("**/ui/clock"):
            button.click()
        expect(button).not_to_have_attribute("aria-busy", "true")

    def _is(self, person: str) -> None:
        expect(self.page).to_have_title(re.compile(rf"· {person} .*· Playground"))

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and EXPECTED not in message.text:
            self.complaints.append(message.text)
