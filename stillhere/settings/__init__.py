"""What a company has configured, read and checked once at the start of a run."""

from stillhere.settings.campaigns import Campaign
from stillhere.settings.churn import Churn
from stillhere.settings.company import ActivityWords, Company
from stillhere.settings.environment import Environment
from stillhere.settings.errors import ConfigurationError, Mistake, StillhereError
from stillhere.settings.goodbye import Goodbye
from stillhere.settings.load import Settings, load_settings
from stillhere.settings.offers import Offer, Offers
from stillhere.settings.places import Places
from stillhere.settings.segments import Segment, Segments
from stillhere.settings.sources import ColumnMap, RelationMap, Resource, Source, Sources

__all__ = [
    "ActivityWords",
    "Campaign",
    "Churn",
    "ColumnMap",
    "Company",
    "ConfigurationError",
    "Environment",
    "Goodbye",
    "Mistake",
    "Offer",
    "Offers",
    "Places",
    "RelationMap",
    "Resource",
    "Segment",
    "Segments",
    "Settings",
    "Source",
    "Sources",
    "StillhereError",
    "load_settings",
]
