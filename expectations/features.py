"""Hand-over 2: is what the model reads, and what lists and mails say, plausible?"""

from __future__ import annotations

import time

from expectations.engine import Engine
from expectations.features_drift import drift_figures
from expectations.features_tables import row_results, table_figures
from expectations.figures import figure_results
from expectations.report import GateReport
from expectations.requests import FeaturesRequest
from expectations.unreadable import unreadable_report


def check_features(request: FeaturesRequest) -> GateReport:
    """Checks the marts of this night in the warehouse."""
    started = time.monotonic()
    try:
        with Engine(request.database) as engine:
            results = row_results(engine, request)
            placed = [*table_figures(engine, request), *drift_figures(engine, request)]
            results += figure_results(engine, placed)
    except Exception as error:  # a file that cannot be opened is a finding too
        return unreadable_report("features", request.as_of, "warehouse.duckdb", error)
    return GateReport("features", request.as_of, tuple(results), seconds=time.monotonic() - started)
