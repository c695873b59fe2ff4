"""The night's report: one HTML page that needs nothing but itself. Same facts, same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillhere.reports import (
    actions,
    business,
    cohorts,
    distributions,
    exits,
    headline,
    quality,
    results,
    slipping,
    timelines,
)
from stillhere.reports.facts import NightFacts
from stillhere.reports.formats import Formats

if TYPE_CHECKING:
    from models.model import Card

FILE_NAME = "report.html"


def write_report(night: NightFacts, folder: Path) -> Path:
    """Writes `<folder>/report.html` and returns its path; the page appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_page(folder / FILE_NAME, report_html(night))


def write_page(target: Path, html: str) -> Path:
    """Writes a page under another name and renames it, so that nobody opens half of one. Raises OSError."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.write_text(html, encoding="utf-8")
    return unfinished.rename(target)


def report_html(night: NightFacts) -> str:
    """The page as text."""
    company = night.company
    formats = Formats.of(company.language, company.currency)
    return templates().get_template("report.html.j2").render(**_sections(night, formats))


@cache
def templates() -> Environment:
    """The pages, escaped; a value that is missing is an error."""
    return Environment(
        loader=PackageLoader("stillhere.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _sections(night: NightFacts, formats: Formats) -> dict[str, Any]:
    return {
        "night": night,
        "day": formats.long_day(night.as_of),
        "style": page_style(),
        "figures": headline.figures(night, formats),
        "notices": headline.notices(night),
        "slipping": slipping.top_accounts(night, formats),
        "timelines": timelines.riskiest_timelines(night, formats),
        "silence": slipping.silence_chart(night, formats),
        "signs": slipping.sign_counts(night, formats),
        "campaigns": actions.campaign_rows(night, formats),
        "refusals": actions.refusal_chart(night, formats),
        "lists": actions.list_rows(night, formats),
        "holds": actions.hold_rows(night, formats),
        "gates": quality.gate_rows(night, formats),
        "findings": quality.finding_rows(night, formats),
        "sources": quality.source_rows(night, formats),
        "risk_chart": distributions.risk_chart(night, formats),
        "silence_spread": distributions.silence_chart(night, formats),
        "habits": business.habits_chart(night, formats),
        "habit_sentences": business.habit_sentences(night),
        "wheel": business.wheel_chart(night, formats),
        "wheel_words": business.wheel_words(night, formats),
        "acquisition_words": business.acquisition_words(night, formats),
        "retention": business.retention_chart(night, formats),
        "cohorts": cohorts.cohort_chart(night, formats),
        "why_left": exits.why_they_left(night, formats),
        "results": results.campaign_results(night.marts["campaign_results"], night.campaign_titles, formats),
        "results_chart": results.results_chart(night.marts["campaign_results"], night.campaign_titles, formats),
        "model": model_facts(night.model, formats) if night.model else [],
        "rules": night.marts["risk"]["rule"].drop_nulls().unique().sort().to_list(),
    }


@dataclass(frozen=True, slots=True)
class ModelFact:
    """One line about the model."""

    name: str
    value: str


def model_facts(card: Card, formats: Formats) -> list[ModelFact]:
    """What a reader may ask about the model behind the chances."""
    measures = card.measures
    ranking, by_silence = (formats.number(found.get("roc_auc"), 2) for found in (measures, card.baseline))
    counts = [
        f"{formats.day(one.cutoff)}: {formats.number(one.left)} of {formats.number(one.accounts)} "
        f"({formats.number(one.low)} to {formats.number(one.high)})"
        for one in card.past_counts
    ]
    parts = [
        f"{part.name}: {formats.share(part.left_share, 1)} ({formats.share(part.expected_share, 1)}"
        f"{', off beyond chance' if part.is_off else ''})"
        for part in card.parts
    ]
    return [
        ModelFact("Model", card.model_id),
        ModelFact("Trained as of", formats.day(card.trained_as_of)),
        ModelFact("Learned from", f"{formats.number(card.rows)} account rows, {formats.number(card.leavers)} left"),
        ModelFact("Left within the horizon, on later days", formats.share(card.base_rate, 1)),
        ModelFact("Ranking on later days (ROC AUC; 0.5 is chance)", f"{ranking}, days silent alone {by_silence}"),
        ModelFact(
            "Leavers among the riskiest tenth, against a random tenth",
            f"{formats.number(measures.get('lift_10'), 1)} times as many",
        ),
        ModelFact("Calibration error", formats.number(measures.get("calibration_error"), 3)),
        *([ModelFact("Left on past days (95 % interval given, drift included)", "; ".join(counts))] if counts else []),
        *([ModelFact("Left by part, of at least 200 outcomes (forecast)", "; ".join(parts))] if parts else []),
    ]


@cache
def page_style() -> Markup:
    """The style of every page, which stands in the page itself."""
    return Markup((Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file
