"""Reads a company's folder, collecting every mistake before it gives up."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from stillhere.settings.campaigns import Campaign
from stillhere.settings.churn import Churn
from stillhere.settings.company import Company
from stillhere.settings.environment import Environment, SendGridKey
from stillhere.settings.errors import ConfigurationError, Mistake
from stillhere.settings.goodbye import Goodbye
from stillhere.settings.offers import Offers
from stillhere.settings.places import Places
from stillhere.settings.segments import Segments
from stillhere.settings.sources import Sources

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Settings:
    """Everything one run needs to know; `config_hash` covers every file of the company's folder that counts."""

    folder: Path
    company: Company
    sources: Sources
    churn: Churn
    segments: Segments
    campaigns: tuple[Campaign, ...]
    offers: Offers
    places: Places
    environment: Environment
    sendgrid_key: SendGridKey
    config_hash: str
    goodbye: Goodbye = field(default_factory=Goodbye)


FurtherCheck = Callable[[Path, str, Segments, tuple[Campaign, ...], Company | None], list[Mistake]]


def load_settings(
    company_dir: Path | None = None,
    environment: Mapping[str, str] | None = None,
    data_dir: Path | None = None,
    *,
    also: FurtherCheck | None = None,
) -> Settings:
    """Reads and checks a company's folder.

    `company_dir` defaults to `STILLHERE_COMPANY` or `config`; `data_dir` to `STILLHERE_DATA` or `data`. `also` looks
    for mistakes that only other rooms know of.
    Raises ConfigurationError holding every mistake found.
    """
    variables = dict(os.environ if environment is None else environment)
    mistakes: list[Mistake] = []
    surroundings = _read_environment(variables, mistakes)
    folder = (company_dir or Path(surroundings.company)).resolve()
    if not (folder / "company.yml").is_file():
        found = Mistake(
            _shown(folder / "company.yml"),
            "",
            "not found",
            "name a company's folder with --company, or run 'stillhere init NAME'",
        )
        raise ConfigurationError([*mistakes, found])
    company = _read_model(folder / "company.yml", Company, mistakes)
    sources = _read_model(folder / "sources.yml", Sources, mistakes)
    churn = _read_model(folder / "churn.yml", Churn, mistakes, optional=True)
    segments = _read_model(folder / "segments.yml", Segments, mistakes, optional=True)
    offers = _read_model(folder / "offers.yml", Offers, mistakes, optional=True)
    goodbye = _read_model(folder / "goodbye.yml", Goodbye, mistakes, optional=True)
    campaigns = _read_campaigns(folder, mistakes)
    if segments is not None:
        mistakes += _campaigns_without_segment(folder, campaigns, segments)
        mistakes += also(folder, _shown(folder), segments, campaigns, company) if also else []
    if offers is not None:
        mistakes += _campaigns_without_offer(folder, campaigns, offers)
    if mistakes or company is None or sources is None or churn is None or segments is None or offers is None:
        raise ConfigurationError(mistakes)
    root = (data_dir or Path(surroundings.data)).resolve() / company.id
    return Settings(
        folder=folder,
        company=company,
        sources=sources,
        churn=churn,
        segments=segments,
        campaigns=campaigns,
        offers=offers,
        places=Places(root=root, operations_override=surroundings.operations_url),
        environment=surroundings,
        sendgrid_key=SendGridKey.model_validate(_own_keys(variables, SendGridKey)),
        config_hash=_hash_of(folder),
        goodbye=goodbye or Goodbye(),
    )


def _own_keys(variables: Mapping[str, str], model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """The environment's values for a model's fields; an empty value counts as not set."""
    named = {name: variables.get(f"{prefix}{name}".upper()) for name in model.model_fields}
    return {name: value for name, value in named.items() if value}


def _read_environment(variables: Mapping[str, str], mistakes: list[Mistake]) -> Environment:
    try:
        return Environment.model_validate(_own_keys(variables, Environment, "stillhere_"))
    except ValidationError as error:
        for problem in error.errors():
            key = "STILLHERE_" + str(problem["loc"][0]).upper()
            mistakes.append(Mistake("environment", key, problem["msg"], "correct it or unset it"))
        return Environment.model_construct()


def _read_yaml(path: Path, mistakes: list[Mistake]) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        mistakes.append(Mistake(_shown(path), line, f"no YAML: {getattr(error, 'problem', error)}", "correct the file"))
    except OSError as error:
        mistakes.append(
            Mistake(_shown(path), "", f"not readable: {error.strerror}", "check that it exists and who owns it")
        )
    return None


def _read_model(
    path: Path,
    model: type[Model],
    mistakes: list[Mistake],
    *,
    optional: bool = False,
    extra: dict[str, Any] | None = None,
) -> Model | None:
    if optional and not path.exists():
        return model()
    content = _read_yaml(path, mistakes)
    if content is None:
        return None
    if not isinstance(content, dict):
        mistakes.append(Mistake(_shown(path), "", "expected keys and values", "see docs/configuration.md"))
        return None
    try:
        return model.model_validate({**content, **(extra or {})})
    except ValidationError as error:
        mistakes += [_mistake(path, problem) for problem in error.errors()]
        return None


def _mistake(path: Path, problem: Any) -> Mistake:
    key = ".".join(str(part) for part in problem["loc"])
    actions = {
        "missing": "add it",
        "extra_forbidden": "remove it or correct its spelling",
    }
    return Mistake(
        _shown(path),
        key,
        problem["msg"].removeprefix("Value error, "),
        actions.get(problem["type"], "correct the value"),
    )


def _read_campaigns(folder: Path, mistakes: list[Mistake]) -> tuple[Campaign, ...]:
    files = sorted((folder / "campaigns").glob("*.yml"))
    read = [_read_model(path, Campaign, mistakes, extra={"id": path.stem}) for path in files]
    return tuple(campaign for campaign in read if campaign is not None)


def _campaigns_without_segment(folder: Path, campaigns: tuple[Campaign, ...], segments: Segments) -> list[Mistake]:
    known = {segment.id for segment in segments.segments}
    return [
        Mistake(
            _shown(folder / "campaigns" / f"{campaign.id}.yml"),
            "segment",
            f"no segment {campaign.segment!r} in segments.yml",
            f"use one of: {', '.join(sorted(known)) or 'none defined yet'}",
        )
        for campaign in campaigns
        if campaign.segment not in known
    ]


def _campaigns_without_offer(folder: Path, campaigns: tuple[Campaign, ...], offers: Offers) -> list[Mistake]:
    known = sorted(offer.id for offer in offers.offers)
    return [
        Mistake(
            _shown(folder / "campaigns" / f"{campaign.id}.yml"),
            "offer",
            f"no offer {campaign.offer!r} in offers.yml",
            f"use one of: {', '.join(known) or 'none defined yet'}",
        )
        for campaign in campaigns
        if campaign.offer is not None and campaign.offer not in known
    ]


def _hash_of(folder: Path) -> str:
    """SHA-256 over the names and bytes of the YAML, Markdown and MJML files, in a stable order."""
    digest = hashlib.sha256()
    kinds = {".yml", ".md", ".mjml"}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in kinds:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _shown(path: Path) -> str:
    """A path as people typed it: relative to where they stand, when it is below."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
