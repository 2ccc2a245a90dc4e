"""Renders the chart with each file of `ci/`, for an install and an upgrade, and with values that must be refused."""

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from configurations import nats_problem, nginx_problem
from manifests import Rendered, hooks_of, name_of, part_of
from rules import RULES
from workshop import ROOT, program

from nightowl_cli.generate_chart import definitions, fields_of, is_secret
from nightowl_cli.routing import SERVICES, WEB
from nightowl_common.settings import SettingsError, load_settings

CHART = ROOT / "charts" / "nightowl"
HELM = ROOT / "tools" / "deploy" / "helm.py"
HOWTO = ROOT / "docs" / "howto" / "install-on-kubernetes.md"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
Values = dict[str, Any]

SOMEWHERE = {
    "DATABASE_URL": "postgresql://owl@database:5432/owl",
    "NATS_URL": "nats://bus:4222",
    "REDIS_URL": "redis://cache:6379/0",
}
"""What a Secret of somebody else's holds at least."""

WRONG: tuple[tuple[Values, str], ...] = (
    ({"secret": {"values": {"DATABASE_URL": ""}}}, "DATABASE_URL is missing: set secret.values.DATABASE_URL"),
    ({"replicas": 2}, "additional properties 'replicas' not allowed"),
    ({"services": {"ingest": {"replicas": "two"}}}, "at '/services/ingest/replicas': got string, want integer"),
    ({"services": {"ingest": {"settings": {"NIGHTOWL_BATCH_SIZE": 5}}}}, "'NIGHTOWL_BATCH_SIZE' not allowed"),
    ({"services": {"enrichment": {"settings": {"NIGHTOWL_BATCH_SIZE": 5_000}}}}, "maximum: got 5,000, want 1,000"),
    ({"settings": {"NIGHTOWL_LOG_LEVEL": "loud"}}, "value must be one of 'debug', 'error', 'info', 'warning'"),
    ({"secret": {"values": {"SLACK_TOKEN": "x"}}}, "additional properties 'SLACK_TOKEN' not allowed"),
    ({"ingress": {"enabled": True}}, "ingress.host is missing"),
    ({"ingress": {"host": "https://owl.example.com/"}}, "at '/ingress/host'"),
    ({"streams": {"replicas": 2}}, "value must be one of 1, 3, 5"),
    ({"image": {"digest": "latest"}}, "at '/image/digest'"),
    ({"services": {"query": {"autoscaling": {"enabled": True, "minReplicas": 9}}}}, "minReplicas above maxReplicas"),
    (
        {"keda": {"enabled": True}, "services": {"notifier": {"autoscaling": {"enabled": True}}}},
        "keda.natsMonitoring: say <host>:<port>",
    ),
    ({"postgres": {"enabled": True, "password": "p@ss"}}, "at '/postgres/password'"),
    ({"services": {"ingest": {"resources": {"limits": {"memory": "lots"}}}}}, "at '/services/ingest/resources"),
)
"""(what is laid over `ci/default-values.yaml`, words of the refusal)."""


@dataclass(frozen=True)
class Case:
    """One rendering."""

    name: str
    values: Values
    is_upgrade: bool = False
    refusal: str | None = None


def findings() -> Iterator[str]:
    """Everything that is wrong with the chart."""
    cases = [*_good(), *_wrong()]
    said = _run(cases)
    yield from (f"helm lint: {each}" for each in _lint(said["lint"]))
    for case, outcome in zip(cases, said["outcomes"], strict=True):
        for each in _judge(case, outcome):
            yield f"{case.name}: {each}"
    yield from _as_the_binary_has_it(cases)


def _good() -> Iterator[Case]:
    for path in sorted((CHART / "ci").glob("*-values.yaml")):
        values = yaml.safe_load(path.read_text())
        for is_upgrade in (False, True):
            point = "upgrade" if is_upgrade else "install"
            yield Case(f"{path.name.removesuffix('-values.yaml')}, {point}", values, is_upgrade)
    yield Case("every setting", _every_setting())
    base = yaml.safe_load((CHART / "ci" / "default-values.yaml").read_text())
    for number, block in enumerate(_BLOCK.findall(HOWTO.read_text()), start=1):
        yield Case(f"{HOWTO.name}, values {number}", _laid_over(base, yaml.safe_load(block)))


def _wrong() -> Iterator[Case]:
    base = yaml.safe_load((CHART / "ci" / "default-values.yaml").read_text())
    for over, words in WRONG:
        yield Case(f"refused: {json.dumps(over)}", _laid_over(base, over), refusal=words)


def _run(cases: list[Case]) -> dict[str, Any]:
    jobs = [{"values": each.values, "is_upgrade": each.is_upgrade} for each in cases]
    done = subprocess.run(
        [program("python"), HELM], input=json.dumps({"chart": str(CHART), "lint": True, "jobs": jobs}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def _lint(report: Mapping[str, Any]) -> list[str]:
    told = [each["error"] for each in report["messages"] if each["severity"] > 1]  # an icon is only recommended
    return told + list(report["errors"])


def _judge(case: Case, outcome: Mapping[str, Any]) -> Iterator[str]:
    error = outcome.get("error")
    if case.refusal is not None:
        if error is None:
            yield "is taken"
        elif case.refusal not in error:
            yield f"is refused, but not with the words “{case.refusal}”: {error}"
        return
    if error is not None:
        yield error
        return
    yield from outcome["findings"]
    rendered = Rendered(tuple(each["document"] for each in outcome["manifests"]))
    for rule in RULES:
        yield from (f"{each} [{rule.__name__}]" for each in rule(rendered))
    yield from _settings(case, rendered)
    yield from _prepared(case, rendered)
    yield from _watched(case, rendered)
    yield from _understood(case, rendered)
    if "nightowl tenant create" not in outcome["notes"]:
        yield "NOTES.txt does not say what comes next"


def _settings(case: Case, rendered: Rendered) -> Iterator[str]:
    """Each service reads what the chart gives it, and is given nothing that it does not read."""
    for deployment in rendered.ours():
        service = str(part_of(deployment))
        if service == WEB:
            continue
        environment = rendered.environment(deployment, SOMEWHERE)
        known = {each.encode_name for each in fields_of(service)} | {"POSTGRES_PASSWORD"}
        if environment.keys() - known:
            yield f"{service} is given {sorted(environment.keys() - known)}"
        if case.name == "every setting":
            yield from _nothing_out_of_reach(service, environment, case.values)
            continue
        try:
            load_settings(importlib.import_module(f"nightowl_{service}.settings").Settings, environment)
        except SettingsError as error:
            yield f"{service} refuses its settings: {error.detail}"


def _nothing_out_of_reach(service: str, environment: Mapping[str, str], values: Values) -> Iterator[str]:
    wanted = {each.encode_name for each in fields_of(service)}
    if wanted - environment.keys():
        yield f"{service}: no value sets {sorted(wanted - environment.keys())}"
    for name, value in values["services"][service]["settings"].items():
        text = value if isinstance(value, str) else json.dumps(value)
        if environment.get(name) != text:
            yield f"{service}: {name} is {environment.get(name)!r} where {text!r} was said"


def _every_setting() -> Values:
    """Values that set every setting of every service to something."""
    known = definitions()
    services = {
        service: {"settings": {n: _sample(s) for n, s in known[f"settings.{service}"]["properties"].items()}}
        for service in SERVICES
    }
    secrets = {
        each.encode_name: SOMEWHERE.get(each.encode_name, "sample")
        for service in SERVICES for each in fields_of(service) if is_secret(each)
    }  # fmt: skip
    return {"services": services, "secret": {"values": secrets}}


def _sample(schema: Mapping[str, Any]) -> object:
    """A value that the schema takes."""
    for branch in schema.get("anyOf", ()):
        if branch.get("type") != "null":
            return _sample(branch)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "boolean":
            return True
        case "integer":
            return schema.get("maximum", max(schema.get("minimum", 0), schema.get("exclusiveMinimum", 0)) + 1_234_567)
        case "number":
            return schema.get("maximum", 0.125)
    tried = ("sample", "https://owl.example.com", "+12025550100", "owl@example.com")
    return next(each for each in tried if re.search(schema.get("pattern", ""), each))


def _prepared(case: Case, rendered: Rendered) -> Iterator[str]:
    """Migrations and streams come first: before new code where servers are there, beside it where they only begin."""
    own = case.values.get("postgres", {}).get("enabled") or case.values.get("nats", {}).get("enabled")
    before = frozenset({"pre-install", "pre-upgrade"})
    expected = {"migrate": before, "streams": before}
    if case.is_upgrade:
        expected["migrate-post"] = frozenset({"post-upgrade"})
    elif own:
        expected = {"migrate-1": frozenset(), "streams-1": frozenset()}
    found = {name_of(each).removeprefix("owl-nightowl-"): hooks_of(each) for each in rendered.of("Job")}
    if found != expected:
        yield f"Jobs are {found}, not {expected}"
    arguments = {name_of(job): job["spec"]["template"]["spec"]["containers"][0]["args"] for job in rendered.of("Job")}
    contracting = {name.removeprefix("owl-nightowl-") for name, given in arguments.items() if "--post" in given}
    if contracting != expected.keys() & {"migrate-post"}:
        yield f"what old code cannot run on is applied by {sorted(contracting)}, and only after an upgrade it may be"


def _watched(case: Case, rendered: Rendered) -> Iterator[str]:
    """The rules and dashboards that lie beside the templates are in the manifests, whole."""
    asked = case.values.get("metrics", {})
    rules = [yaml.safe_load(path.read_text())["groups"] for path in sorted((CHART / "rules").glob("*.yaml"))]
    found = [each["spec"]["groups"] for each in rendered.of("PrometheusRule")]
    if found != (rules if asked.get("prometheusRule", {}).get("enabled") else []):
        yield "the rules in the manifests are not those of rules/"
    boards = {path.name: json.loads(path.read_text()) for path in (CHART / "dashboards").glob("*.json")}
    shown = {
        name: json.loads(text)
        for each in rendered.of("ConfigMap") if "-dashboard-" in name_of(each) for name, text in each["data"].items()
    }  # fmt: skip
    if shown != (boards if asked.get("dashboards", {}).get("enabled") else {}):
        yield "the dashboards in the manifests are not those of dashboards/"


def _understood(case: Case, rendered: Rendered) -> Iterator[str]:
    """NATS and nginx take the configuration that is made for them."""
    if not case.name.endswith("install"):
        return
    nats = rendered.find("ConfigMap", "owl-nats")
    if nats is not None and (problem := nats_problem(nats["data"]["nats.conf"])):
        yield problem
    web = rendered.find("ConfigMap", "owl-nightowl-web")
    if web is None or (problem := nginx_problem(web["data"]["routes.conf"], web["data"]["upstreams.conf"])):
        yield f"the routes of web: {web and problem}"


def _as_the_binary_has_it(cases: list[Case]) -> Iterator[str]:
    """Where there is a `helm`, it takes and refuses the same."""
    binary = shutil.which("helm")
    if binary is None:
        return
    for case in cases:
        command = [binary, "template", "owl", str(CHART), "--namespace", "paging", "--values", "-"]
        upgrade = ["--is-upgrade"] if case.is_upgrade else []
        asked = json.dumps(case.values)
        done = subprocess.run([*command, *upgrade], input=asked, text=True, capture_output=True, check=False)
        if (done.returncode == 0) != (case.refusal is None):
            yield f"{case.name}: helm itself says otherwise: {done.stderr.strip()[-500:]}"


def _laid_over(base: Values, over: Values) -> Values:
    merged = dict(base)
    for name, value in over.items():
        inner = merged.get(name)
        merged[name] = _laid_over(inner, value) if isinstance(value, dict) and isinstance(inner, dict) else value
    return merged
