"""What a person reads: each sign in words, in English and German, numbers as that language writes them."""

from __future__ import annotations

import re

import pytest

from stillhere.settings.company import ActivityWords
from stillhere.signs import LANGUAGES, SENTENCES, TITLES, sign_title, sign_words

ORDERED = ActivityWords(noun="order", verb="ordered")
VALUES: dict[str, dict[str, int | float | str | None]] = {
    "quiet": {"usual_gap_days": 6, "days_silent": 31, "silence_ratio": 5.2, "last_active_date": "2026-05-30"},
    "fading": {"active_days_28": 1, "usual_days_28": 18},
    "fewer_people": {"people_active_28": 2, "people_active_prev_28": 5, "as_of": "2026-07-31"},
    "champion_silent": {"champion_days_silent": 34, "champion_active_days_prev_91": 40},
    "slow_start": {
        "first_14_active_days": 1,
        "first_14_people": 2,
        "typical_first_14_active_days": 6,
        "typical_first_14_people": 2,
    },
    "price_rise": {"price_rise_share_180": 0.185, "days_since_price_rise": 40},
    "payment_failing": {"failed_payments_91": 2, "open_invoices_overdue": 1},
    "support": {"tickets_28": 4, "tickets_91": 6, "open_tickets": 1},
    "smaller_plan": {"mrr_change_91_share": -0.3, "downgrades_182": 1},
}
ENGLISH = {
    "quiet": "ordered every 6 days, now silent for 31 days",
    "fading": "ordered on 1 day in the last 4 weeks, usually on 18",
    "fewer_people": "3 of 5 people stopped since July",
    "champion_silent": "the main user, active on 40 days of the 3 months before, has been silent for 34 days",
    "slow_start": "active on 1 of its first 14 days; accounts that stayed: 6",
    "price_rise": "its price rose by 18% 40 days ago",
    "payment_failing": "2 payments failed in the last 3 months",
    "support": "4 tickets in the last 4 weeks, usually 1",
    "smaller_plan": "pays 30% less than 3 months ago",
}


@pytest.mark.parametrize("code", ENGLISH)
def test_a_sign_reads_as_a_sentence(code: str) -> None:
    assert sign_words(code, VALUES[code], language="en", activity=ORDERED) == ENGLISH[code]


def test_a_price_that_rose_today_did_not_rise_0_days_ago() -> None:
    today = {"price_rise_share_180": 0.34, "days_since_price_rise": 0}
    assert sign_words("price_rise", today, language="en") == "its price rose by 34% today"
    assert sign_words("price_rise", today, language="de") == "Preis heute um 34\xa0% gestiegen"


def test_one_day_is_no_days() -> None:
    once = {"champion_days_silent": 21, "champion_active_days_prev_91": 1}
    assert "active on 1 day of the 3 months" in sign_words("champion_silent", once, language="en")
    assert "an 1 Tag aktiv" in sign_words("champion_silent", once, language="de")


def test_german_numbers_and_months_are_german() -> None:
    verb = ActivityWords(noun="Bestellung", verb="bestellte")
    assert sign_words("quiet", {"usual_gap_days": 2.5, "days_silent": 1000}, language="de_AT", activity=verb) == (
        "bestellte alle 2,5 Tage, jetzt seit 1.000 Tagen still"
    )
    assert "seit Juli" in sign_words("fewer_people", VALUES["fewer_people"], language="de")
    assert "18\xa0%" in sign_words("price_rise", VALUES["price_rise"], language="de")


def test_every_language_has_words_and_a_title_for_every_sign() -> None:
    for language in LANGUAGES:
        assert {code.split("/")[0] for code in SENTENCES[language]} == set(TITLES[language]) == set(VALUES)


def test_every_number_in_the_words_comes_from_the_values() -> None:
    stated = {"3", "4", "14"}  # "the last 4 weeks", "3 months", "its first 14 days"
    for code, values in VALUES.items():
        told = {str(value) for value in values.values()} | {"18", "30", "1", "3"} | stated
        for number in re.findall(r"\d+", sign_words(code, values, language="en")):
            assert number in told


def test_an_unknown_language_gets_english_and_an_unknown_code_its_name() -> None:
    assert sign_words("smaller_plan", VALUES["smaller_plan"], language="fr") == ENGLISH["smaller_plan"]
    assert sign_title("new_sign", "en") == "new_sign"


def test_an_account_without_a_rhythm_is_only_said_to_be_silent() -> None:
    assert sign_words("quiet", {"usual_gap_days": None, "days_silent": 9}, language="en") == "silent for 9 days"


def test_the_telling_fact_chooses_the_sentence() -> None:
    few_people = VALUES["slow_start"] | {"first_14_active_days": 6, "first_14_people": 1, "typical_first_14_people": 4}
    assert sign_words("slow_start", few_people, language="en") == (
        "1 person in its first 14 days; accounts that stayed: 4"
    )
    overdue = {"failed_payments_91": 0, "open_invoices_overdue": 1}
    assert sign_words("payment_failing", overdue, language="de") == "1 Rechnung ist überfällig"
    once = {"usual_gap_days": None, "days_silent": 143, "typical_gap_days": 31.5}
    assert sign_words("quiet", once, language="en", activity=ORDERED) == (
        "ordered once, 143 days ago; those who stayed: every 32 days"
    )
    twice = once | {"active_days_total": 2, "days_silent": 60}
    assert sign_words("quiet", twice, language="en", activity=ORDERED) == (
        "ordered on 2 days so far, now silent for 60 days; those who stayed: every 32 days"
    )
    rarely = {"active_days_28": 0, "usual_days_28": 2, "active_days_91": 1, "active_days_prev_91": 6}
    assert sign_words("fading", rarely, language="en", activity=ORDERED) == (
        "ordered on 1 day in the last 3 months, on 6 in the 3 months before"
    )
    gone = VALUES["champion_silent"] | {"champion_is_gone": 1}
    assert sign_words("champion_silent", gone, language="en") == (
        "the main user, active on 40 days of the 3 months before, is no longer there"
    )
    every_day = {"usual_gap_days": 1, "days_silent": 9}
    assert sign_words("quiet", every_day, language="en") == "was active every day, now silent for 9 days"


def test_days_on_which_the_company_was_closed_are_no_ones_silence_in_words() -> None:
    christmas = {"usual_gap_days": 1, "days_silent": 16, "usual_gap_working_days": 1, "silent_working_days": 4}
    assert sign_words("quiet", christmas, language="en") == (
        "was active every working day, now silent for 4 working days"
    )
    weekly = christmas | {"usual_gap_days": 7, "usual_gap_working_days": 2}
    assert sign_words("quiet", weekly, language="de") == (
        "was active alle 2 Arbeitstage, jetzt seit 4 Arbeitstagen still"
    )
    weekends_only = {"usual_gap_days": 1, "days_silent": 16, "usual_gap_working_days": 1, "silent_working_days": 12}
    assert sign_words("quiet", weekends_only, language="en") == "was active every day, now silent for 16 days"
