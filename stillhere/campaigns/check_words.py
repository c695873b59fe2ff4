"""What `campaigns check` and `campaigns diff` say, as lines for a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillhere.campaigns.difference import Difference, Members
from stillhere.campaigns.lint import CampaignCheck, Checked
from stillhere.campaigns.measurable import Measurable
from stillhere.mails.preview import Shown

NO_DAY = "cannot be told within three years"


def check_lines(checked: Checked) -> Iterator[str]:
    """All that was found, mistakes first."""
    for mistake in checked.mistakes:
        yield f"MISTAKE  {mistake}"
    if checked.night is None:
        yield "No night is published yet: rules and words are checked, and nobody is counted."
    for one in checked.campaigns:
        yield ""
        yield f"{one.title} ({one.campaign})"
        yield from (f"  {line}" for line in _campaign_lines(one))
    held, drawn = checked.held_out
    if drawn:
        yield ""
        yield f"All together: about {drawn} accounts in three months, {held} of them left alone to measure."
    count = len(checked.mistakes)
    yield ""
    yield "No mistake." if not count else f"{count} mistake{'' if count == 1 else 's'}; mend them before approving."


def _campaign_lines(one: CampaignCheck) -> Iterator[str]:
    if one.per_month is None:
        return
    yield f"{one.on_list} on its list tonight, {one.reachable} of them can be turned to"
    yield f"about {one.per_month:,.0f} a month ({one.pace_words})"
    if one.measurable is None:
        yield "not measured: all of them get it, those whom every other campaign leaves alone too"
    else:
        yield from _holdout_lines(one.measurable)
    for language, count in one.fallbacks.items():
        yield f"no words in '{language}': {count} people get the company's own language"
    yield from (f"DOUBT  {words}" for words in one.doubts)


def _holdout_lines(found: Measurable) -> Iterator[str]:
    if found.plus_minus is None:
        yield f"a holdout of {found.holdout_share:.0%} shows nothing after three months: an arm stays empty"
    else:
        width = f"±{100 * found.plus_minus:.1f} points after three months"
        until = f"5 points need until {found.enough_on}" if found.enough_on else f"5 points {NO_DAY}"
        yield f"a holdout of {found.holdout_share:.0%} shows {width}; {until}"
    yield f"{found.held_out} of {found.drawn} are left alone in these months"


def difference_lines(found: Difference, examples: list[Shown], worst: list[Shown]) -> Iterator[str]:
    """One campaign against what was approved, with examples and worst cases as they would read."""
    states = {"new": "new: never approved", "changed": "changed since it was approved", "approved": "as approved"}
    yield f"{found.campaign}: {states[found.state]}; {found.audience} on its list"
    yield from _changed_keys("file", found.settings)
    yield from _changed_keys("list", found.rule)
    yield from _changed_keys("offer", found.offer)
    if found.layout_changed:
        yield "  layout: changed"
    for language, lines in found.words.items():
        yield f"  words, {language}:"
        yield from (f"    {line}" for line in lines)
    yield from _members("new", found.new)
    yield from _members("fell out", found.fell_out)
    for heading, cases in (("examples", examples), ("worst cases", worst)):
        if cases:
            yield f"  {heading}:"
        for one in cases:
            told = f"HELD: {one.problem}" if one.content is None else one.content.subject
            yield f"    {one.case.name} [{one.language}]: {told}"


def _changed_keys(what: str, changes: dict[str, tuple[Any, Any]]) -> Iterator[str]:
    for key, (before, now) in changes.items():
        was = "" if before is None else f"{before} -> "
        yield f"  {what}, {key}: {was}{'taken out' if now is None else now}"


def _members(what: str, members: Members) -> Iterator[str]:
    if members.count:
        yield f"  {what}: {members.count}, such as {', '.join(members.examples)}"
