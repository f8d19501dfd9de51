"""The steps to try, the same in README, terminal and page, and which are done."""

import re
from dataclasses import dataclass
from threading import Lock

from bot.playground.event_stream import EventStream
from bot.playground.workspace import Json

PAGE_ACCEPTED_SUMMARY = "somebody outside Slack accepted"
CLOCK_MOVED_SUMMARY = "the clock was moved to what is due next"


@dataclass(frozen=True)
class TutorialStep:
    """A step to try: its user, channel and Markdown.

    It is done when a delivery's summary matches `done_pattern`.
    """

    name: str
    user_name: str
    channel_name: str | None
    markdown: str
    done_pattern: re.Pattern[str]


TUTORIAL_STEPS = (
    TutorialStep(
        "invite",
        "ada",
        "acme",
        "As Ada, in #acme, type `/collab invite @carl admin acme`",
        re.compile(r": /collab invite "),
    ),
    TutorialStep(
        "accept",
        "carl",
        None,
        "Act as Carl, open the message from Collab and press **Accept**",
        re.compile(r": accept\b"),
    ),
    TutorialStep(
        "travel",
        "ada",
        "acme",
        "As Ada, type `/collab invite @devi admin acme`, then press **To the next reminder**. "
        "Devi gets a reminder in her own working hours",
        re.compile(CLOCK_MOVED_SUMMARY),
    ),
)
TUTORIAL_STEPS_WITH_HISTORY = (
    *TUTORIAL_STEPS[:2],
    TutorialStep(
        "why",
        "ada",
        "acme",
        "As Ada, find out why Carl can deploy now: type `/collab why @carl storefront deploy`",
        re.compile(r": /collab why "),
    ),
    *TUTORIAL_STEPS[2:],
    TutorialStep(
        "handover",
        "ada",
        "acme",
        "As Ada, hand a project over with everything in it: type "
        "`/collab handover website to @carl` and press **Send invitation**",
        re.compile(r": handover\b"),
    ),
    TutorialStep(
        "mail",
        "ada",
        "acme",
        "As Ada, invite Nina, who isn't in Slack: type "
        "`/collab invite nina@client.example admin acme`. Then open **Nina**'s mailbox, "
        "and accept there",
        re.compile(PAGE_ACCEPTED_SUMMARY),
    ),
)
TUTORIAL_STEPS_WITHOUT_COMPANY = (
    TutorialStep(
        "create",
        "ada",
        "acme",
        "As Ada, in #acme, type `/collab create company Acme`",
        re.compile(r": /collab create "),
    ),
    *TUTORIAL_STEPS,
)


class TutorialProgress:
    """The steps that were done since the playground started."""

    def __init__(self, stream: EventStream) -> None:
        self.steps: tuple[TutorialStep, ...] = TUTORIAL_STEPS
        self._stream = stream
        self._lock = Lock()
        self._done: set[str] = set()

    def mark_done(self, summary: str) -> None:
        """Mark the steps that `summary` matches as done, and publish them."""
        with self._lock:
            steps = [step for step in self.steps if step.done_pattern.search(summary)]
            newly_done = {step.name for step in steps} - self._done
            self._done |= newly_done
        if newly_done:
            self._stream.publish({"type": "tries", "tries": self.list_steps()})

    def list_steps(self) -> list[Json]:
        """Return the steps for the page."""
        with self._lock:
            return [
                {
                    "name": step.name,
                    "person": step.user_name,
                    "channel": step.channel_name,
                    "words": step.markdown,
                    "done": step.name in self._done,
                }
                for step in self.steps
            ]
