"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("stillhere", deadline=None)  # a busy machine is no finding
settings.load_profile("stillhere")
