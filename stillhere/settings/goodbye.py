"""`goodbye.yml`: what a leaving customer is told and asked. One question, and no offer."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from stillhere.settings.model import ConfigurationModel

REASON_ID_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
SOMETHING_ELSE = "something_else"
"""Always offered, always last."""


class Reason(ConfigurationModel):
    """One answer: a stable id, and its words by language."""

    id: str = Field(pattern=REASON_ID_PATTERN)
    words: dict[str, str] = Field(min_length=1)


def _reason(name: str, en: str, de: str) -> Reason:
    return Reason(id=name, words={"en": en, "de": de})


STOCK_REASONS = (
    _reason("price", "It costs more than it is worth to us", "Es kostet mehr, als es uns wert ist"),
    _reason("little_use", "We did not use it enough", "Wir haben es zu wenig genutzt"),
    _reason("missing", "Something we need is missing", "Etwas, das wir brauchen, fehlt"),
    _reason("hard_to_use", "It was too hard to set up or to use", "Einrichtung oder Bedienung waren zu schwierig"),
    _reason("faults", "It had too many faults", "Es gab zu viele Fehler oder Ausfälle"),
    _reason("support", "We did not get the help we needed", "Wir haben nicht die nötige Hilfe bekommen"),
    _reason("other_product", "We use another product now", "Wir nutzen jetzt ein anderes Produkt"),
    _reason("no_need", "We no longer need anything like it", "Wir brauchen so etwas nicht mehr"),
)


SOMETHING_ELSE_WORDS = {"en": "Something else", "de": "Etwas anderes"}


class Goodbye(ConfigurationModel):
    """The whole of `goodbye.yml`. Days are calendar days."""

    answer_days: int = Field(
        default=90, ge=1, le=366, description="so long after the mail its question can be answered"
    )
    data_kept_days: int | None = Field(
        default=None, ge=0, description="data is deleted so long after the contract ends"
    )
    reasons: tuple[Reason, ...] = Field(default=STOCK_REASONS, min_length=2)

    @model_validator(mode="after")
    def _ids_are_unique_and_ours_is_free(self) -> Self:
        ids = [reason.id for reason in self.reasons]
        if len(set(ids)) < len(ids):
            raise ValueError("reasons: every id must be there once")
        if SOMETHING_ELSE in ids:
            raise ValueError(f"reasons: {SOMETHING_ELSE!r} is always offered, last; take it out")
        return self


def reason_words(goodbye: Goodbye, language: str) -> dict[str, str]:
    """What each reason says in a language, `something_else` among them; in English, or any, where it has no words."""
    spoken = language.replace("-", "_").split("_")[0]
    told = {
        one.id: one.words.get(spoken) or one.words.get("en") or next(iter(one.words.values()))
        for one in goodbye.reasons
    }
    return told | {SOMETHING_ELSE: SOMETHING_ELSE_WORDS.get(spoken, SOMETHING_ELSE_WORDS["en"])}
