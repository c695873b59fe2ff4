"""The model card in words, written by the training itself."""

from __future__ import annotations

from models.model import Card

LEARNERS = {
    "boosting": "gradient boosting",
    "logistic": "shrunk logistic regression",
}
CALIBRATIONS = {
    "isotonic": "centred isotonic regression",
    "platt": "Platt's logistic map",
    "level": "its level only (very few outcomes)",
}


def card_as_markdown(card: Card) -> str:
    """The card as a page: what the number means, what it was learned from, how good it was, what is left out."""
    measured, days_silent = card.measures, card.baseline
    learned_by = " and ".join(LEARNERS[name] for name in card.learned_by)
    lines = [
        f"# Risk model {card.model_id}",
        "",
        f"Chance that an account leaves within {card.horizon_days} days of a night, by `churn.yml`. It says how likely,"
        " not why, and not whether anything will help.",
        "",
        f"- Learned by {learned_by} from {card.rows:,} account rows, {card.leavers:,} of which left,"
        f" at {len(card.fit_cutoffs)} days from {card.fit_cutoffs[0]} to {card.fit_cutoffs[-1]}.",
        f"- Calibrated by {CALIBRATIONS[card.calibration]} on later days:"
        f" {', '.join(map(str, card.calibration_cutoffs))}, of which {card.base_rate:.1%} left.",
        f"- Trained as of {card.trained_as_of}; nothing later was read. It scores no earlier night.",
        f"- {len(card.features)} features, set {card.feature_set}; code version {card.version}.",
        *(f"- Note: {note}." for note in card.notes),
        "",
        "## Out of time, on the calibration days",
        "",
        "| measure | this model | days silent |",
        "|---|---|---|",
        f"| ROC AUC | {_number(measured['roc_auc'])} | {_number(days_silent['roc_auc'])} |",
        f"| lift among the riskiest 10 % | {_number(measured['lift_10'])} | {_number(days_silent['lift_10'])} |",
        f"| average precision | {_number(measured['average_precision'])} | |",
        f"| Brier | {_number(measured['brier'])} | |",
        f"| calibration error | {_number(measured['calibration_error'])} | |",
        f"| accounts x days | {measured['n']:,} | |",
        "",
        "Probabilities here were calibrated on the other half of the accounts.",
        "",
        *_counts(card),
        *_parts(card),
        "## Features",
        "",
        ", ".join(f"`{name}`" for name in card.features),
        "",
    ]
    return "\n".join(lines)


def _counts(card: Card) -> list[str]:
    """Did whole days' counts fall into the interval that was given?"""
    inside = sum(told.low <= told.left <= told.high for told in card.past_counts)
    rows = [
        f"| {told.cutoff} | {told.accounts:,} | {told.low:,.0f} to {told.high:,.0f} | {told.left:,} |"
        for told in card.past_counts
    ]
    return [
        "## How many leave",
        "",
        "Of a group's accounts, between so and so many leave, 19 times in 20. The interval allows for chance and for"
        f" the level's drift between days ({card.drift:.2f} in log-odds, seen on {card.drift_days} days). On past days,"
        f" each judged by the drift of the others, {inside} of {len(card.past_counts)} counts lay within:",
        "",
        "| day | accounts | expected to leave | left |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _parts(card: Card) -> list[str]:
    """Chance and outcome by part of the company."""
    if not card.parts:
        return []
    rows = [
        f"| {part.name} | {part.rows:,} | {part.expected_share:.1%} | {part.left_share:.1%} |"
        f" {'off beyond chance' if part.is_off else ''} |"
        for part in card.parts
    ]
    return [
        "## By part of the company",
        "",
        "Parts with at least 200 account rows on the calibration days; off means beyond three standard errors.",
        "",
        "| part | account rows | chance | left | |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
