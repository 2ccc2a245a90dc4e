"""Runs in the workshop: renders the chart with Helm's own engine and validates what comes out. JSON in, JSON out.

In: `{"chart": folder, "jobs": [{"values": …, "is_upgrade": …}, …]}`. Out, for each job: `error` (Helm's words), or
`manifests` (path, document) and `findings` (what the Kubernetes schemas say). Kinds that Kubernetes does not define are
judged by the schemas beside this file, which hold the fields that the chart uses.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import jsonschema
import kubernetes_validate
import yaml
from referencing import Registry, Resource

RELEASE, NAMESPACE = "owl", "paging"
KUBERNETES = ("1.27", "1.37")
"""The oldest that Chart.yaml takes, and the newest that is known here."""

DEFINED_ELSEWHERE = Path(__file__).with_name("crds.yaml")


def main() -> None:
    """Reads jobs, writes outcomes."""
    asked = json.load(sys.stdin)
    elsewhere = yaml.safe_load(DEFINED_ELSEWHERE.read_text())
    lint = helm_python.lint(asked["chart"], asked["jobs"][0]["values"], strict=True) if asked.get("lint") else None
    outcomes = [outcome(asked["chart"], job, elsewhere) for job in asked["jobs"]]
    json.dump({"helm": helm_python.helm_sdk_version(), "lint": lint, "outcomes": outcomes}, sys.stdout)


def outcome(chart: str, job: dict[str, Any], elsewhere: dict[str, Any]) -> dict[str, Any]:
    """What Helm makes of one job."""
    is_upgrade = job["is_upgrade"]
    try:
        with helm_python.Chart.load(chart) as loaded:
            files = loaded.render(
                job["values"], name=RELEASE, namespace=NAMESPACE, revision=1 + is_upgrade,
                is_install=not is_upgrade, is_upgrade=is_upgrade,
            )  # fmt: skip
    except helm_python.HelmError as error:
        return {"error": str(error)}
    notes = "".join(text for path, text in files.items() if path.endswith("NOTES.txt"))
    try:
        manifests = [
            {"path": path, "document": document}
            for path, text in files.items()
            if path.endswith(".yaml")
            for document in yaml.safe_load_all(text)
            if document
        ]
    except yaml.YAMLError as error:
        return {"error": f"what is rendered is no YAML: {error}"}
    return {"manifests": manifests, "notes": notes, "findings": [w for m in manifests for w in judge(m, elsewhere)]}


def judge(manifest: dict[str, Any], elsewhere: dict[str, Any]) -> list[str]:
    """What is wrong with a manifest by its schema."""
    document = manifest["document"]
    where = f"{manifest['path']}: {document.get('kind')} {document.get('metadata', {}).get('name')}"
    kind = f"{document.get('apiVersion')}/{document.get('kind')}"
    if kind in elsewhere:
        errors = jsonschema.Draft202012Validator(elsewhere[kind]).iter_errors(document)
        return [f"{where}: {error.json_path}: {error.message}" for error in errors]
    said = []
    for version in KUBERNETES:
        schema = validator(version, document["kind"], document["apiVersion"])
        if schema is None:
            said.append(f"{where}: Kubernetes {version} has no {kind}")
            continue
        said += [f"{where} (Kubernetes {version}): {e.json_path}: {e.message}" for e in schema.iter_errors(document)]
    return said


@cache
def validator(version: str, kind: str, api_version: str) -> jsonschema.Draft202012Validator | None:
    """The schema of a kind, in which no field is free; None where that Kubernetes does not know the kind."""
    group, _, number = api_version.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.partition(".")[0], number)))
    path = schemas(version) / f"{name}.json"
    if not path.is_file():
        return None
    schema = json.loads(path.read_text())
    return jsonschema.Draft202012Validator(schema, registry=Resource.from_contents(schema) @ definitions(version))


@cache
def definitions(version: str) -> Registry[Any]:
    """What the schemas of a version share."""
    shared = json.loads((schemas(version) / "_definitions.json").read_text())
    return Resource.from_contents(shared) @ Registry()


def schemas(version: str) -> Path:
    """The folder of a version, as the wheel brings it."""
    return Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{version}.0-local-strict"


if __name__ == "__main__":
    main()
