"""How long the fuzz suite looks: the examples of each of its tests.

pytest tests/fuzz                               about a minute, the same examples every time
pytest tests/fuzz --hypothesis-profile=hour     about an hour, other examples every time
"""

from hypothesis import HealthCheck, settings

everything = list(HealthCheck)  # an example may take seconds: a command runs
common = {"deadline": None, "suppress_health_check": everything, "print_blob": True}
settings.register_profile("minute", max_examples=60, derandomize=True, database=None, **common)
settings.register_profile("hour", max_examples=10_000, **common)
settings.load_profile("minute")
