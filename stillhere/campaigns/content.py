"""What a campaign says and to whom: what an approval is bound to.

Its file, its words in every language, its offer, the layout, and the rule of its list. Comments, the order of keys and
a campaign being switched off and on are no change; a default that a newer Stillhere adds is none either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stillhere.mails.content import Layout
from stillhere.settings import Campaign, Segment, Settings

NOT_CONTENT = {"enabled"}
"""Keys of a campaign's file that change neither what it says nor whom it reaches."""


@dataclass(frozen=True)
class CampaignContent:
    """One campaign's content. `words` is language to the file's text; `rule` the conditions of its list."""

    campaign: str
    file: Mapping[str, Any]
    rule: Mapping[str, Any]
    words: Mapping[str, str] = field(default_factory=dict)
    offer: Mapping[str, Any] | None = None
    layout: str = ""

    @property
    def content_hash(self) -> str:
        """SHA-256 over all of it in canonical form."""
        text = json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """As stored with an approval. The layout is kept as its digest: nobody reads its source in a difference."""
        return {**asdict(self), "layout": hashlib.sha256(self.layout.encode()).hexdigest() if self.layout else ""}


def content_of(settings: Settings, campaign: Campaign) -> CampaignContent:
    """The content of one campaign as its files are now."""
    segment = next((one for one in settings.segments.segments if one.id == campaign.segment), None)
    is_mail = campaign.what == "mail"
    return CampaignContent(
        campaign=campaign.id,
        file=campaign.model_dump(mode="json", exclude_unset=True, exclude=NOT_CONTENT),
        rule=_rule(segment) if segment else {},
        words=_words(settings.folder, campaign.id) if is_mail else {},
        offer=_offer(settings, campaign.offer) if campaign.offer else None,
        layout=Layout.of(settings.folder).source if is_mail else "",
    )


def content_hashes(settings: Settings) -> dict[str, str]:
    """Campaign to the hash of its content, for the campaigns that are switched on."""
    return {one.id: content_of(settings, one).content_hash for one in settings.campaigns if one.enabled}


def _rule(segment: Segment) -> dict[str, Any]:
    return {"all": dict(segment.all), "any": dict(segment.any), "stay_days": segment.stay_days}


def _words(folder: Path, campaign: str) -> dict[str, str]:
    files = sorted((folder / "campaigns" / campaign).glob("*.md"))
    return {file.stem: file.read_text(encoding="utf-8").replace("\r\n", "\n") for file in files}


def _offer(settings: Settings, name: str) -> dict[str, Any]:
    """The terms of an offer as `offers.yml` states them; an offer that is not there has none."""
    offer = settings.offers.get(name)
    return offer.model_dump(mode="json", exclude_unset=True) if offer else {"id": name}
