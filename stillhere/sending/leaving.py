"""Which of a night's decisions leave, and which its holds keep back. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stillhere.operations.holds import Hold, open_holds

NO_RELEASE = "held when the night was decided, and no release of it is known"
LEAVES = ("send", "held")


@dataclass(frozen=True)
class Leaving:
    """`decisions` are those a live hand-over makes real, calls and held-out accounts included.

    `messages` are the rows of the outbox that go with them, whatever columns were given.

    `held` counts messages kept back by the words of their hold. With `whole_send_held` nothing leaves at all.
    """

    decisions: pl.DataFrame
    messages: pl.DataFrame
    held: dict[str, int]
    whole_send_held: bool


def what_leaves(decisions: pl.DataFrame, outbox: pl.DataFrame, holds: Sequence[Hold]) -> Leaving:
    """Applies the holds of a night to its decisions and messages; of these it reads the ids.

    A held campaign keeps back both arms, so that day zero is the same for both. What was decided as held leaves only
    when the holds that stood over it are known and released.
    """
    standing, released = open_holds(holds), [hold for hold in holds if hold.released_at is not None]
    reasons = _reasons(decisions, standing, released)
    kept = reasons.filter(pl.col("why").is_not_null())
    leaving = decisions.join(kept, on=["campaign", "account_id", "message_id"], how="anti").filter(
        pl.col("outcome") != "lost"
    )
    mails = leaving.filter(pl.col("outcome").is_in(LEAVES)).select("message_id")
    waiting = outbox.join(kept, on="message_id").get_column("why").to_list()
    whole = any(hold.scope == "night" for hold in standing)
    return Leaving(
        decisions=leaving.clear() if whole else leaving,
        messages=(outbox.clear() if whole else outbox.join(mails, on="message_id", how="semi")).sort("message_id"),
        held=dict(sorted(Counter(waiting).items())),
        whole_send_held=whole,
    )


def _reasons(decisions: pl.DataFrame, standing: Sequence[Hold], released: Sequence[Hold]) -> pl.DataFrame:
    """One row a decision that may leave, with the words of the hold that keeps it, or null."""
    night = next((hold.words for hold in standing if hold.scope == "night"), None)
    campaigns = {hold.subject: hold.words for hold in standing if hold.scope == "campaign"}
    messages = {hold.subject: hold.words for hold in standing if hold.scope == "message"}
    freed = {hold.subject for hold in released if hold.scope == "campaign"}
    all_freed = any(hold.scope == "night" for hold in released)
    rows = decisions.filter(pl.col("outcome") != "lost").select("campaign", "account_id", "message_id", "outcome")
    held_and_unexplained = (
        pl.lit(value=not all_freed) & (pl.col("outcome") == "held") & ~pl.col("campaign").is_in(sorted(freed))
    )
    return rows.with_columns(
        why=pl.coalesce(
            pl.lit(night, dtype=pl.String),
            _words_for("campaign", campaigns),
            # A held message keeps no held-out account: the arm alone decides there.
            pl.when(pl.col("outcome") != "holdout").then(_words_for("message_id", messages)),
            pl.when(held_and_unexplained).then(pl.lit(NO_RELEASE)),
        )
    ).drop("outcome")


def _words_for(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(words, default=None, return_dtype=pl.String)
