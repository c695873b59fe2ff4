"""The one arbiter. Candidates go in, one decision a candidate comes out; losers are rows like winners.

The order binds: consent, suppression, objection, erased, internal, too fresh, talked to or open ticket, do not disturb,
window, offer, budget, caps, priority, holdout. Holdout is the last refusal: a held-out account keeps its place in
budget, caps and priority and lets nobody in. One contact a person and one an account a night. Pure: the same frames
give the same rows in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from stillhere.campaigns.budget import Purse
from stillhere.campaigns.considered import with_facts
from stillhere.campaigns.facts import EVERYTHING, Facts, Rules
from stillhere.campaigns.holdouts import Holdouts, holdout_shares
from stillhere.campaigns.keys import message_id, person_key
from stillhere.campaigns.refusals import REASONS, caps, first_refusal, refusals
from stillhere.settings import Campaign

DECISIONS_SCHEMA: dict[str, pl.DataType] = {
    "as_of": pl.Date(),
    "revision": pl.Int32(),
    "account_id": pl.String(),
    "contact_id": pl.String(),
    "email": pl.String(),
    "campaign": pl.String(),
    "occasion": pl.String(),
    "arm": pl.String(),
    "outcome": pl.String(),
    "reason_code": pl.String(),
    "reason_words": pl.String(),
    "message_id": pl.String(),
    "language": pl.String(),
    "segment_id": pl.String(),
    "send_at": pl.Datetime("us", "UTC"),
    "send_until": pl.Datetime("us", "UTC"),
    "offer": pl.String(),
}
"""`decisions`: one row a candidate, ordered by account, campaign and contact. `arm` is null where refused earlier.

`send_at` to `send_until` is the stretch (UTC) in which it may reach the person; null where none is open.
"""

LOSER_WORDS = {
    "one_person": "another person of the account gets '{}' tonight",
    "same_person": "the same person gets '{}' tonight for another account",
    "lower_priority": "'{}' goes first tonight",
}


def decide(candidates: pl.DataFrame, facts: Facts, rules: Rules, as_of: date) -> pl.DataFrame:
    """One decision a candidate (see DECISIONS_SCHEMA). Candidates of unknown or disabled campaigns are left out."""
    considered = with_facts(candidates, facts, rules, as_of)
    before = first_refusal(refusals(rules, as_of), "reason_code", "reason_words")
    after = first_refusal(caps(rules.limits, as_of), "cap_code", "cap_words")
    judged = considered.with_columns(**before, **after)
    return _as_decisions(_choose(judged, facts, rules), rules, as_of)


Ending = tuple[str | None, str, str, str]
"""Arm, outcome, code and words of one decision."""


@dataclass
class _Places:
    """Who has a place tonight: campaign by person and by account."""

    titles: dict[str, str]
    persons: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    said: dict[tuple[str, str], Ending] = field(default_factory=dict)

    def refuse(self, campaign: str, person: str, account: str) -> Ending | None:
        """How a candidate loses to who has the place, or None where it is free."""
        winner = self.accounts.get(account)
        code = "one_person"
        if winner is None:
            winner, code = self.persons.get(person), "same_person"
            if winner is None:
                return None
        if winner != campaign:
            code = "lower_priority"
        if (code, winner) not in self.said:
            self.said[code, winner] = None, "lost", code, LOSER_WORDS[code].format(self.titles[winner])
        return self.said[code, winner]

    def give(self, campaign: str, person: str, account: str) -> None:
        self.persons[person] = campaign
        self.accounts[account] = campaign


def _choose(judged: pl.DataFrame, facts: Facts, rules: Rules) -> pl.DataFrame:
    """Gives out budget and places in order of priority, then draws the arm of each winner.

    What is refused before needs no place, so only the others are walked through, one by one: each place given changes
    what is left for all that follow.
    """
    standing = judged.filter(pl.col("reason_code").is_null())
    ends = _endings(standing, facts, rules)
    names = ("arm", "outcome", "reason_code", "reason_words")
    series = [pl.Series(name, [end[at] for end in ends], dtype=pl.String) for at, name in enumerate(names)]
    refused = judged.filter(pl.col("reason_code").is_not_null()).with_columns(
        arm=pl.lit(None, dtype=pl.String), outcome=pl.lit("lost")
    )
    return pl.concat([standing.with_columns(series), refused], how="diagonal")


def _endings(standing: pl.DataFrame, facts: Facts, rules: Rules) -> list[Ending]:
    by_id = {campaign.id: campaign for campaign in rules.live}
    holdouts = Holdouts.of(rules.limits.holdout_salt, rules.limits.universal_holdout_share, facts.assignments)
    purse = Purse.of(rules.live, rules.limits.budget, rules.offers)
    # An unmeasured campaign has no share: nobody is drawn.
    shares = holdout_shares(rules.live, facts.assignments)
    places = _Places({name: campaign.title for name, campaign in by_id.items()})
    won = {(name, arm): _winner(campaign, arm, rules) for name, campaign in by_id.items() for arm in ARMS}
    ends: list[Ending] = []
    columns = ("campaign", "account_id", "person", "cap_code", "cap_words")
    for campaign, account, person, cap_code, cap_words in standing.select(columns).iter_rows():
        if purse.has_limits and (short := purse.refuses(campaign)) is not None:
            ends.append((None, "lost", *short))
        elif cap_code is not None:
            ends.append((None, "lost", cap_code, cap_words))
        elif (lost := places.refuse(campaign, person, account)) is not None:
            ends.append(lost)
        else:
            places.give(campaign, person, account)
            if purse.has_limits:
                purse.spend(campaign)
            share = shares.get(campaign)
            ends.append(won[campaign, "treated" if share is None else holdouts.arm(campaign, account, share)])
    return ends


ARMS = ("treated", "holdout", "universal_holdout")


def _winner(campaign: Campaign, arm: str, rules: Rules) -> Ending:
    if arm != "treated":
        return arm, "holdout", arm, REASONS[arm]
    held = rules.holds.get(EVERYTHING) or rules.holds.get(campaign.id)
    if held is not None:
        return arm, "held", held.code, held.words
    return arm, "send" if campaign.what == "mail" else "call", "chosen", REASONS["chosen"]


def _as_decisions(decided: pl.DataFrame, rules: Rules, as_of: date) -> pl.DataFrame:
    keys = decided.select("campaign", "email", "account_id", "occasion").iter_rows()
    messages = [
        message_id(campaign, person_key(email, account), occasion) for campaign, email, account, occasion in keys
    ]
    rows = decided.with_columns(
        as_of=pl.lit(as_of),
        revision=pl.lit(rules.revision),
        message_id=pl.Series(messages, dtype=pl.String),
        language=_language(rules.languages),
    )
    rows = rows.select(list(DECISIONS_SCHEMA)).cast(pl.Schema(DECISIONS_SCHEMA))
    return rows.sort(["account_id", "campaign", "contact_id", "email"], nulls_last=True)


def _language(languages: Sequence[str]) -> pl.Expr:
    """The language of the contact's locale where the company writes it, else the company's own (the first)."""
    spoken = pl.col("locale").str.to_lowercase().str.extract(r"^([a-z]{2,3})", 1)
    return pl.when(spoken.is_in(list(languages))).then(spoken).otherwise(pl.lit(languages[0]))
