"""Currency and time zone: from signs beside amounts, a currency column, the country, or the language of headings."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stillhere.connectors.guess.headings import heading_score
from stillhere.connectors.guess.profile import Column, Export
from stillhere.connectors.names import raw_column
from stillhere.connectors.raw import quoted

SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "zł": "PLN",
    "chf": "CHF",
    "fr": "CHF",
    "fr.": "CHF",
    "kr": "SEK",
    "us$": "USD",
    "$": "USD",
    "¥": "JPY",
}
# Headings that only this language has, with the country most such exports come from.
TELLING = {
    "DE": "kunde kunden betrag datum summe umsatz bestelldatum rechnung vorname firma nr",
    "FR": "montant client_id_client courriel prenom commande facture",
    "ES": "importe fecha correo cliente pedido",
    "IT": "importo fattura ordine codice_cliente",
    "NL": "klant klantnummer bedrag besteldatum factuur",
    "PL": "kwota klient zamowienie",
    "SE": "belopp kund tidpunkt",
}
CODE = re.compile(r"(?<![A-Z])([A-Z]{3})(?![A-Z])")
# Of countries with several zones, the one most people live in; of any other such country nothing is guessed.
LARGEST_ZONES = {
    "US": "America/New_York",
    "CA": "America/Toronto",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "DE": "Europe/Berlin",
    "UA": "Europe/Kyiv",
    "CN": "Asia/Shanghai",
    "MX": "America/Mexico_City",
    "CL": "America/Santiago",
    "NZ": "Pacific/Auckland",
    "RU": "Europe/Moscow",
    "AR": "America/Argentina/Buenos_Aires",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
}


def currencies_in(export: Export, column: Column | None) -> list[str]:
    """Currency codes of a currency column, the commonest first; nothing when it holds no codes."""
    if column is None:
        return []
    value = f"upper(trim({quoted(column.name)}::varchar))"
    query = f"select {value}, count(*) from export where {value} <> '' group by 1 order by 2 desc, 1"
    codes = [str(row[0]) for row in export.connection.execute(query).fetchall()]
    return codes if codes and all(re.fullmatch(r"[A-Z]{3}", code) for code in codes) else []


def currency_column(export: Export) -> Column | None:
    """The column that names each row's currency."""
    return next(
        (c for c in export.columns if heading_score(c.heading, "currency") >= 0.5 and currencies_in(export, c)), None
    )


def currency_beside(columns: Iterable[Column]) -> str | None:
    """The currency written in amounts or in their headings: `12,50 €`, `Amount (USD)`."""
    for column in columns:
        for text in column.signs:
            if text.lower() in SIGNS:
                return SIGNS[text.lower()]
            if is_currency(text.upper()):
                return text.upper()
        written: list[str] = CODE.findall(column.heading)
        for text in [*written, raw_column(column.heading).rsplit("_", 1)[-1].upper()]:
            if is_currency(text):
                return text
        for sign, code in SIGNS.items():
            if not sign.isalpha() and sign in column.heading:
                return code
    return None


def is_currency(code: str) -> bool:
    """Whether a code is one of ISO 4217's that Babel knows."""
    from babel import Locale

    return bool(code in Locale("en").currencies)


def country_of(exports: Iterable[Export]) -> str | None:
    """Country code of most customers, from a country column, else from the language of the headings."""
    listed = list(exports)
    for export in listed:
        for column in export.columns:
            if heading_score(column.heading, "country") >= 0.5:
                value = f"trim({quoted(column.name)}::varchar)"
                query = f"select {value} from export where {value} <> '' group by 1 order by count(*) desc, 1 limit 1"
                found = export.connection.execute(query).fetchall()
                code = territory(str(found[0][0])) if found else None
                if code:
                    return code
    parts = {part for export in listed for column in export.columns for part in raw_column(column.heading).split("_")}
    matches = {code: len(parts & set(words.split())) for code, words in TELLING.items()}
    best = max(matches, key=lambda code: matches[code])
    return best if matches[best] else None


def territory(text: str) -> str | None:
    """ISO country code of a code or of a name in one of several languages."""
    from babel import Locale

    if re.fullmatch(r"[A-Za-z]{2}", text) and text.upper() in Locale("en").territories:
        return "GB" if text.upper() == "UK" else text.upper()
    for language in ("en", "de", "fr", "es", "it", "nl", "pl", "sv", "pt"):
        names: dict[str, str] = dict(Locale(language).territories)
        for code, name in names.items():
            if len(code) == 2 and name.casefold() == text.casefold():
                return code
    return {"UK": "GB", "USA": "US"}.get(text.upper())


def currency_of(country: str | None) -> str | None:
    """The currency people pay with in a country today."""
    from babel.numbers import get_territory_currencies

    found = get_territory_currencies(country) if country else []
    return str(found[0]) if found else None


def zone_of(country: str | None) -> str | None:
    """The zone most people of a country live in, where that is one."""
    from babel.core import get_global

    if country is None:
        return None
    zones = get_global("territory_zones").get(country, [])
    return LARGEST_ZONES.get(country) or (str(zones[0]) if len(zones) == 1 else None)
