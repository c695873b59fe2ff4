"""Numbers, money and days as the company's language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_compact_currency, format_decimal, format_percent, get_currency_precision

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one company's report writes values. `None` is a dash everywhere."""

    locale: Locale
    currency: str

    @classmethod
    def of(cls, language: str, currency: str) -> Formats:
        """Formats for a language such as `de` or `de_AT`; an unknown one is written as English is."""
        try:
            locale = Locale.parse(language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            locale = Locale("en")
        # Plain "en" is American in Babel; days then lead with the month, which half the readers misread.
        return cls(Locale("en", "GB") if str(locale) == "en" else locale, currency)

    def number(self, value: float | None, decimals: int = 0) -> str:
        """1,234 or 1.234; with `decimals` at most so many."""
        if value is None:
            return NOTHING
        pattern = "#,##0" + (f".{'#' * decimals}" if decimals else "")
        return format_decimal(_half_up(value, decimals), format=pattern, locale=self.locale)

    def share(self, value: float | None, decimals: int = 0) -> str:
        """A share of 0–1 as per cent."""
        if value is None:
            return NOTHING
        pattern = self.locale.percent_formats[None].pattern.replace("0%", f"0{_zeros(decimals)}%")
        pattern = pattern.replace("0\xa0%", f"0{_zeros(decimals)}\xa0%")
        return format_percent(_half_up(value, decimals + 2), format=pattern, locale=self.locale)

    def points(self, value: float | None) -> str:
        """A difference of two shares in percentage points, with its sign."""
        if value is None:
            return NOTHING
        return ("+" if value > 0 else "−" if value < 0 else "") + self.number(abs(value) * 100, 1)

    def money(self, minor: int | None) -> str:
        """An amount in whole units of the reporting currency."""
        if minor is None:
            return NOTHING
        pattern = self.locale.currency_formats["standard"]
        whole = _half_up(self._units(minor), 0)
        return str(pattern.apply(whole, self.locale, currency=self.currency, currency_digits=False, force_frac=(0, 0)))

    def short_money(self, minor: float) -> str:
        """An amount for an axis: €12K."""
        return format_compact_currency(self._units(minor), self.currency, locale=self.locale, fraction_digits=0)

    def day(self, day: date | None) -> str:
        """31 Aug 2026."""
        return NOTHING if day is None else format_date(day, "medium", locale=self.locale)

    def long_day(self, day: date) -> str:
        """Monday, 31 August 2026."""
        return format_date(day, "full", locale=self.locale)

    def month(self, day: date) -> str:
        """Aug 26, for an axis."""
        return format_date(day, "LLL yy", locale=self.locale)

    def _units(self, minor: float) -> Decimal:
        return Decimal(str(minor)).scaleb(-get_currency_precision(self.currency))


def _zeros(decimals: int) -> str:
    return f".{'0' * decimals}" if decimals else ""


def _half_up(value: float | Decimal, decimals: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
