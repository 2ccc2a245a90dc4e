"""Dashboards, alert rules and runbooks name what there is: metrics, labels, commands, each other."""

import importlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import promql_parser as promql
import pytest
import yaml

from nightowl_cli.generate_metrics import declared
from nightowl_cli.main import cli

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts/nightowl"
RUNBOOKS = ROOT / "docs/runbooks"

OF_TARGETS = {"job", "instance"}
"""Labels that the scrape adds."""

OF_OTHERS = {
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
    "certmanager_certificate_expiration_timestamp_seconds": {"namespace", "name"},
}
"""Metrics of the Python client and of cert-manager."""

OF_SEED = {
    "nightowl_api_request_duration_seconds": {"method", "path", "status"},
    "nightowl_alerts_received_total": {"source", "severity"},
    "nightowl_alerts_deduplicated_total": set(),
    "nightowl_alerts_agent_resolved_total": set(),
    "nightowl_alert_processing_duration_seconds": set(),
    "nightowl_alerts_escalated_total": {"tier"},
    "nightowl_slack_notifications_total": {"type"},
}


@cache
def series() -> dict[str, set[str]]:
    """Every name that a query may ask for, with its labels."""
    found = {name: set(labels) for name, labels in OF_OTHERS.items()}
    for each in declared():
        labels = set(each.labels)
        if each.kind == "histogram":
            found |= {f"{each.name}_bucket": labels | {"le"}, f"{each.name}_sum": labels, f"{each.name}_count": labels}
        else:
            found[each.name] = labels
    return found


def rules() -> list[dict]:
    files = sorted((CHART / "rules").glob("*.yaml"))
    return [
        rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
    ]  # fmt: skip


def queries() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield f"rule {rule['alert']}", rule["expr"]
    for file in sorted((CHART / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.name}: {panel['title']}", target["expr"]


def nodes(expression: promql.Expr) -> list[promql.Expr]:
    found: list[promql.Expr] = []
    promql.walk(expression, lambda node: found.append(node) or True)
    return found


def selectors(expression: promql.Expr) -> list[promql.VectorSelector]:
    return [each for each in nodes(expression) if isinstance(each, promql.VectorSelector)]


def labels_of(expression: promql.Expr) -> set[str]:
    return OF_TARGETS.union(*(series().get(each.name, set()) for each in selectors(expression)))


@pytest.mark.parametrize(("place", "query"), list(queries()), ids=lambda text: text[:60])
def test_a_query_names_metrics_and_labels_that_exist(place: str, query: str) -> None:
    """It parses; each series is one that some service tells, and has each label that is asked for."""
    expression = promql.parse(query)

    assert selectors(expression), place
    for selector in selectors(expression):
        assert selector.name in series(), f"{place}: there is no {selector.name}"
        asked = {each.name for each in selector.matchers.matchers}
        assert asked <= series()[selector.name] | OF_TARGETS, f"{place}: labels of {selector.name}"
    for node in nodes(expression):
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            assert set(node.modifier.labels) <= labels_of(node), f"{place}: {node.modifier}"


def test_the_check_sees_what_is_wrong() -> None:
    """A series that no service tells, and a label that a series has not."""
    with pytest.raises(AssertionError, match="there is no nightowl_owls"):
        test_a_query_names_metrics_and_labels_that_exist("planted", "sum(nightowl_owls)")
    with pytest.raises(AssertionError, match="labels of"):
        test_a_query_names_metrics_and_labels_that_exist("planted", 'nightowl_outbox_bundles{tenant="acme"}')
    with pytest.raises(AssertionError, match="planted"):
        test_a_query_names_metrics_and_labels_that_exist("planted", "sum by (tenant) (nightowl_outbox_bundles)")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_says_how_bad_it_is_and_what_to_do(rule: dict) -> None:
    """A severity that routes it, a sentence with labels that it has, and a runbook that is there."""
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{rule['alert']}.md"
    assert (ROOT / rule["annotations"]["runbook_url"]).is_file()
    named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert named <= labels_of(promql.parse(rule["expr"]))


def test_every_runbook_has_its_rule() -> None:
    """One each, and no rule twice."""
    names = [rule["alert"] for rule in rules()]

    assert len(names) == len(set(names))
    assert {file.stem for file in RUNBOOKS.glob("*.md")} - {"README"} == set(names)


@pytest.mark.parametrize("file", sorted(RUNBOOKS.glob("NightOwl*.md")), ids=lambda file: file.stem)
def test_a_runbook_answers_the_four_questions_with_commands_that_exist(file: Path) -> None:
    """What it means, what people feel, where to look, what to do; and queries in it name what there is."""
    text = file.read_text()

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Meaning", "Impact", "Look", "Do"]
    for line in re.findall(r"^nightowl .+$", text, re.MULTILINE):
        assert_exists(line.split()[1:])
    for query in re.findall(r"^```promql\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL):
        test_a_query_names_metrics_and_labels_that_exist(file.stem, query)
    assert set(re.findall(r"\bnightowl_\w+", text)) <= series().keys() | {each.name for each in declared()}


def assert_exists(words: list[str]) -> None:
    """That the command line has such a command."""
    command: click.Command = cli
    for word in words:
        if not isinstance(command, click.Group):
            return
        assert word in command.commands, f"nightowl has no command {' '.join(words)}"
        command = command.commands[word]


@pytest.mark.parametrize("name", sorted(OF_SEED))
def test_the_promised_metrics_are_there(name: str) -> None:
    """Under the names that dashboards of users rely on."""
    found = {each.name: set(each.labels) for each in declared()}

    assert found[name] == OF_SEED[name]


def test_every_metric_is_declared_in_a_telemetry_module() -> None:
    """So none is missing in the reference: whatever the services register when they are imported is documented."""
    from prometheus_client import REGISTRY  # noqa: PLC0415  (after the services)

    for service in ("ingest", "enrichment", "escalation", "notifier", "query"):
        importlib.import_module(f"nightowl_{service}.app")

    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("nightowl_")}
    assert ours <= {each.name.removesuffix("_total") for each in declared()}
