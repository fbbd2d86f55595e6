from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# `fast` is what everybody runs; `thorough` looks a hundred times as long before a release.
settings.register_profile("fast", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("fast"), max_examples=1_500)
settings.load_profile(os.environ.get("MDPOVERTY_PROFILE", "fast"))
