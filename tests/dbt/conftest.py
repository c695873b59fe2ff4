"""What the tests of the dbt project share: a PostgreSQL server as the models' second engine."""

from __future__ import annotations

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]  # fixtures, used by name
