from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# `short` is what everybody runs, `long` what CI does, and `thorough` looks long before a release.
settings.register_profile("short", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("short"), max_examples=100)
settings.register_profile("thorough", settings.get_profile("short"), max_examples=1_500)
settings.load_profile(os.environ.get("MDPOVERTY_PROFILE", "short"))
