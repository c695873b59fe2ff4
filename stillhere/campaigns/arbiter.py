"""The one arbiter. Candidates go in, one decision a candidate comes out; losers are rows like winners.

The order binds: consent, suppression, internal, talked to or open ticket, window, caps, priority, holdout. Holdout is
the last refusal: a held-out account keeps its place in caps and priority and lets nobody in. One contact a person and
one an account a night. Pure: the same frames give the same rows in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.holdouts import Holdouts
from stillhere.campaigns.keys import message_id, person_key
from stillhere.campaigns.refusals import REASONS, refusals
from stillhere.settings import Campaign
from stillhere.settings.company import CampaignLimits

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
}
"""`decisions`: one row a candidate, ordered by account, campaign and contact. `arm` is null where refused earlier."""

HISTORY_SCHEMA: dict[str, pl.DataType] = {
    "campaign": pl.String(),
    "account_id": pl.String(),
    "email": pl.String(),
    "occasion": pl.String(),
    "as_of": pl.Date(),
    "outcome": pl.String(),
}
"""Contacts of live nights: mails and calls handed over, and the places that held-out accounts kept."""

SUPPRESSIONS_SCHEMA: dict[str, pl.DataType] = {"email": pl.String(), "reason": pl.String()}

EVERYTHING = "*"

LOSER_WORDS = {
    "one_person": "another person of the account gets '{}' tonight",
    "same_person": "the same person gets '{}' tonight for another account",
    "lower_priority": "'{}' goes first tonight",
}


@dataclass(frozen=True)
class Facts:
    """What the operations database and the marts know about the candidates. `accounts` is the wide account row."""

    accounts: pl.DataFrame
    suppressions: pl.DataFrame
    history: pl.DataFrame
    assignments: pl.DataFrame
    paused: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Held:
    """A hold on a campaign, or on the whole night: a code and words."""

    code: str
    words: str


@dataclass(frozen=True)
class Rules:
    """The company's campaigns and limits. `holds`: campaign id, or `*` for the night, to why its send is held."""

    campaigns: Sequence[Campaign]
    limits: CampaignLimits
    languages: Sequence[str] = ("en",)
    revision: int = 1
    no_contacts: bool = False
    holds: Mapping[str, Held] = field(default_factory=dict)


def decide(candidates: pl.DataFrame, facts: Facts, rules: Rules, as_of: date) -> pl.DataFrame:
    """One decision a candidate (see DECISIONS_SCHEMA). Candidates of unknown or disabled campaigns are left out."""
    considered = with_facts(candidates, facts, rules, as_of)
    tests = refusals(rules.campaigns, rules.limits, as_of, rules.no_contacts)
    code, words = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.String)
    for test in reversed(tests):
        refused = test.holds.fill_null(value=False)
        code = pl.when(refused).then(pl.lit(test.code)).otherwise(code)
        words = pl.when(refused).then(test.words).otherwise(words)
    judged = considered.with_columns(reason_code=code, reason_words=words)
    decided = _choose(judged, facts, rules)
    return _as_decisions(decided, rules, as_of)


def with_facts(candidates: pl.DataFrame, facts: Facts, rules: Rules, as_of: date) -> pl.DataFrame:
    """Candidates with everything the tests read beside them, in the order in which places are given out."""
    campaigns = pl.DataFrame(
        [(one.id, one.what == "mail", one.marketing and one.to != "owner", one.priority) for one in _live(rules)],
        schema={"campaign": pl.String, "is_mail": pl.Boolean, "is_marketing": pl.Boolean, "priority": pl.Int32},
        orient="row",
    )
    # Our own people are no customers: what reaches an owner counts for the account only.
    to_owner = pl.col("campaign").is_in([one.id for one in rules.campaigns if one.to == "owner"])
    address = pl.when(to_owner).then(pl.lit(None, dtype=pl.String)).otherwise(pl.col("email"))
    rows = candidates.join(campaigns, on="campaign").with_columns(
        person=address.str.strip_chars().str.to_lowercase().fill_null(pl.format("account:{}", "account_id")),
        is_paused=pl.lit(EVERYTHING in facts.paused) | pl.col("campaign").is_in(sorted(facts.paused)),
    )
    rows = rows.join(_account_facts(facts.accounts), on="account_id", how="left")
    stops = facts.suppressions.select(person=pl.col("email").str.strip_chars().str.to_lowercase(), reason="reason")
    stops = stops.group_by("person").agg(suppressed_reason=pl.col("reason").sort().first().fill_null("stopped"))
    rows = rows.join(stops, on="person", how="left")
    rows = _with_history(rows, facts.history.filter(pl.col("as_of") < as_of), rules.limits, as_of)
    order = ["priority", "campaign", "value_minor", "account_id", "contact_rank", "contact_id", "email"]
    return rows.sort(order, descending=[name in ("priority", "value_minor") for name in order], nulls_last=True)


def _live(rules: Rules) -> list[Campaign]:
    return [campaign for campaign in rules.campaigns if campaign.enabled]


def _account_facts(accounts: pl.DataFrame) -> pl.DataFrame:
    return accounts.select(
        "account_id",
        is_internal=pl.col("is_internal").cast(pl.Boolean),
        tenure_days=pl.col("tenure_days").cast(pl.Int64),
        last_talked_date=pl.col("last_talked_date").cast(pl.Date),
        open_tickets=pl.col("open_tickets").cast(pl.Int64),
        value_minor=pl.col("value_minor").cast(pl.Int64).fill_null(0),
    )


def _with_history(rows: pl.DataFrame, history: pl.DataFrame, limits: CampaignLimits, as_of: date) -> pl.DataFrame:
    past = history.with_columns(
        person=pl.col("email").str.strip_chars().str.to_lowercase().fill_null(pl.format("account:{}", "account_id"))
    )
    occasion = ["campaign", "account_id", "occasion"]
    done = past.filter(pl.col("occasion").is_not_null()).group_by(occasion).agg(done_date=pl.col("as_of").max())
    rows = rows.join(done, on=occasion, how="left")
    for who, key in (("person", "person"), ("account", "account_id")):
        for cap in limits.caps:
            recent = past.filter(pl.col("as_of") > as_of - timedelta(days=cap.days))
            counted = recent.group_by(key).agg(pl.len().cast(pl.Int64).alias(f"{who}_contacts_{cap.days}"))
            rows = rows.join(counted, on=key, how="left")
    return rows


Refused = tuple[str, str]


@dataclass
class _Places:
    """Who has a place tonight: campaign by person and by account."""

    persons: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)

    def refuse(self, campaign: str, person: str, account: str) -> Refused | None:
        """The winner's campaign and the code with which a candidate loses to it, or None where a place is free."""
        if (winner := self.accounts.get(account)) is not None:
            return winner, "one_person" if winner == campaign else "lower_priority"
        if (winner := self.persons.get(person)) is not None:
            return winner, "same_person" if winner == campaign else "lower_priority"
        return None

    def give(self, campaign: str, person: str, account: str) -> None:
        self.persons[person] = campaign
        self.accounts[account] = campaign


def _choose(judged: pl.DataFrame, facts: Facts, rules: Rules) -> pl.DataFrame:
    """Gives out the places in order of priority, then draws the arm of each winner."""
    by_id = {campaign.id: campaign for campaign in rules.campaigns}
    holdouts = Holdouts.of(rules.limits.holdout_salt, rules.limits.universal_holdout_share, facts.assignments)
    places = _Places()
    ends: list[tuple[str | None, str, str, str]] = []
    columns = ("campaign", "account_id", "person", "reason_code", "reason_words")
    for campaign, account, person, code, words in judged.select(columns).iter_rows():
        if code is not None:
            ends.append((None, "lost", code, words))
        elif (refused := places.refuse(campaign, person, account)) is not None:
            winner, code = refused
            ends.append((None, "lost", code, LOSER_WORDS[code].format(by_id[winner].title)))
        else:
            places.give(campaign, person, account)
            arm = holdouts.arm(campaign, account, by_id[campaign].holdout_share)
            ends.append(_winner(by_id[campaign], arm, rules))
    names = ("arm", "outcome", "reason_code", "reason_words")
    series = [pl.Series(name, [end[at] for end in ends], dtype=pl.String) for at, name in enumerate(names)]
    return judged.with_columns(series)


def _winner(campaign: Campaign, arm: str, rules: Rules) -> tuple[str, str, str, str]:
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
