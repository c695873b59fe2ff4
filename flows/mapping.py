"""What dbt has to know of a company's configuration, as variables that stay the same from night to night."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from stillhere.connectors import raw_column
from stillhere.settings import ColumnMap, Settings
from stillhere.warehouse.zone_steps import zone_steps


def dbt_variables(settings: Settings) -> dict[str, Any]:
    """`timezone`: the company's; `zone_steps`: when its clocks change; `vendors`: the staging folders in use;
    `mapping`: relation → where its rows come from.

    What changes from night to night comes in tables instead: a changed variable costs a full parse.
    """
    sources = settings.sources
    mapping: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for source_name, source in sorted(sources.sources.items()):
        for resource_name, resource in sorted(source.resources.items()):
            for relation in resource.maps:
                mapping[relation.to].append(
                    {
                        "source": source_name,
                        "resource": resource_name,
                        "zone": source.zone,
                        "key": [raw_column(name) for name in resource.key],
                        "columns": {name: _column(column) for name, column in sorted(relation.columns.items())},
                        "where": {raw_column(name): value for name, value in sorted(relation.where.items())},
                    }
                )
    return {
        "timezone": settings.company.timezone,
        "zone_steps": zone_steps(settings.company.timezone),
        "vendors": list(sources.vendors),
        "mapping": dict(sorted(mapping.items())),
    }


def _column(column: ColumnMap) -> dict[str, Any]:
    spec = column.model_dump(by_alias=True, exclude_none=True)
    return {**spec, "from": raw_column(spec["from"])} if "from" in spec else spec
