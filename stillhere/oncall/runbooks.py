"""Which runbook page helps with what: situations that `status` finds, and rules that hold a send."""

from __future__ import annotations

from typing import Literal

Situation = Literal[
    "never_ran",
    "night_failed",
    "disk_full",
    "warehouse_locked",
    "killed_run",
    "stuck_run",
    "night_late",
    "night_held",
    "campaign_held",
    "source_late",
    "not_settled",
    "sender_silent",
    "complaints",
    "paused",
]

FOLDER = "docs/runbooks"

PAGES: dict[Situation, str] = {
    "never_ran": "night-late",
    "night_failed": "night-failed",
    "disk_full": "disk-full",
    "warehouse_locked": "warehouse-locked",
    "killed_run": "killed-run",
    "stuck_run": "killed-run",
    "night_late": "night-late",
    "night_held": "night-held",
    "campaign_held": "model-doubts",
    "source_late": "source-late",
    "not_settled": "messages-left",
    "sender_silent": "messages-left",
    "complaints": "complaints",
    "paused": "wrong-mail",
}

HELD_PAGE = "night-held"
RULE_PAGES = {
    "fresh": "source-late",
    "something_arrived": "source-late",
    "can_be_read": "source-late",
    "usual_volume": "source-late",
    "too_many": "too-many-messages",
    "not_approved": "approval-needed",
    "first_nights": "approval-needed",
    "model_inputs": "model-doubts",
    "model_scores": "model-doubts",
    "model_outcomes": "model-doubts",
}
"""Rules with a page of their own; every other rule that holds something is on the page of held nights."""

NOT_MARKETINGS = ("source-late", "model-doubts")
"""Pages of rules whose cause lies in data or model: on-call is told, also where only some campaigns are held."""

OTHER_PAGES = ("restore-from-backup", "re-run-a-date")
"""Pages for work that no status asks for."""


def page_of(situation: Situation) -> str:
    """The page for a situation, as a path in the checkout."""
    return f"{FOLDER}/{PAGES[situation]}.md"


def page_of_rule(rule: str) -> str:
    """The page for a rule that holds something."""
    return f"{FOLDER}/{RULE_PAGES.get(rule, HELD_PAGE)}.md"


def is_for_oncall(rule: str) -> bool:
    """Whether a campaign held by this rule is on-call's to look at, rather than marketing's alone."""
    return RULE_PAGES.get(rule) in NOT_MARKETINGS


def all_pages() -> set[str]:
    """Every page that some message names, or that stands for itself."""
    names = {*PAGES.values(), *RULE_PAGES.values(), HELD_PAGE, *OTHER_PAGES}
    return {f"{FOLDER}/{name}.md" for name in names}
