"""The first segments and campaigns of a new company: few, plain, lists and calls until mails are set up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stillhere.connectors.guess.proposal import Proposal


def segments_yaml(proposal: Proposal) -> str:
    """`segments.yml`: lists that work from events alone, and one by value where there are amounts."""
    blocks = [SLIPPING]
    valuable = _round(proposal.facts.valuable_major)
    if valuable:
        amount = f"{valuable:,} {proposal.currency}"
        blocks.append(VALUABLE.format(amount=amount, minor=valuable * 100))
    blocks.append(OVERDUE)
    blocks.append(SINGLE if proposal.kind == "shop" else STARTING)
    blocks.append(SILENT if proposal.kind == "shop" else LEFT)
    return HEAD + "\n".join(blocks)


def campaigns_yaml(proposal: Proposal) -> dict[str, str]:
    """Campaigns by id: calls only, for nobody may be written to before sender and words are set."""
    segment = "at_risk_high_value" if _round(proposal.facts.valuable_major) else "overdue_regulars"
    return {"first_call": CALL.format(segment=segment)}


def _round(value: float | None) -> int | None:
    """Two leading digits: a threshold people can say."""
    if not value or value < 1:
        return None
    step = 10 ** max(int(math.log10(value)) - 1, 0)
    return int(value // step * step)


HEAD = """# Lists for people, every morning in out/<date>/lists/. `all`: every line must hold.
# `stay_days` keeps a member that many days after the rule last held. Fields and comparisons: docs/for-marketers.md.
segments:
"""
SLIPPING = """\
  - id: slipping
    title: Slipping
    description: Customers among the riskiest tenth who do less, or wait longer, than is their habit.
    owner: marketing
    stay_days: 7
    all:
      stage: "in onboarding, active"
      is_flagged: "is true"
      signs: "has quiet, fading"
"""
VALUABLE = """\
  - id: at_risk_high_value
    title: At risk, high value
    description: Customers among the riskiest tenth who brought in {amount} or more in a year, as the best fifth do.
    owner: sales
    stay_days: 7
    all:
      stage: "in onboarding, active"
      is_flagged: "is true"
      value_minor: ">= {minor}"
"""
OVERDUE = """\
  - id: overdue_regulars
    title: Regulars, overdue
    description: Customers with ten active days or more in a year who are silent for twice their usual gap.
    owner: sales
    stay_days: 7
    all:
      stage: "in onboarding, active"
      active_days_365: ">= 10"
      silence_ratio: ">= 2"
"""
SINGLE = """\
  - id: one_order_only
    title: One order, then silence
    description: Customers who ordered on a single day, one to three months ago. The second order decides.
    owner: marketing
    stay_days: 3
    all:
      stage: "in onboarding, active"
      active_days_365: "<= 1"
      days_silent: "between 30 and 90"
"""
SILENT = """\
  - id: fallen_silent
    title: Fallen silent
    description: Customers silent for longer than the active period. Ask what changed before any offer.
    owner: marketing
    stay_days: 0
    all:
      stage: "= left"
"""
STARTING = """\
  - id: onboarding_stuck
    title: Stuck at the start
    description: New customers who have missed what tells the best customers from those who left early.
    owner: customer success
    # The milestone is the first habit of the report's "Best habits against worst". While none is sure, it is a second
    # active day by day 14.
    stay_days: 3
    all:
      stage: "in onboarding, active"
      missed_milestone: "is true"
      tenure_days: "<= 60"
"""
LEFT = """\
  - id: left_lately
    title: Left lately
    description: Customers whose contract ended within the last 180 days. Ask what changed before any offer.
    owner: marketing
    stay_days: 0
    all:
      stage: "= left"
      contract_ends_date: "in the last 180 days"
"""
CALL = """# A person calls: whom, and why, is on the call list of every night. For mails see docs/your-own-data.md.
title: Call before they leave
segment: {segment}
what: call
priority: 800
marketing: false
holdout_share: 0.2
when: {{days: [mon, tue, wed, thu, fri]}}
success_day: 60
say: Ask how their work has changed lately, before anything about us. No offer on the first call.
"""
