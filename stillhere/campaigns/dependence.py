"""Which campaigns rest on which figures: those whose segment's rule, or whose words, read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from stillhere.mails.words import words_for
from stillhere.settings import Segment, Settings
from stillhere.settings.campaigns import Campaign

MODEL_FIELDS = frozenset(
    {
        *("churn_probability", "risk_rank", "is_flagged", "signs"),
        *("value_at_stake_minor", "outreach_value_minor", "value_rank"),
    }
)
"""Fields of a rule that come from the model; a sign needs the model as well as the raw values."""

FREE_OF_USE = frozenset(
    {
        *("account_id", "account_name", "stage", "plan", "country", "channel", "timezone", "owner_email", "currency"),
        *("contract_ends_date", "decides_on", "days_to_renewal", "is_annual", "tenure_days", "seats", "value_minor"),
        *("days_since_left", "has_objected"),
        *("contact_count", "contacts_added_91", "contacts_removed_91", "mailable_contact_count"),
        *("mrr_change_91_share", "price_rise_share_180", "discount_share", "downgrades_182"),
        *("failed_payments_28", "failed_payments_91", "late_payments_182", "refunds_91_minor", "open_invoices_overdue"),
    }
)
"""Fields of a rule that a contract's company has from contracts, invoices and its list of accounts alone."""

WORDS_FREE_OF_USE = frozenset(
    {
        *("first_name", "account_name", "plan", "failed_payments_91", "mrr", "contract_ends_date"),
        *("company_name", "sender_name", "reply_to", "data_kept_days", "goodbye_url"),
    }
)
"""Values of a message that no use of the product changes."""

USE_VENDORS = ("demo_usage",)
"""Vendors whose staging of our own reads events of use only."""


def campaigns_reading(settings: Settings, fields: Collection[str]) -> tuple[str, ...]:
    """Ids of the enabled campaigns whose segment's rule names one of the fields."""
    return tuple(one.id for one in settings.campaigns if one.enabled and _rule_fields(settings, one) & set(fields))


def campaigns_resting_on_use(settings: Settings) -> tuple[str, ...]:
    """Ids of the enabled campaigns whose rule or words read anything that what people do in the product may change.

    What is not known to be free of it counts as resting on it.
    """
    return tuple(
        one.id
        for one in settings.campaigns
        if one.enabled and (_rule_fields(settings, one) - FREE_OF_USE or _claims(settings, one) - WORDS_FREE_OF_USE)
    )


def profiling_campaigns(settings: Settings) -> frozenset[str]:
    """Ids of the enabled campaigns that rest on what people do: an objection to profiling ends those."""
    return frozenset(campaigns_resting_on_use(settings))


def profiling_segments(segments: Iterable[Segment]) -> frozenset[str]:
    """Ids of the lists whose rule reads more than contracts, invoices and the list of accounts."""
    return frozenset(one.id for one in segments if {*one.all, *one.any} - FREE_OF_USE)


def is_use_only(settings: Settings, source: str) -> bool:
    """Whether a source brings what people did and nothing else, so that contracts and invoices are whole without it.

    Never in a shop, where an order is use and revenue at once.
    """
    told = settings.sources.sources.get(source)
    if told is None or settings.company.kind == "shop":
        return False
    if told.vendor in USE_VENDORS:
        return True
    return bool(told.resources) and all(
        resource.maps and all(relation.to == "activity" for relation in resource.maps)
        for resource in told.resources.values()
    )


def _rule_fields(settings: Settings, campaign: Campaign) -> set[str]:
    rules = {segment.id: {*segment.all, *segment.any} for segment in settings.segments.segments}
    return rules.get(campaign.segment, set())


def _claims(settings: Settings, campaign: Campaign) -> frozenset[str]:
    """Names of the values in a mail's words, in all languages."""
    if campaign.what != "mail":
        return frozenset()
    own = settings.company.language
    found: set[str] = set()
    for language in sorted({own, *settings.company.languages}):
        words = words_for(settings.folder, campaign.id, language, own)
        found |= words.names | words.optional_names
    return frozenset(found)
