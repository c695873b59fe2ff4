"""What a night may spend: mails, calls, offers and their money, people's hours; company and campaign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from stillhere.settings import Campaign, Offers
from stillhere.settings.when import Budget

SECONDS_AN_HOUR = 3600
"""Hours are counted in whole seconds, so that many small calls add up to what they are."""

Cost = tuple[tuple[str, int], ...]
Refused = tuple[str, str]


def cost_of(campaign: Campaign, offers: Offers) -> Cost:
    """What one contact of a campaign spends, by the budget's name: counts, minor units, seconds."""
    offer = offers.get(campaign.offer)
    calls = campaign.what == "call"
    spent = {
        "mails": 0 if calls else 1,
        "calls": 1 if calls else 0,
        "offers": 1 if offer else 0,
        "money": offer.value_minor if offer else 0,
        "hours": campaign.call_minutes * 60 if calls else 0,
    }
    return tuple((name, amount) for name, amount in spent.items() if amount)


def _limits(budget: Budget) -> dict[str, int]:
    """The limits that are set, in the units of a cost."""
    given = {
        "mails": budget.mails,
        "calls": budget.calls,
        "offers": budget.offers,
        "money": budget.offers_minor,
        "hours": None if budget.call_hours is None else round(budget.call_hours * SECONDS_AN_HOUR),
    }
    return {name: limit for name, limit in given.items() if limit is not None}


@dataclass
class Purse:
    """What is left of a night's budgets. Empty where nothing is limited."""

    company: dict[str, int] = field(default_factory=dict)
    campaigns: dict[str, dict[str, int]] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
    has_limits: bool = False

    @classmethod
    def of(cls, campaigns: Iterable[Campaign], company: Budget, offers: Offers) -> Purse:
        """A full purse for one night."""
        own = {one.id: _limits(one.budget) for one in campaigns}
        costs = {one.id: cost_of(one, offers) for one in campaigns}
        whole = _limits(company)
        return cls(whole, own, costs, bool(whole) or any(own.values()))

    def refuses(self, campaign: str) -> Refused | None:
        """The code and words of the first budget that one more contact would exceed."""
        for name, amount in self.costs[campaign]:
            for of, left in (("company", self.company), ("campaign", self.campaigns[campaign])):
                if name in left and left[name] < amount:
                    return f"budget_{name}", BUDGET_WORDS[name].format(of=of)
        return None

    def spend(self, campaign: str) -> None:
        """Takes what one contact spends."""
        for name, amount in self.costs[campaign]:
            for left in (self.company, self.campaigns[campaign]):
                if name in left:
                    left[name] -= amount


BUDGET_WORDS = {
    "mails": "the {of}'s mails of the night are spent",
    "calls": "the {of}'s calls of the night are spent",
    "offers": "the {of}'s offers of the night are spent",
    "money": "the {of}'s money for offers of the night does not reach for one more",
    "hours": "people's hours for calls that the {of} has a day are spent",
}
