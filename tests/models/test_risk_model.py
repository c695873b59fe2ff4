"""The model ranks, its probabilities mean what they say, and its signs are true to it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models import registry
from models.errors import RegistryError
from models.evidence import with_evidence
from models.features import with_derived
from models.model import RiskModel, TrainingSettings
from models.predict import checked, predict, probabilities, raw_scores
from models.reasons import signs_of
from models.rule import apply_rule
from models.train import train
from models.usual import LEAST_KNOWN, put_back, season_adjusted, typical_of_stayers
from tests.models.simulated_panel import CAUSES, simulated_panel, tonight

AS_OF = date(2026, 6, 30)
SETTINGS = TrainingSettings(horizon_days=60)
CAUSE_OF_SIGN = {
    "quiet": "fading_use",
    "fading": "fading_use",
    "fewer_people": "fading_use",
    "champion_silent": "champion_left",
    "slow_start": "failed_onboarding",
    "price_rise": "price",
    "smaller_plan": "price",
    "payment_failing": "payment_failure",
}
GROUP_OF_SIGN = {
    "quiet": "usage",
    "fading": "usage",
    "fewer_people": "people",
    "champion_silent": "champion",
    "slow_start": "start",
    "price_rise": "price",
    "payment_failing": "payment",
    "support": "support",
    "smaller_plan": "plan",
}


@pytest.fixture(scope="module")
def model() -> RiskModel:
    learned = train(simulated_panel(2000, AS_OF), as_of=AS_OF, settings=SETTINGS)
    assert isinstance(learned, RiskModel)
    return learned


def flagged(model: RiskModel, cadence: pl.DataFrame) -> pl.DataFrame:
    risky = predict(model, cadence).filter(pl.col("risk_rank") <= cadence.height // 10)
    return cadence.join(risky, on="account_id", how="semi")


def test_it_ranks_tonights_leavers_far_better_than_days_silent(model: RiskModel) -> None:
    cadence, truth = tonight(2000, AS_OF)
    scored = predict(model, cadence).join(truth, on="account_id").join(cadence, on="account_id")
    caught = scored.filter(pl.col("risk_rank") <= 200)["left_in_horizon"].sum()
    by_silence = scored.sort("days_silent", descending=True).head(200)["left_in_horizon"].sum()
    assert caught > 2 * by_silence


def test_probabilities_add_up_to_the_leavers(model: RiskModel) -> None:
    cadence, truth = tonight(2000, AS_OF)
    expected = float(predict(model, cadence)["churn_probability"].to_numpy().sum())
    seen = int(truth["left_in_horizon"].to_numpy().sum())
    assert abs(expected - seen) < 4 * np.sqrt(seen)


def test_the_same_data_in_any_order_gives_the_same_bytes(model: RiskModel) -> None:
    shuffled = simulated_panel(2000, AS_OF).sample(fraction=1.0, shuffle=True, seed=3)
    again = train(shuffled, as_of=AS_OF, settings=SETTINGS)
    cadence, _ = tonight(2000, AS_OF)
    assert isinstance(again, RiskModel)
    assert again.card == model.card
    assert predict(again, cadence.reverse()).equals(predict(model, cadence))


def test_equal_risks_are_ranked_by_account_id(model: RiskModel) -> None:
    cadence, _ = tonight(5, AS_OF)
    same = pl.concat([cadence.head(1)] * 3).with_columns(account_id=pl.Series(["c", "a", "b"]))
    assert predict(model, same)["risk_rank"].to_list() == [1, 2, 3]


def test_ranks_are_1_to_n_even_for_nobody(model: RiskModel) -> None:
    cadence, _ = tonight(5, AS_OF)
    assert predict(model, cadence.clear()).height == 0
    assert signs_of(model, cadence.clear()) == {}


def test_planted_causes_are_among_the_first_two_signs(model: RiskModel) -> None:
    cadence, truth = tonight(2000, AS_OF)
    given = signs_of(model, flagged(model, cadence))
    causes = dict(truth.select("account_id", "cause").iter_rows())
    recalls = []
    for cause in CAUSES:
        accounts = [account for account in given if causes[account] == cause]
        found = [cause in {CAUSE_OF_SIGN.get(sign.code) for sign in given[account][:2]} for account in accounts]
        recalls.append(np.mean(found))
    assert np.mean(recalls) > 0.8


def test_putting_the_named_habit_back_lowers_the_score(model: RiskModel) -> None:
    cadence, _ = tonight(2000, AS_OF)
    risky = flagged(model, cadence)
    rows = season_adjusted(checked(risky))
    now = dict(zip(rows["account_id"], probabilities(model, raw_scores(model, rows)), strict=True))
    named = 0
    for account, signs in signs_of(model, risky).items():
        for sign in signs:
            row = put_back(rows.filter(account_id=account), (GROUP_OF_SIGN[sign.code],), model.typical)
            assert probabilities(model, raw_scores(model, row))[0] < now[account]
            named += 1
    assert named > 150


def test_a_model_that_learned_from_other_accounts_names_mostly_the_same_habits(model: RiskModel) -> None:
    panel = simulated_panel(2000, AS_OF)
    kept = panel.filter(pl.col("account_id").hash(seed=1) % 5 > 0)  # four accounts in five
    other = train(kept, as_of=AS_OF, settings=SETTINGS)
    assert isinstance(other, RiskModel)
    cadence, _ = tonight(2000, AS_OF)
    risky = flagged(model, cadence)
    one, two = signs_of(model, risky), signs_of(other, risky)
    first = [one[account][0].code == two[account][0].code for account in one if one[account] and two[account]]
    assert len(first) > 150
    assert np.mean(first) > 0.9
    named = [({s.code for s in one[account]}, {s.code for s in two[account]}) for account in one if one[account]]
    assert np.mean([len(a & b) / len(a | b) for a, b in named]) > 0.85


def test_no_sign_without_a_change_in_the_raw_values(model: RiskModel) -> None:
    cadence, _ = tonight(2000, AS_OF)
    rows = {row["account_id"]: row for row in cadence.iter_rows(named=True)}
    for account, signs in signs_of(model, cadence).items():
        for sign in signs:
            row = rows[account]
            if sign.code == "quiet":
                assert row["silence_ratio"] > 1.5
            if sign.code == "payment_failing":
                assert row["failed_payments_91"] + row["open_invoices_overdue"] > 0
            if sign.code == "price_rise":
                assert row["price_rise_share_180"] > 0


def test_a_typical_start_is_learned_from_the_starts_that_were_seen() -> None:
    panel = simulated_panel(400, AS_OF)
    old = pl.col("tenure_days") > 60  # nine in ten are older than the record: their first days are unknown
    seen = panel.with_columns(
        pl.when(old).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("first_14_active_days", "first_14_people")
    )
    stayed = seen.filter(~pl.col("left_in_horizon"))["first_14_active_days"]
    assert LEAST_KNOWN <= stayed.len() - stayed.null_count() < stayed.len() / 2
    assert typical_of_stayers(seen)["first_14_active_days"] == stayed.median()
    back = put_back(seen, ("start",), typical_of_stayers(seen))["first_14_active_days"]
    assert back.null_count() == seen["first_14_active_days"].null_count()
    few = seen.filter(~old).head(LEAST_KNOWN // 2)
    assert typical_of_stayers(few)["first_14_active_days"] is None


def dip(cadence: pl.DataFrame, last_year: bool) -> pl.DataFrame:
    """Daily users that fell silent three weeks ago; `last_year` says whether they did so a year ago too."""
    return cadence.with_columns(
        tenure_days=pl.lit(800),
        active_days_28=pl.lit(6),
        events_28=pl.lit(24),
        active_days_prev_28=pl.lit(20),
        active_days_91=pl.lit(51),
        active_days_prev_91=pl.lit(64),
        events_91=pl.lit(204),
        usual_gap_working_days=pl.lit(1.0),
        gap_p90_working_days=pl.lit(3.0),
        days_silent=pl.lit(21),
        silent_working_days=pl.lit(21),
        silence_ratio=pl.lit(21.0),
        same_weeks_last_year_active_days=pl.lit(6.0 if last_year else 20.0),
        same_weeks_last_year_trend_ratio=pl.lit(0.33 if last_year else 1.0),
    )


def test_an_account_as_quiet_as_last_year_is_not_called_quiet(model: RiskModel) -> None:
    cadence, _ = tonight(300, AS_OF)
    seasonal, changed = dip(cadence, last_year=True), dip(cadence, last_year=False)
    codes = {sign.code for signs in signs_of(model, seasonal).values() for sign in signs}
    assert not codes & {"quiet", "fading"}
    assert any(sign.code == "quiet" for signs in signs_of(model, changed).values() for sign in signs)
    calm, alarmed = (predict(model, rows)["churn_probability"].mean() for rows in (seasonal, changed))
    assert isinstance(calm, float)
    assert isinstance(alarmed, float)
    assert calm < 0.6 * alarmed


def test_a_growing_account_that_falls_back_is_not_taken_for_seasonal() -> None:
    cadence, _ = tonight(50, AS_OF)
    grown = dip(cadence, last_year=True).with_columns(same_weeks_last_year_trend_ratio=pl.lit(1.0))
    rows = with_evidence(season_adjusted(checked(grown)), {})
    assert rows["_quiet"].all()


@pytest.mark.parametrize(("open_share", "fades"), [(1.0, True), (0.5, False), (None, True)])
def test_nobody_fades_by_the_company_being_closed(open_share: float | None, fades: bool) -> None:
    """20 active days in 28 usually, 10 of late: a fall, unless the company was closed for half of the time."""
    cadence, _ = tonight(50, AS_OF)
    halved = dip(cadence, last_year=False).with_columns(
        active_days_28=pl.lit(10),
        active_days_91=pl.lit(55),
        silent_working_days=pl.lit(0),
        days_silent=pl.lit(0),
        open_share_28=pl.lit(open_share, dtype=pl.Float64),
    )
    rows = with_evidence(checked(halved), {})
    assert (rows["_fading"] == fades).all()
    share = with_derived(rows)["active_share_of_usual"]
    assert (share < 0.6).all() if fades else (share > 0.9).all()


def test_few_leavers_get_the_shrunk_logistic() -> None:
    few = train(simulated_panel(70, AS_OF), as_of=AS_OF, settings=SETTINGS)
    assert isinstance(few, RiskModel)
    assert few.card.learned_by == ("logistic",)
    auc = few.card.measures["roc_auc"]
    assert auc is not None and auc > 0.7


def test_a_registered_model_scores_the_same_after_loading(model: RiskModel, tmp_path: Path) -> None:
    registry.register(tmp_path, model)
    loaded = registry.load(tmp_path, model.card.model_id)
    cadence, _ = tonight(500, AS_OF)
    assert loaded.card == model.card
    assert registry.current_id(tmp_path) == model.card.model_id
    assert predict(loaded, cadence).equals(predict(model, cadence))
    assert signs_of(loaded, cadence) == signs_of(model, cadence)


def test_a_killed_registration_leaves_no_model(model: RiskModel, tmp_path: Path) -> None:
    left = tmp_path / f"{registry.UNFINISHED}{model.card.model_id}"
    left.mkdir()
    (left / "model.skops").write_bytes(b"half")
    assert registry.registered(tmp_path) == ()
    registry.register(tmp_path, model)
    assert [card.model_id for card in registry.registered(tmp_path)] == [model.card.model_id]
    assert not left.exists()


def test_a_file_with_a_foreign_type_is_not_loaded(model: RiskModel, tmp_path: Path) -> None:
    import fractions

    import skops.io

    home = registry.register(tmp_path, model)
    skops.io.dump({"estimator": fractions.Fraction(1, 3)}, home / "model.skops")
    with pytest.raises(RegistryError, match="Fraction"):
        registry.load(tmp_path, model.card.model_id)


def test_the_card_tells_what_it_was_learned_from(model: RiskModel, tmp_path: Path) -> None:
    text = (registry.register(tmp_path, model) / "card.md").read_text(encoding="utf-8")
    assert f"{model.card.leavers:,} of which left" in text
    assert str(AS_OF - timedelta(days=60)) in text


def test_the_rule_flags_three_usual_gaps_of_silence_and_gives_no_probability() -> None:
    cadence, _ = tonight(4, AS_OF)
    rows = cadence.with_columns(
        usual_gap_working_days=pl.Series([10.0, 10.0, 1.0, None]),
        silent_working_days=pl.Series([30, 29, 5, 300]),
        days_silent=pl.Series([42, 40, 6, 420]),
    )
    ruled = apply_rule(rows)
    assert ruled["is_flagged"].to_list() == [True, False, False, True]
    assert "churn_probability" not in ruled.columns
