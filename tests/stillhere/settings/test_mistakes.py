"""Every configuration mistake is told at once, with file, key, what was expected and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stillhere.company_folder import read_company
from stillhere.connectors import unset_variables
from stillhere.settings import ConfigurationError

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def company_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REPOSITORY / "config", tmp_path / "config"))


def mistakes_of(folder: Path, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_company(folder, environment or {})
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_demo_company_has_no_mistakes(company_folder: Path) -> None:
    assert read_company(company_folder, {}).company.id == "demo"


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    [mistake] = mistakes_of(tmp_path / "nowhere")
    assert "company.yml" in mistake
    assert "stillhere init" in mistake


def test_mistakes_in_several_files_are_told_together(company_folder: Path) -> None:
    company = company_folder / "company.yml"
    company.write_text(
        company.read_text().replace("timezone: Europe/Berlin", "timezone: Europe/Berlinn") + "colour: red\n"
    )
    (company_folder / "churn.yml").write_text("horizon_days: 0\n")
    (company_folder / "sources.yml").write_text("sources: {crm: {kind: sql, resources: {a: {table: a}}}}\n")
    text = "\n".join(mistakes_of(company_folder))
    for expected in ("timezone", "colour", "remove it", "horizon_days", "sources.crm"):
        assert expected in text


def test_broken_yaml_names_the_line(company_folder: Path) -> None:
    (company_folder / "churn.yml").write_text("horizon_days: 60\ncutoffs: [1, 2\n")
    [mistake] = mistakes_of(company_folder)
    assert "churn.yml, line" in mistake


def test_an_unknown_sender_in_the_environment_is_a_mistake(company_folder: Path) -> None:
    [mistake] = mistakes_of(company_folder, {"STILLHERE_SENDER": "pigeon"})
    assert "STILLHERE_SENDER" in mistake


def test_a_campaign_for_an_unknown_segment_names_the_known_ones(company_folder: Path) -> None:
    (company_folder / "segments.yml").write_text(
        "segments: [{id: slipping, title: S, description: d, owner: o, all: {stage: '= active'}}]\n"
    )
    for old in (company_folder / "campaigns").glob("*.yml"):
        old.unlink()
    (company_folder / "campaigns").mkdir(exist_ok=True)
    (company_folder / "campaigns" / "note.yml").write_text("{title: Note, segment: sliping, what: call, priority: 1}\n")
    [mistake] = mistakes_of(company_folder)
    assert "'sliping'" in mistake
    assert "slipping" in mistake


def test_the_configuration_hash_moves_with_any_file_that_counts(company_folder: Path) -> None:
    before = read_company(company_folder, {}).config_hash
    (company_folder / "churn.yml").write_text("horizon_days: 61\n")
    assert read_company(company_folder, {}).config_hash != before


def test_a_rule_that_cannot_be_read_is_told_with_what_is_allowed(company_folder: Path) -> None:
    segments = company_folder / "segments.yml"
    segments.write_text(segments.read_text().replace('tenure_days: "<= 60"', 'tenure_dayz: "about 60"'))
    [mistake] = mistakes_of(company_folder)
    assert "segments.onboarding_stuck.all.tenure_dayz" in mistake
    assert "tenure_days" in mistake


def test_words_that_are_missing_or_name_no_value_are_told_by_file(company_folder: Path) -> None:
    campaigns = company_folder / "campaigns"
    (campaigns / "slipping_note" / "en.md").unlink()
    german = campaigns / "payment_notice" / "de.md"
    german.write_text(german.read_text().replace("account_name", "acount_name"))
    text = "\n".join(mistakes_of(company_folder))
    assert "slipping_note/en.md" in text
    assert "payment_notice/de.md" in text
    assert "acount_name" in text


def test_a_sources_zone_encoding_and_written_password_are_told_together(company_folder: Path) -> None:
    (company_folder / "sources.yml").write_text("""
sources:
  shop:
    kind: sql
    url: postgresql://reader:sesame@db.example/shop
    zone: Nowhere
    csv: {encoding: klingon}
    resources:
      orders:
        maps:
          - {to: activity, columns: {account_id: {from: a}, occurred_at: {from: b, zone: Mars}}}
""")
    mistakes = mistakes_of(company_folder)
    for key, what in (
        ("sources.shop.zone", "'Nowhere'"),
        ("sources.shop.csv.encoding", "'klingon'"),
        ("sources.shop.url", "holds a password"),
        ("occurred_at.zone", "'Mars'"),
    ):
        assert any(key in mistake and what in mistake for mistake in mistakes), mistakes
    assert "sesame" not in "".join(mistakes)


def test_a_variable_that_is_not_set_is_told_before_a_night_touches_anything(company_folder: Path) -> None:
    (company_folder / "sources.yml").write_text("""
sources:
  shop:
    kind: sql
    url: postgresql://reader:${SHOP_PASSWORD}@${SHOP_HOST}/shop
    resources:
      orders:
        maps: [{to: activity, columns: {account_id: {from: a}, occurred_at: {from: b}}}]
""")
    settings = read_company(company_folder, {})
    told = [str(mistake) for mistake in unset_variables(settings, {"SHOP_HOST": "db.example"})]
    assert told == [
        "config/sources.yml, sources.shop.url: SHOP_PASSWORD not set; export SHOP_PASSWORD or run 'stillhere doctor'"
    ]


@pytest.mark.parametrize("campaign", ["win_back_60", "high_value_call", "payment_notice"])
def test_whatever_is_to_keep_a_customer_leaves_some_alone(company_folder: Path, campaign: str) -> None:
    """Marketing, a call, and a service mail that names a holdout."""
    file = company_folder / "campaigns" / f"{campaign}.yml"
    file.write_text(file.read_text() + "measured: false\n")
    [mistake] = mistakes_of(company_folder)
    assert f"{campaign}.yml" in mistake
    assert "measured: false" in mistake
