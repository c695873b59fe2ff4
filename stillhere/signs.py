"""Signs in words: what changed for an account, against its own habit. In English and German.

The words use nothing but a sign's code and values, so that every number in them is a value of the night.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from stillhere.settings.company import ActivityWords

Value = int | float | str | None
Values = Mapping[str, Value]

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
        "champion_silent": "Hauptnutzer still",
        "slow_start": "schleppender Start",
        "price_rise": "Preiserhöhung",
        "payment_failing": "Zahlung scheitert",
        "support": "mehr Anfragen als üblich",
        "smaller_plan": "kleinerer Tarif",
    },
}
LANGUAGES = tuple(TITLES)


def sign_title(code: str, language: str) -> str:
    """Two or three words for a sign; for headings and counts. A language without words gets English."""
    return TITLES.get(_base(language), TITLES["en"]).get(code, code)


def sign_words(code: str, values: Values, *, language: str, activity: ActivityWords | None = None) -> str:
    """One sign as a sentence without a full stop: "ordered every 6 days, now silent for 31 days".

    `language` is a locale such as `de` or `de_AT`; a language without words gets English. A code without words of its
    own gets its title.
    """
    base = _base(language) if _base(language) in WORDS else "en"
    sentence = WORDS[base].get(code)
    if sentence is None:
        return sign_title(code, base)
    return sentence(Told(values, base, activity or ActivityWords()))


class Told:
    """A sign's values, read as text in one language."""

    def __init__(self, values: Values, language: str, activity: ActivityWords) -> None:
        self._values = values
        self.language = language
        self.verb = activity.verb

    def number(self, name: str) -> float | None:
        """The value, if it is a number."""
        value = self._values.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def text(self, name: str) -> str:
        """A number: whole from 3 on, else with at most one decimal."""
        value = self.number(name) or 0.0
        return format_decimal(round(value) if value >= 3 else round(value, 1), locale=self.language)

    def share(self, name: str) -> str:
        """A share as whole per cent, without its sign."""
        return format_percent(abs(round(self.number(name) or 0.0, 2)), locale=self.language)

    def count(self, name: str, one: str, many: str) -> str:
        """ "1 day", "2 days"."""
        return f"{self.text(name)} {one if self.text(name) == '1' else many}"

    def month_before(self, name: str, days: int) -> str:
        """The name of the month some days before a date value."""
        day = date.fromisoformat(str(self._values[name])) - timedelta(days=days)
        return format_date(day, "LLLL", locale=self.language)

    def difference(self, more: str, less: str) -> str:
        """One number less another, as text."""
        return format_decimal(round((self.number(more) or 0) - (self.number(less) or 0)), locale=self.language)


def _slow_by_people(told: Told) -> bool:
    """Is it the people, and not the days, that were few in the first two weeks?"""
    days, usual = told.number("first_14_active_days") or 0, told.number("typical_first_14_active_days") or 0
    people, usual_people = told.number("first_14_people") or 0, told.number("typical_first_14_people") or 0
    return usual_people > 0 and people / usual_people < (days / usual if usual else 1)


def _usual_tickets(told: Told) -> float:
    return ((told.number("tickets_91") or 0) - (told.number("tickets_28") or 0)) * 28 / 63


def _quiet_en(told: Told) -> str:
    silent = f"silent for {told.count('days_silent', 'day', 'days')}"
    gap = told.number("usual_gap_days")
    if not gap:
        return silent
    every = "every day" if told.text("usual_gap_days") == "1" else f"every {told.text('usual_gap_days')} days"
    return f"{told.verb} {every}, now {silent}"


def _fading_en(told: Told) -> str:
    now = told.count("active_days_28", "day", "days")
    return f"{told.verb} on {now} in the last 4 weeks, usually on {told.text('usual_days_28')}"


def _fewer_people_en(told: Told) -> str:
    stopped = told.difference("people_active_prev_28", "people_active_28")
    since = told.month_before("as_of", 28)
    return f"{stopped} of {told.text('people_active_prev_28')} people stopped since {since}"


def _champion_en(told: Told) -> str:
    silent = told.count("champion_days_silent", "day", "days")
    before = told.count("champion_active_days_prev_91", "day", "days")
    return f"the main user, active on {before} of the 3 months before, has been silent for {silent}"


def _slow_start_en(told: Told) -> str:
    if _slow_by_people(told):
        people = told.count("first_14_people", "person", "people")
        return f"{people} in its first 14 days; accounts that stayed: {told.text('typical_first_14_people')}"
    days, typical = told.text("first_14_active_days"), told.text("typical_first_14_active_days")
    return f"active on {days} of its first 14 days; accounts that stayed: {typical}"


def _price_rise_en(told: Told) -> str:
    ago = told.count("days_since_price_rise", "day", "days")
    return f"its price rose by {told.share('price_rise_share_180')} {ago} ago"


def _payment_en(told: Told) -> str:
    if told.number("failed_payments_91"):
        return f"{told.count('failed_payments_91', 'payment', 'payments')} failed in the last 3 months"
    return f"{told.count('open_invoices_overdue', 'invoice is', 'invoices are')} overdue"


def _support_en(told: Told) -> str:
    usual = format_decimal(round(_usual_tickets(told)), locale="en")
    return f"{told.count('tickets_28', 'ticket', 'tickets')} in the last 4 weeks, usually {usual}"


def _smaller_plan_en(told: Told) -> str:
    if (told.number("mrr_change_91_share") or 0) < 0:
        return f"pays {told.share('mrr_change_91_share')} less than 3 months ago"
    return "moved to a smaller plan in the last 6 months"


def _quiet_de(told: Told) -> str:
    silent = f"seit {told.count('days_silent', 'Tag', 'Tagen')} still"
    gap = told.number("usual_gap_days")
    if not gap:
        return silent
    every = "jeden Tag" if told.text("usual_gap_days") == "1" else f"alle {told.text('usual_gap_days')} Tage"
    return f"{told.verb} {every}, jetzt {silent}"


def _fading_de(told: Told) -> str:
    now = told.count("active_days_28", "Tag", "Tagen")
    return f"{told.verb} in den letzten 4 Wochen an {now}, sonst an {told.text('usual_days_28')}"


def _fewer_people_de(told: Told) -> str:
    stopped = told.difference("people_active_prev_28", "people_active_28")
    since = told.month_before("as_of", 28)
    return f"{stopped} von {told.text('people_active_prev_28')} Personen haben seit {since} aufgehört"


def _champion_de(told: Told) -> str:
    silent = told.count("champion_days_silent", "Tag", "Tagen")
    before = told.count("champion_active_days_prev_91", "Tag", "Tagen")
    return f"die wichtigste Person, in den 3 Monaten davor an {before} aktiv, ist seit {silent} still"


def _slow_start_de(told: Told) -> str:
    if _slow_by_people(told):
        people, typical = told.count("first_14_people", "Person", "Personen"), told.text("typical_first_14_people")
        return f"{people} in den ersten 14 Tagen; bei Kunden, die blieben: {typical}"
    days, typical = told.text("first_14_active_days"), told.text("typical_first_14_active_days")
    return f"an {days} der ersten 14 Tage aktiv; Kunden, die blieben: {typical}"


def _price_rise_de(told: Told) -> str:
    ago = told.count("days_since_price_rise", "Tag", "Tagen")
    return f"Preis vor {ago} um {told.share('price_rise_share_180')} gestiegen"


def _payment_de(told: Told) -> str:
    if told.number("failed_payments_91"):
        failed = told.count("failed_payments_91", "Zahlung ist", "Zahlungen sind")
        return f"{failed} in den letzten 3 Monaten gescheitert"
    return f"{told.count('open_invoices_overdue', 'Rechnung ist', 'Rechnungen sind')} überfällig"


def _support_de(told: Told) -> str:
    usual = format_decimal(round(_usual_tickets(told)), locale="de")
    return f"{told.count('tickets_28', 'Anfrage', 'Anfragen')} in den letzten 4 Wochen, sonst {usual}"


def _smaller_plan_de(told: Told) -> str:
    if (told.number("mrr_change_91_share") or 0) < 0:
        return f"zahlt {told.share('mrr_change_91_share')} weniger als vor 3 Monaten"
    return "in den letzten 6 Monaten in einen kleineren Tarif gewechselt"


WORDS: dict[str, dict[str, Callable[[Told], str]]] = {
    "en": {
        "quiet": _quiet_en,
        "fading": _fading_en,
        "fewer_people": _fewer_people_en,
        "champion_silent": _champion_en,
        "slow_start": _slow_start_en,
        "price_rise": _price_rise_en,
        "payment_failing": _payment_en,
        "support": _support_en,
        "smaller_plan": _smaller_plan_en,
    },
    "de": {
        "quiet": _quiet_de,
        "fading": _fading_de,
        "fewer_people": _fewer_people_de,
        "champion_silent": _champion_de,
        "slow_start": _slow_start_de,
        "price_rise": _price_rise_de,
        "payment_failing": _payment_de,
        "support": _support_de,
        "smaller_plan": _smaller_plan_de,
    },
}


def _base(language: str) -> str:
    """`de` of `de_AT` or `de-AT`."""
    return language.replace("-", "_").split("_")[0].lower()
