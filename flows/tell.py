"""What people get from a night: lists, the call list, the report; and what makes it the published one."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.decide import Decided
from flows.night import Night
from flows.score import NightMarts
from stillhere.campaigns.decisions import hold
from stillhere.campaigns.facts import Held
from stillhere.campaigns.segments import empty_members
from stillhere.lists.backlog import write_backlog
from stillhere.lists.call_list import CallNight, write_call_list
from stillhere.lists.delivery import deliver_lists
from stillhere.lists.lists import ListsNight, write_lists
from stillhere.oncall.healthcheck import ping
from stillhere.operations.holds import LIVE_RULES, NOT_APPROVED, Hold
from stillhere.reports.facts import read_night
from stillhere.reports.report import write_report
from stillhere.sending.notices import tell_lists
from stillhere.warehouse.publish import publish, remove_old_nights, remove_old_outputs


def write_lists_and_calls(night: Night, decided: Decided) -> int:
    """Writes the segment lists and the call list, delivers the lists of a live night; gives how many lists."""
    company, segments = night.settings.company, night.settings.segments.segments
    held = "; ".join(one.words for one in _doubts(night) if one.scope == "night")
    previous = decided.previous if decided.previous is not None else empty_members()
    horizon_days = night.settings.churn.horizon_days
    about = ListsNight(night.as_of, company.currency, horizon_days, held or None, _held_lists(night))
    lists = write_lists(night.out / "lists", segments, decided.members, previous, about)
    write_backlog(night.out / "lists", decided.decisions, decided.wide, night.as_of, company.currency)
    calls = CallNight(
        as_of=night.as_of,
        campaigns={campaign.id: campaign for campaign in night.settings.campaigns},
        wide=decided.wide,
        contacts=decided.contacts,
        activity=company.words(company.language),
        currency=company.currency,
    )
    write_call_list(night.out, hold(decided.decisions, _not_approved(night)), calls)
    if night.mode == "live" and night.is_newest:
        delivered = deliver_lists(lists, company.lists.deliver_to, night.as_of)
        day = (night.as_of, night.revision)
        problem = tell_lists(night.settings, night.operations, day, lists, delivered, lambda: datetime.now(UTC))
        night.notes += [problem] if problem else []
    return len(lists)


def _not_approved(night: Night) -> dict[str, Held]:
    """Campaigns whose calls are held for an approval, as the call list says."""
    waiting = (one for one in night.holds if one.rule == NOT_APPROVED and one.released_at is None)
    return {one.subject: Held(one.rule, one.words) for one in waiting}


def _held_lists(night: Night) -> dict[str, str]:
    """Lists whose accounts are in doubt themselves; too many messages are no doubt about who is on a list."""
    segments = {campaign.id: campaign.segment for campaign in night.settings.campaigns}
    return {
        segments[one.subject]: one.words
        for one in _doubts(night)
        if one.scope == "campaign" and one.subject in segments and one.rule != "too_many"
    }


def _doubts(night: Night) -> list[Hold]:
    """Open holds that doubt the night; that a person has yet to say yes is no doubt about who is on a list."""
    return [one for one in night.holds if one.released_at is None and one.rule not in LIVE_RULES]


def write_night_report(night: Night, scored: NightMarts) -> None:
    """Writes the report page from the night's folder and the operations database."""
    facts = read_night(night.settings, night.operations, night.as_of, night.revision, night.mode, scored.card)
    write_report(facts, night.out)


def publish_night(night: Night) -> bool:
    """Makes this night what readers see, unless a newer one is; removes what is older than the company keeps."""
    places, keep = night.settings.places, night.settings.company.keep
    moved = publish(places.published, night.folder)
    if moved:
        remove_old_nights(places.nights, night.as_of, keep.nights_days, places.published.resolve())
        remove_old_outputs(places.out, night.as_of, keep.out_days)
        problem = ping(night.settings.environment.healthcheck_url)
        night.notes += [problem] if problem else []
    return moved
