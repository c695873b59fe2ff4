"""Signs in words: what changed for an account, against its own habit. In English and German.

The words use nothing but a sign's code and values, so that every number in them is a value of the night. In a
sentence `{days_silent}` is a number as the language writes it, `{days_silent:day|days}` the word that fits it, `{x:%}`
a share as per cent.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from stillhere.settings.company import ActivityWords

Values = Mapping[str, int | float | str | None]

TITLES: dict[str, dict[str, str]] = {
    "en": {
        "quiet": "silent longer than usual",
        "fading": "less active than usual",
        "fewer_people": "fewer people",
        "champion_silent": "main user silent",
        "slow_start": "slow start",
        "price_rise": "price rise",
        "payment_failing": "payment failing",
        "support": "more tickets than usual",
        "smaller_plan": "smaller plan",
    },
    "de": {
        "quiet": "länger still als üblich",
        "fading": "weniger aktiv als üblich",
        "fewer_people": "weniger Personen",
        "champion_silent": "wichtigste Person still",
        "slow_start": "schleppender Start",
        "price_rise": "Preiserhöhung",
        "payment_failing": "Zahlung scheitert",
        "support": "mehr Anfragen als üblich",
        "smaller_plan": "kleinerer Tarif",
    },
}
SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "quiet": "{verb} every {usual_gap_days} days, now silent for {days_silent} {days_silent:day|days}",
        "quiet/daily": "{verb} every day, now silent for {days_silent} {days_silent:day|days}",
        "quiet/closed": "{verb} every {usual_gap_working_days} {usual_gap_working_days:working day|working days}, "
        "now silent for {silent_working_days} working {silent_working_days:day|days}",
        "quiet/closed_daily": "{verb} every working day, now silent for {silent_working_days} working "
        "{silent_working_days:day|days}",
        "quiet/no_rhythm": "silent for {days_silent} {days_silent:day|days}",
        "quiet/once": "{verb} once, {days_silent} {days_silent:day|days} ago; those who stayed: "
        "every {typical_gap_days} {typical_gap_days:day|days}",
        "quiet/few_times": "{verb} on {active_days_total} days so far, now silent for {days_silent} days; "
        "those who stayed: every {typical_gap_days} {typical_gap_days:day|days}",
        "fading": "{verb} on {active_days_28} {active_days_28:day|days} in the last 4 weeks, "
        "usually on {usual_days_28}",
        "fading/quarter": "{verb} on {active_days_91} {active_days_91:day|days} in the last 3 months, "
        "on {active_days_prev_91} in the 3 months before",
        "fewer_people": "{stopped} of {people_active_prev_28} people stopped since {since}",
        "champion_silent": "the main user, active on {champion_active_days_prev_91} "
        "{champion_active_days_prev_91:day|days} of the 3 months before, "
        "has been silent for {champion_days_silent} {champion_days_silent:day|days}",
        "slow_start": "active on {first_14_active_days} of its first 14 days; "
        "accounts that stayed: {typical_first_14_active_days}",
        "slow_start/people": "{first_14_people} {first_14_people:person|people} in its first 14 days; "
        "accounts that stayed: {typical_first_14_people}",
        "champion_silent/gone": "the main user, active on {champion_active_days_prev_91} days of the 3 months before, "
        "is no longer there",
        "price_rise": "its price rose by {price_rise_share_180:%} {days_since_price_rise} "
        "{days_since_price_rise:day|days} ago",
        "price_rise/today": "its price rose by {price_rise_share_180:%} today",
        "payment_failing": "{failed_payments_91} {failed_payments_91:payment|payments} failed in the last 3 months",
        "payment_failing/overdue": "{open_invoices_overdue} {open_invoices_overdue:invoice is|invoices are} overdue",
        "support": "{tickets_28} {tickets_28:ticket|tickets} in the last 4 weeks, usually {usual_tickets}",
        "smaller_plan": "pays {mrr_change_91_share:%} less than 3 months ago",
        "smaller_plan/earlier": "moved to a smaller plan in the last 6 months",
    },
    "de": {
        "quiet": "{verb} alle {usual_gap_days} Tage, jetzt seit {days_silent} {days_silent:Tag|Tagen} still",
        "quiet/daily": "{verb} jeden Tag, jetzt seit {days_silent} {days_silent:Tag|Tagen} still",
        "quiet/closed": "{verb} alle {usual_gap_working_days} {usual_gap_working_days:Arbeitstag|Arbeitstage}, "
        "jetzt seit {silent_working_days} {silent_working_days:Arbeitstag|Arbeitstagen} still",
        "quiet/closed_daily": "{verb} jeden Arbeitstag, jetzt seit {silent_working_days} "
        "{silent_working_days:Arbeitstag|Arbeitstagen} still",
        "quiet/no_rhythm": "seit {days_silent} {days_silent:Tag|Tagen} still",
        "quiet/once": "{verb} einmal, vor {days_silent} {days_silent:Tag|Tagen}; wer blieb: "
        "alle {typical_gap_days} {typical_gap_days:Tag|Tage}",
        "quiet/few_times": "{verb} bisher an {active_days_total} Tagen, jetzt seit {days_silent} Tagen still; "
        "wer blieb: alle {typical_gap_days} {typical_gap_days:Tag|Tage}",
        "fading/quarter": "{verb} in den letzten 3 Monaten an {active_days_91} {active_days_91:Tag|Tagen}, "
        "in den 3 Monaten davor an {active_days_prev_91}",
        "fading": "{verb} in den letzten 4 Wochen an {active_days_28} {active_days_28:Tag|Tagen}, "
        "sonst an {usual_days_28}",
        "fewer_people": "seit {since} {stopped} von {people_active_prev_28} Personen weniger",
        "champion_silent": "die wichtigste Person, in den 3 Monaten davor an {champion_active_days_prev_91} "
        "{champion_active_days_prev_91:Tag|Tagen} aktiv, ist seit {champion_days_silent} "
        "{champion_days_silent:Tag|Tagen} still",
        "champion_silent/gone": "die wichtigste Person, in den 3 Monaten davor an {champion_active_days_prev_91} Tagen "
        "aktiv, ist nicht mehr da",
        "slow_start": "an {first_14_active_days} der ersten 14 Tage aktiv; "
        "Kunden, die blieben: {typical_first_14_active_days}",
        "slow_start/people": "{first_14_people} {first_14_people:Person|Personen} in den ersten 14 Tagen; "
        "bei Kunden, die blieben: {typical_first_14_people}",
        "price_rise": "Preis vor {days_since_price_rise} {days_since_price_rise:Tag|Tagen} um "
        "{price_rise_share_180:%} gestiegen",
        "price_rise/today": "Preis heute um {price_rise_share_180:%} gestiegen",
        "payment_failing": "{failed_payments_91} {failed_payments_91:Zahlung ist|Zahlungen sind} in den letzten "
        "3 Monaten gescheitert",
        "payment_failing/overdue": "{open_invoices_overdue} {open_invoices_overdue:Rechnung ist|Rechnungen sind} "
        "überfällig",
        "support": "{tickets_28} {tickets_28:Anfrage|Anfragen} in den letzten 4 Wochen, sonst {usual_tickets}",
        "smaller_plan": "zahlt {mrr_change_91_share:%} weniger als vor 3 Monaten",
        "smaller_plan/earlier": "in den letzten 6 Monaten in einen kleineren Tarif gewechselt",
    },
}
LANGUAGES = tuple(SENTENCES)
FEW_DAYS_28 = 4
"""Whoever is active on fewer days in four weeks is better told of by quarters."""


def sign_title(code: str, language: str) -> str:
    """Two or three words for a sign, for headings and counts. A language without words gets English."""
    return TITLES[_spoken(language)].get(code, code)


def sign_words(code: str, values: Values, *, language: str, activity: ActivityWords | None = None) -> str:
    """One sign as a sentence without a full stop: "ordered every 6 days, now silent for 31 days".

    `language` is a locale such as `de` or `de_AT`; a language without words gets English. A code without a sentence
    gets its title.
    """
    spoken = _spoken(language)
    sentence = SENTENCES[spoken].get(_variant(code, values))
    if sentence is None:
        return sign_title(code, spoken)
    facts = {**values, **_worked_out(values, spoken), "verb": (activity or ActivityWords()).verb}
    return _Sentence(spoken).vformat(sentence, (), facts)


def _variant(code: str, values: Values) -> str:
    """The sentence that suits the values: which of a sign's facts is the telling one."""
    if code == "quiet":
        return _quiet_variant(values)
    if code == "champion_silent" and _number(values, "champion_is_gone"):
        return "champion_silent/gone"
    if code == "fading" and _number(values, "usual_days_28") < FEW_DAYS_28 and "active_days_91" in values:
        return "fading/quarter"
    if code == "price_rise" and not values.get("days_since_price_rise", 1):
        return "price_rise/today"
    if code == "slow_start" and _people_are_few(values):
        return "slow_start/people"
    if code == "payment_failing" and not _number(values, "failed_payments_91"):
        return "payment_failing/overdue"
    if code == "smaller_plan" and _number(values, "mrr_change_91_share") >= 0:
        return "smaller_plan/earlier"
    return code


def _quiet_variant(values: Values) -> str:
    if not _number(values, "usual_gap_days"):
        if not _number(values, "typical_gap_days"):
            return "quiet/no_rhythm"
        return "quiet/few_times" if _number(values, "active_days_total") > 1 else "quiet/once"
    if _company_was_closed(values):
        return "quiet/closed_daily" if _number(values, "usual_gap_working_days") < 1.5 else "quiet/closed"
    return "quiet/daily" if _number(values, "usual_gap_days") < 1.5 else "quiet"  # shown as 1


def _company_was_closed(values: Values) -> bool:
    """Were days without work in the silence, beyond its weekends? Calendar days would make too much of it then."""
    if values.get("silent_working_days") is None:
        return False
    days = _number(values, "days_silent")
    return _number(values, "silent_working_days") < days - 2 * (days // 7 + 1)


def _people_are_few(values: Values) -> bool:
    """Were the people, rather than the days, few in the first two weeks?"""
    of_days, of_people = (
        _number(values, f"first_14_{what}") / (_number(values, f"typical_first_14_{what}") or 1)
        for what in ("active_days", "people")
    )
    return _number(values, "typical_first_14_people") > 0 and of_people < of_days


def _worked_out(values: Values, language: str) -> dict[str, int | str]:
    """Facts that sentences name and the values imply."""
    worked_out: dict[str, int | str] = {}
    if "people_active_prev_28" in values:
        worked_out["stopped"] = round(_number(values, "people_active_prev_28") - _number(values, "people_active_28"))
        four_weeks_ago = date.fromisoformat(str(values["as_of"])) - timedelta(days=28)
        worked_out["since"] = format_date(four_weeks_ago, "LLLL", locale=language)
    if "tickets_91" in values:
        before = _number(values, "tickets_91") - _number(values, "tickets_28")
        worked_out["usual_tickets"] = round(before * 28 / 63)
    return worked_out


def _number(values: Values, name: str) -> float:
    value = values.get(name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _spoken(language: str) -> str:
    """`de` of `de_AT` or `de-AT`; English for a language without words."""
    base = language.replace("-", "_").split("_")[0].lower()
    return base if base in SENTENCES else "en"


class _Sentence(string.Formatter):
    """Fills a sentence: numbers as the language writes them, `one|many`, and `%`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A value that is not known reads as 0, never as "None"."""
        value = super().get_value(key, args, kwargs)
        return 0 if value is None else value

    def format_field(self, value: Any, format_spec: str) -> str:
        """One field of the sentence as text."""
        if isinstance(value, str):
            return value
        if format_spec == "%":
            return format_percent(abs(round(value, 2)), locale=self.language)
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return one if value == 1 else many
        return _decimal(round(value) if value >= 3 else round(value, 1), self.language)


@cache
def _decimal(value: float, language: str) -> str:
    """A number as the language writes it. Few numbers are told of very many accounts, and Babel is slow."""
    return str(format_decimal(value, locale=language))
