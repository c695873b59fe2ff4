"""`churn.yml`: what leaving means for this company, and how the model looks at its past."""

from __future__ import annotations

from pydantic import Field

from stillhere.settings.model import ConfigurationModel


class Outreach(ConfigurationModel):
    """What turning to a customer costs, and what it is assumed to bring. Minor units of the reporting currency."""

    cost_minor: int = Field(default=500, ge=0, description="of one mail or call, people's time included")
    assumed_effect_share: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="of leavers kept by an outreach: an assumption, not a finding",
    )


class Churn(ConfigurationModel):
    """The whole of `churn.yml`. Days are calendar days of the company."""

    horizon_days: int = Field(default=60, ge=1, le=366)
    active_days: int = Field(default=90, ge=1, le=730, description="shop: customers are those who ordered in these")
    cutoffs: int = Field(default=16, ge=1, le=60)
    cutoff_step_days: int = Field(default=28, ge=1, le=366)
    min_history_days: int = Field(default=60, ge=0)
    min_leavers: int = Field(default=50, ge=2, description="below this no model is fitted: a stated rule is used")
    flag_share: float = Field(default=0.10, gt=0, le=0.5, description="the riskiest share that is called slipping")
    outreach: Outreach = Outreach()
    retrain_days: int = Field(default=7, ge=1, description="a challenger is trained when the newest model is older")
    replace_after_days: int = Field(default=182, ge=1, description="an older model is replaced without a contest")
