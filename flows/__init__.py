"""Prefect: the order of the night, retries, concurrency and alerts. Nothing imports this room."""
