"""Great Expectations: what must hold at the three hand-overs. Imports nothing first-party."""
