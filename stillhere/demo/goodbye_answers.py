"""The goodbye's question as the demo's customers meet it: which mails ask it; answers kept as the page keeps them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from sqlalchemy import Engine

from stillhere.demo.exit_reasons import Question
from stillhere.mails.signed_links import signed_token
from stillhere.mails.words import WordsError, languages_of, words_for
from stillhere.offboarding.goodbye import Given, Leaver, store_given
from stillhere.operations import writing
from stillhere.operations.exit_answers import has_answered
from stillhere.operations.stop_requests import recipient_of
from stillhere.settings import Settings

ASKS = "goodbye_url"
NO_KEYS = (b"demo",)
"""Sign nothing: they only give each reader an order of the reasons where the company has no page."""


def question_of(settings: Settings) -> Question:
    """The campaigns whose mails lead to the question, and the reasons of `goodbye.yml`."""
    asking = frozenset(one.id for one in settings.campaigns if one.what == "mail" and _asks(settings, one.id))
    return Question(asking, tuple(one.id for one in settings.goodbye.reasons))


def _asks(settings: Settings, campaign: str) -> bool:
    own = settings.company.language
    try:
        return any(
            ASKS in words_for(settings.folder, campaign, language, own).names
            for language in languages_of(settings.folder, campaign)
        )
    except WordsError:
        # Such a mail can't have been written: the night says so.
        return False


def tell_exit_answers(engine: Engine, settings: Settings, record: pl.DataFrame) -> None:
    """Keeps what was said to goodbyes; where there is an answer already, that one stays."""
    with writing(engine) as connection:
        for row in record.filter(pl.col("exit_answered_at").is_not_null()).to_dicts():
            who = recipient_of(connection, row["message_id"])
            if who is None or has_answered(connection, row["message_id"]):
                continue
            given = Given(row["exit_reason"], row["exit_comment"], row["may_quote"])
            leaver = Leaver(who, row["language"], _token(settings, row))
            store_given(connection, settings, leaver, given, row["exit_answered_at"])


def _token(settings: Settings, row: dict[str, Any]) -> str:
    """The token of the mail's link, on which the order of the reasons rests."""
    until = row["as_of"] + timedelta(days=settings.goodbye.answer_days)
    keys = settings.environment.web_keys or NO_KEYS
    return signed_token(keys, "goodbye", row["language"], row["message_id"], until.strftime("%Y%m%d"))
