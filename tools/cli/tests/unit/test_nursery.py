"""What services are forked from holds nothing that only some of them shall have."""

import subprocess
import sys

SAID = """
import importlib
from prometheus_client import REGISTRY
from nightowl_cli.nursery import SHARED
def metrics():
    return {each.name for each in REGISTRY.collect()}
for module in ("nightowl_common.serve", "nightowl_common.cache"):
    importlib.import_module(module)
common = metrics()
for module in SHARED:
    importlib.import_module(module)
print(*sorted(metrics() - common))
"""


def test_no_metric_is_everybodys_that_only_some_services_count():
    """A service that shows what it never counts would be believed: nothing of that kind, it says for ever."""
    ran = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == []
