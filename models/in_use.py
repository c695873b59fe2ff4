"""Which model has been in use since when, by whose word: `in_use.json` beside the models, and the `current` link.

A model that a person chose is pinned: trainings go on comparing, and none takes over until a person unpins.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from models.registry import current_id, set_current

IN_USE_FILE = "in_use.json"
TRAINING = "training"
"""Who changed the model when no person did."""


@dataclass(frozen=True, slots=True)
class Change:
    """From `on` (a company day) this model is in use. `by` is a person's name at the machine, or training."""

    model_id: str
    on: date
    by: str
    because: str
    is_pinned: bool = False


def changes(folder: Path) -> tuple[Change, ...]:
    """All changes of the model in use, oldest first."""
    file = folder / IN_USE_FILE
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return tuple(Change(**{**one, "on": date.fromisoformat(one["on"])}) for one in told)


def put_in_use(folder: Path, change: Change) -> None:
    """Points `current` at a registered model and notes it. Raises RegistryError for one that is not there."""
    set_current(folder, change.model_id)
    told = [{**asdict(one), "on": one.on.isoformat()} for one in (*changes(folder), change)]
    unfinished = folder / f"{IN_USE_FILE}.unfinished"
    unfinished.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(folder / IN_USE_FILE)


def latest_change(folder: Path) -> Change | None:
    """The note about the model in use; None where there is none."""
    noted = changes(folder)
    return noted[-1] if noted and noted[-1].model_id == current_id(folder) else None


def in_use_since(folder: Path) -> Change | None:
    """The change that brought the model in use; pinning or unpinning it later is none."""
    latest = latest_change(folder)
    if latest is None:
        return None
    brought = latest
    for one in reversed(changes(folder)):
        if one.model_id != latest.model_id:
            break
        brought = one
    return brought


def earlier_models(folder: Path) -> tuple[str, ...]:
    """Models that were in use before the present one, the latest first, each once."""
    current = current_id(folder)
    return tuple(dict.fromkeys(one.model_id for one in reversed(changes(folder)) if one.model_id != current))
