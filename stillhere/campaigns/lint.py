"""What `stillhere campaigns check` finds: mistakes, doubts, and what each campaign will reach and show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from stillhere.campaigns.audience import base_of
from stillhere.campaigns.impossible import impossible_conditions
from stillhere.campaigns.measurable import Measurable
from stillhere.campaigns.offer_check import Billing, offer_doubts, offer_mistakes, read_billing
from stillhere.campaigns.published import PublishedNight
from stillhere.campaigns.reach import Reach, reach_of
from stillhere.mails.content import Layout
from stillhere.mails.values import LINK_NAMES, message_values
from stillhere.mails.words import Words, languages_of, words_for
from stillhere.settings import Campaign, Company, Mistake, Settings

WAYS_OUT = {"stop_url": "a way to unsubscribe", "postal_address": "the postal address"}
OF_A_PERSON = frozenset({"first_name"})
"""Values that no published mart has, for they are personal: a night's own check sees them."""


@dataclass(frozen=True)
class CampaignCheck:
    """One campaign on the newest published night. `doubts` are words; numbers are null where there is no night yet."""

    campaign: str
    title: str
    on_list: int | None
    reachable: int | None
    pace_words: str
    per_month: float | None
    measurable: Measurable | None
    """Null where the campaign leaves nobody alone to measure, and before the first night."""
    doubts: tuple[str, ...]
    fallbacks: dict[str, int]
    """Language without words to how many of its people get the company's own instead, tonight."""


@dataclass(frozen=True)
class Checked:
    """All that was found. With any mistake a company should not be switched on."""

    night: date | None
    mistakes: tuple[Mistake, ...]
    campaigns: tuple[CampaignCheck, ...]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        told = asdict(self)
        told["night"] = self.night.isoformat() if self.night else None
        for one in told["campaigns"]:
            if one["measurable"] and one["measurable"]["enough_on"]:
                one["measurable"]["enough_on"] = one["measurable"]["enough_on"].isoformat()
        return told

    @property
    def held_out(self) -> tuple[int, int]:
        """How many of how many accounts all campaigns together leave alone in three months."""
        found = [one.measurable for one in self.campaigns if one.measurable]
        return sum(one.held_out for one in found), sum(one.drawn for one in found)


def check_campaigns(settings: Settings, night: PublishedNight | None, today: date) -> Checked:
    """Looks at every campaign that is switched on; `night` is the newest published one, None before the first."""
    enabled = [one for one in settings.campaigns if one.enabled]
    shown = settings.folder.name
    mistakes = list(impossible_conditions(settings.segments.segments, f"{shown}/segments.yml"))
    mistakes += _ways_out(settings, enabled)
    billing = read_billing(settings)
    mistakes += [mistake for one in enabled for mistake in offer_mistakes(settings, one, today, billing)]
    if night is None:
        bare = [CampaignCheck(one.id, one.title, None, None, "no night yet", None, None, (), {}) for one in enabled]
        return Checked(None, tuple(mistakes), tuple(bare))
    base = base_of(night)
    found = []
    for campaign in enabled:
        reach = reach_of(settings, campaign, base, night, today)
        audience = reach.audience
        if audience.is_everybody:
            file = f"{shown}/campaigns/{campaign.id}.yml"
            words = f"the list '{campaign.segment}' is everybody: all {audience.base} accounts of {night.as_of}"
            mistakes.append(Mistake(file, "segment", words, "narrow its rule in segments.yml"))
        found.append(_one(settings, campaign, reach, night, today, billing))
    return Checked(night.as_of, tuple(mistakes), tuple(found))


def _one(
    settings: Settings,
    campaign: Campaign,
    reach: Reach,
    night: PublishedNight,
    today: date,
    billing: Billing,
) -> CampaignCheck:
    doubts = [f"nobody is on its list on {night.as_of}"] if reach.audience.is_nobody else []
    doubts += offer_doubts(settings.offers.get(campaign.offer), today, billing)
    doubts += _missing_values(settings, campaign, reach.people.to_dicts()) if campaign.what == "mail" else []
    return CampaignCheck(
        campaign=campaign.id,
        title=campaign.title,
        on_list=reach.audience.rows.height,
        reachable=reach.people.height,
        pace_words=reach.pace.words,
        per_month=reach.per_month,
        measurable=reach.measurable,
        doubts=tuple(doubts),
        fallbacks=fallbacks(settings, campaign, night),
    )


def fallbacks(settings: Settings, campaign: Campaign, night: PublishedNight) -> dict[str, int]:
    """Language without words of its own to how many people of the night's decisions get the company's language."""
    if campaign.what != "mail":
        return {}
    decided = night.mart("decisions").filter(campaign=campaign.id)
    written = languages_of(settings.folder, campaign.id)
    counted = decided.filter(decided["email"].is_not_null()).group_by("language").len().sort("language")
    return {language: count for language, count in counted.iter_rows() if language not in written}


def _missing_values(settings: Settings, campaign: Campaign, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Values that the words need and that accounts on the list lack: each such message would be held."""
    own = settings.company.language
    words: Words = words_for(settings.folder, campaign.id, own, own)
    person = {"first_name": "somebody"}
    lacking: dict[str, int] = {}
    for row in rows:
        values = message_values(row, person, settings.company, own, goodbye=settings.goodbye)
        for name in words.names - OF_A_PERSON - LINK_NAMES - set(values):
            lacking[name] = lacking.get(name, 0) + 1
    for name, count in sorted(lacking.items()):
        yield f"{count} of {len(rows)} have no value for '{name}': their message would be held; give it a default"


def _ways_out(settings: Settings, campaigns: Sequence[Campaign]) -> Iterator[Mistake]:
    """What every mail must show: how to stop, and where the sender lives; in company.yml and in the layout."""
    if all(one.what != "mail" for one in campaigns):
        return
    place = f"{settings.folder.name}/company.yml"
    if not _has_way_to_stop(settings.company):
        action = "set sender.web_url, sender.unsubscribe_url or sender.unsubscribe_email"
        yield Mistake(place, "sender", "no way to unsubscribe", action)
    if not settings.company.sender.postal_address:
        yield Mistake(place, "sender.postal_address", "not set", "the law wants it in every mail")
    source = Layout.of(settings.folder).source
    for name, what in WAYS_OUT.items():
        if name not in source:
            action = f"put {{{{ {name} }}}} into its footer"
            yield Mistake(f"{settings.folder.name}/templates/layout.mjml", name, f"does not show {what}", action)


def _has_way_to_stop(company: Company) -> bool:
    sender = company.sender
    return bool(sender.web_url or sender.unsubscribe_url or sender.unsubscribe_email)
