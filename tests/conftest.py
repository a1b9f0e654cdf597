"""Property tests draw the same examples on every run, so that a failure on one machine is a failure on all."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("kdcore", derandomize=True, deadline=None, database=None)
settings.load_profile("kdcore")
