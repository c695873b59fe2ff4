"""The night's own DuckDB file: what goes in before dbt, what comes out after, and how it is published."""
