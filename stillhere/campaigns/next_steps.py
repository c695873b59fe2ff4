"""What comes next for one campaign and account, after what was decided tonight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stillhere.campaigns.story import long_day
from stillhere.campaigns.window import next_window, place_of, send_day
from stillhere.settings import Campaign, Company
from stillhere.settings.company import CampaignLimits

FIXED = {
    "paused": "goes on when the campaign is resumed: stillhere resume",
    "no_contact": "needs an active contact with an address in the source",
    "already_done": "one message belongs to an occasion; the next one needs a new occasion",
    "no_consent": "needs consent recorded in the source",
    "suppressed": "nothing: a stop is for good",
    "objected": "nothing: an objection stands until the person takes it back",
    "erased": "nothing: who was erased is turned to no more; take the address out of the source",
    "internal": "nothing: internal accounts are left out",
    "left_for_good": "nothing: the door stays open, and nobody knocks any more",
    "open_ticket": "looked at again once the tickets are closed",
    "do_not_disturb": "looked at again when that day is over; 'stillhere do-not-disturb' changes it",
    "offer_not_valid": "looked at again when the offer can be taken up: offers.yml",
    "offer_open": "looked at again once that offer has been taken up or has ended",
    "offer_recent": "looked at again when so many months have gone by",
    "budget_mails": "looked at again every night, in the same order",
    "budget_calls": "looked at again every night, in the same order",
    "budget_offers": "looked at again every night, in the same order",
    "budget_money": "looked at again every night, in the same order",
    "budget_hours": "looked at again every night, in the same order",
    "one_person": "nothing: one person of an account is enough",
    "same_person": "looked at again when the caps allow",
    "lower_priority": "looked at again when the caps allow, if its condition still holds",
    "no_candidate": "nothing until that changes",
}


SENT = {
    "accepted": "it has left; whether the account is still here is looked at {days} days after",
    "unknown": "nobody knows yet whether it has left: 'stillhere reconcile' asks the provider",
    "handing over": "it is being handed over",
    "refused": "the provider did not take it: 'stillhere send --send' tries again while the night is young enough",
    "dropped": "it did not leave: what has happened since the decision forbids it",
}
"""By what became of this night's mail; one that is reserved waits like any other."""


@dataclass(frozen=True, slots=True)
class _Case:
    decision: Mapping[str, Any]
    campaign: Campaign
    row: Mapping[str, Any]
    company: Company
    contacted: Sequence[date]
    as_of: date

    @property
    def limits(self) -> CampaignLimits:
        return self.company.campaigns


def next_step(
    decision: Mapping[str, Any],
    campaign: Campaign,
    row: Mapping[str, Any],
    company: Company,
    contacted: Sequence[date],
    as_of: date,
    became: str | None = None,
) -> str:
    """One sentence. `row` is the wide account row, `contacted` the days of earlier mails and calls to the account.

    `became` is what the ledger says of this night's mail of the campaign, once it is there.
    """
    if decision["outcome"] in ("send", "held") and became in SENT:
        return SENT[became].format(days=campaign.success_day)
    case = _Case(decision, campaign, row, company, contacted, as_of)
    if decision["outcome"] != "lost":
        return _after_winning(case)
    code = decision["reason_code"]
    return _DATED[code](case) if code in _DATED else FIXED.get(code, "looked at again every night")


def _after_winning(case: _Case) -> str:
    match case.decision["outcome"]:
        case "send":
            return "goes out with the night's send (--send); otherwise it stays a preview"
        case "call":
            return "is on the call list; 'stillhere calls import' brings back what came of it"
        case "held":
            return "waits for its hold: 'stillhere holds' shows it; a hold left alone never sends"
    return f"is left alone; whether it is still here is looked at {case.campaign.success_day} days after its day zero"


def _recently_talked(case: _Case) -> str:
    free = case.row["last_talked_date"] + timedelta(days=case.limits.recently_talked_days)
    return f"looked at again from the night of {long_day(free)}"


def _too_fresh(case: _Case) -> str:
    wait = case.limits.too_fresh_days - int(case.row["tenure_days"])
    return f"looked at again from the night of {long_day(case.as_of + timedelta(days=wait))}"


def _outside_window(case: _Case) -> str:
    place = place_of(case.row.get("timezone"), None, case.row.get("country"), case.company)
    found = next_window(case.campaign, case.company, place, case.as_of)
    if found is None or found.opens_at is None:
        return "nothing: the campaign has no open hour in the next weeks; look at its 'when'"
    return f"next open hour: {long_day(found.opens_at.astimezone(ZoneInfo(place.zone)).date())}"


def _not_running(case: _Case) -> str:
    begins = case.campaign.from_date
    if begins is None or begins <= send_day(case.as_of):
        return "nothing: the campaign is over"
    return f"looked at again from the night of {long_day(begins - timedelta(days=1))}"


def _cap(case: _Case) -> str:
    """The first night on which no cap over these contacts is reached."""
    for ahead in range(1, max((cap.days for cap in case.limits.caps), default=0) + 1):
        night = case.as_of + timedelta(days=ahead)
        since = [sum(day > night - timedelta(days=cap.days) for day in case.contacted) for cap in case.limits.caps]
        if all(count < cap.contacts for count, cap in zip(since, case.limits.caps, strict=True)):
            return f"looked at again from the night of {long_day(night)}"
    return "nothing: the caps allow no contact"


def _heard(case: _Case) -> str:
    return f"looked at again {case.campaign.again_after_days} days after the last time"


_DATED: dict[str, Callable[[_Case], str]] = {
    "not_running": _not_running,
    "cap_campaign": _heard,
    "recently_talked": _recently_talked,
    "too_fresh": _too_fresh,
    "outside_window": _outside_window,
    "cap_person": _cap,
    "cap_account": _cap,
}
