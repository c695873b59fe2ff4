"""Registered models: `<folder>/<model_id>/model.skops` with its card, and `current`, a symlink to the one in use.

Files are skops, never pickle: loading one runs no code of the file's choosing. A model folder appears by one rename,
so a killed training leaves nothing half-registered.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import skops.io

from models.bg_nbd import BgNbd
from models.calibrate import Calibration
from models.card import card_as_markdown
from models.errors import RegistryError
from models.fit import Members
from models.horizon import Horizon
from models.meaning import Part, PastCount
from models.model import Card, RiskModel

CURRENT = "current"
UNFINISHED = ".unfinished-"

TRUSTED = frozenset(
    {
        "numpy.dtype",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    }
)
"""What a fitted boosting holds beyond skops's own safe list. Anything else in a file is refused."""


def register(
    folder: Path, model: RiskModel, *, make_current: bool = True, papers: Mapping[str, str] | None = None
) -> Path:
    """Writes a model beside the others and returns its folder; one with the same id is already the same model.

    `papers` are further files beside its card: name to text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _clear_unfinished(folder)
    home = folder / model.card.model_id
    if not home.exists():
        unfinished = folder / f"{UNFINISHED}{model.card.model_id}"
        unfinished.mkdir()
        skops.io.dump(_contents(model), unfinished / "model.skops")
        (unfinished / "card.json").write_text(card_as_json(model.card), encoding="utf-8")
        (unfinished / "card.md").write_text(card_as_markdown(model.card), encoding="utf-8")
        for name, text in (papers or {}).items():
            (unfinished / name).write_text(text, encoding="utf-8")
        unfinished.rename(home)
    if make_current:
        set_current(folder, model.card.model_id)
    return home


def set_current(folder: Path, model_id: str) -> None:
    """Points `current` at a registered model by one rename."""
    if not (folder / model_id / "card.json").is_file():
        raise RegistryError(f"{model_id}: no such model in {folder}; `stillhere train` registers one")
    link = folder / f"{UNFINISHED}{CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(model_id, target_is_directory=True)
    link.replace(folder / CURRENT)


def current_id(folder: Path) -> str | None:
    """The id of the model in use, or None."""
    link = folder / CURRENT
    return link.readlink().name if link.is_symlink() and link.exists() else None


def registered(folder: Path) -> tuple[Card, ...]:
    """The cards of all registered models, oldest training day first."""
    if not folder.is_dir():
        return ()
    homes = [home for home in folder.iterdir() if home.name != CURRENT and not home.name.startswith(UNFINISHED)]
    cards = [read_card(home) for home in homes if (home / "card.json").is_file()]
    return tuple(sorted(cards, key=lambda card: (card.trained_as_of, card.model_id)))


def load(folder: Path, model_id: str) -> RiskModel:
    """A registered model. Raises RegistryError if it is not there or its file holds a type we don't trust."""
    home = folder / model_id
    path = home / "model.skops"
    if not path.is_file():
        raise RegistryError(f"{model_id}: no such model in {folder}; `stillhere train` registers one")
    foreign = sorted(set(skops.io.get_untrusted_types(file=path)) - TRUSTED)
    if foreign:
        raise RegistryError(f"{path}: holds types that no model of ours has ({', '.join(foreign)}); not loaded")
    contents: dict[str, Any] = skops.io.load(path, trusted=sorted(TRUSTED))
    calibration = Calibration(contents["method"], contents["x"], contents["y"])
    members = Members(contents["columns"], contents["fits"])
    return RiskModel(read_card(home), members, calibration, contents["typical"], _horizon(contents.get("horizon")))


def read_card(home: Path) -> Card:
    """The card in a model's folder."""
    told = json.loads((home / "card.json").read_text(encoding="utf-8"))
    told["trained_as_of"] = date.fromisoformat(told["trained_as_of"])
    for name in ("fit_cutoffs", "calibration_cutoffs"):
        told[name] = tuple(date.fromisoformat(day) for day in told[name])
    for name in ("features", "empty_features", "notes", "learned_by"):
        told[name] = tuple(told.get(name, ()))  # an older card has no such line
    told["parts"] = tuple(Part(**part) for part in told.get("parts", ()))
    told["past_counts"] = tuple(
        PastCount(**{**count, "cutoff": date.fromisoformat(count["cutoff"])}) for count in told.get("past_counts", ())
    )
    return Card(**{field.name: told[field.name] for field in fields(Card) if field.name in told})


def read_paper(folder: Path, model_id: str, name: str) -> str | None:
    """The text of a file beside a model's card; None where it has none of that name (registered by older code)."""
    file = folder / model_id / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


def card_as_json(card: Card) -> str:
    """The card, keys sorted, days as ISO text."""
    return json.dumps(asdict(card), indent=1, sort_keys=True, default=str) + os.linesep


def _contents(model: RiskModel) -> dict[str, Any]:
    return {
        "columns": model.members.columns,
        "fits": model.members.fits,
        "method": model.calibration.method,
        "x": np.asarray(model.calibration.x),
        "y": np.asarray(model.calibration.y),
        "typical": dict(model.typical),
        "horizon": asdict(model.horizon) if model.horizon else None,
    }


def _horizon(told: dict[str, Any] | None) -> Horizon | None:
    return Horizon(told["days"], BgNbd(**told["rhythm"])) if told else None


def _clear_unfinished(folder: Path) -> None:
    """Takes away what a killed training left; the night's lock keeps two from training at once."""
    for left in folder.glob(f"{UNFINISHED}*"):
        if left.is_symlink():
            left.unlink()
        else:
            shutil.rmtree(left)
