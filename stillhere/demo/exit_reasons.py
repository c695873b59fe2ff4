"""Why those who leave say that they leave: what some answer to the goodbye's one question, by the planted cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from stillhere.demo.accounts import Texts
from stillhere.settings.goodbye import SOMETHING_ELSE

ANSWERS_SHARE = 0.5
"""Of those who leave and open the mail."""
WRITES_SHARE = 0.3
"""Of those who choose a reason; with "something else" everybody writes."""
MAY_QUOTE_SHARE = 0.4
"""Of those who write."""

SAID: dict[str, dict[str, float]] = {
    "fading_use": {"little_use": 0.5, "no_need": 0.2, "hard_to_use": 0.1, "missing": 0.1, SOMETHING_ELSE: 0.1},
    "champion_left": {"no_need": 0.3, "other_product": 0.25, "little_use": 0.2, SOMETHING_ELSE: 0.25},
    "price": {"price": 0.65, "other_product": 0.15, "missing": 0.1, SOMETHING_ELSE: 0.1},
    "payment_failure": {"price": 0.4, "no_need": 0.25, SOMETHING_ELSE: 0.35},
    "failed_onboarding": {"hard_to_use": 0.5, "support": 0.2, "missing": 0.15, "little_use": 0.15},
    "contacted": {SOMETHING_ELSE: 0.6, "other_product": 0.2, "no_need": 0.2},
}
"""What people say is near the cause, and not the same. A reason that the company does not offer is something else."""

WROTE: dict[str, dict[str, str]] = {
    "fading_use": {
        "en": "We set it up with good intentions and then went back to our spreadsheets.",
        "de": "Wir haben es mit guten Vorsätzen eingerichtet und sind dann bei unseren Tabellen geblieben.",
    },
    "champion_left": {
        "en": "The colleague who ran it here has moved on, and nobody took it over.",
        "de": "Die Kollegin, die es hier betreut hat, ist gegangen, und niemand hat es übernommen.",
    },
    "price": {
        "en": "After the last price rise it no longer fits our budget.",
        "de": "Nach der letzten Preiserhöhung passt es nicht mehr in unser Budget.",
    },
    "payment_failure": {
        "en": "Our card had expired, and we had other worries by then.",
        "de": "Unsere Karte war abgelaufen, und wir hatten da schon andere Sorgen.",
    },
    "failed_onboarding": {
        "en": "We never got the import to work, so the team never started.",
        "de": "Der Import hat nie geklappt, deshalb hat das Team nie angefangen.",
    },
    "contacted": {
        "en": "Your mail reminded me that we still pay for this.",
        "de": "Ihre Mail hat mich daran erinnert, dass wir das noch bezahlen.",
    },
}


@dataclass(frozen=True, slots=True)
class Question:
    """Which campaigns' mails ask why, and the reasons the company offers, by id."""

    campaigns: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()


def with_exit_answers(
    rng: np.random.Generator, answers: pl.DataFrame, causes: Texts, languages: Texts, question: Question
) -> pl.DataFrame:
    """Adds what was said to each opened mail that asked why; `causes` are empty where nobody leaves.

    One row a delivery, in the order given; null where nothing was said.
    """
    drawn = rng.random((answers.height, 5))
    said = [
        _answer(row, cause, language, question, draws)
        for row, cause, language, draws in zip(
            answers.to_dicts(), causes.tolist(), languages.tolist(), drawn.tolist(), strict=True
        )
    ]
    return answers.with_columns(
        pl.Series("exit_answered_at", [one.get("at") for one in said], dtype=pl.Datetime("us", "UTC")),
        pl.Series("exit_reason", [one.get("reason") for one in said], dtype=pl.String),
        pl.Series("exit_comment", [one.get("comment") for one in said], dtype=pl.String),
        pl.Series("may_quote", [one.get("may_quote") for one in said], dtype=pl.Boolean),
        pl.Series("language", [one.get("language") for one in said], dtype=pl.String),
    )


def _answer(row: dict[str, Any], cause: str, language: str, question: Question, draws: list[float]) -> dict[str, Any]:
    answers, which, writes, quotes, minutes = draws
    is_asked = row["kind"] == "mail" and row["campaign"] in question.campaigns and row["opened_at"] is not None
    if not is_asked or cause not in SAID or answers >= ANSWERS_SHARE:
        return {}
    reason = _chosen(SAID[cause], which)
    reason = reason if reason in question.reasons else SOMETHING_ELSE
    does_write = reason == SOMETHING_ELSE or writes < WRITES_SHARE
    return {
        "at": row["opened_at"] + timedelta(minutes=2 + int(minutes * 60)),
        "reason": reason,
        "comment": WROTE[cause][language] if does_write else "",
        "may_quote": does_write and quotes < MAY_QUOTE_SHARE,
        "language": language,
    }


def _chosen(shares: dict[str, float], drawn: float) -> str:
    """The reason whose stretch of [0, 1) holds the number."""
    ends = np.cumsum(list(shares.values()))
    return list(shares)[min(int(np.searchsorted(ends, drawn, side="right")), len(shares) - 1)]
