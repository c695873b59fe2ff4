"""`churn.yml`: what leaving means for this company, and how the model looks at its past."""

from __future__ import annotations

from pydantic import Field

from stillhere.settings.model import ConfigurationModel


class Churn(ConfigurationModel):
    """The whole of `churn.yml`. Days are calendar days of the company."""

    horizon_days: int = Field(default=60, ge=1, le=366)
    active_days: int = Field(default=90, ge=1, le=730, description="shop: customers are those who ordered in these")
    cutoffs: int = Field(default=16, ge=1, le=60)
    cutoff_step_days: int = Field(default=28, ge=1, le=366)
    min_history_days: int = Field(default=60, ge=0)
    min_leavers: int = Field(default=50, ge=2, description="below this no model is fitted: a stated rule is used")
    flag_share: float = Field(default=0.10, gt=0, le=0.5, description="the riskiest share that is called slipping")
    retrain_days: int = Field(default=7, ge=1, description="a challenger is trained when the newest model is older")
    replace_after_days: int = Field(default=182, ge=1, description="an older model is replaced without a contest")
