"""Rendered manifests, and questions to them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
WORKLOADS = ("Deployment", "StatefulSet", "Job")


@dataclass(frozen=True)
class Rendered:
    """All manifests of one rendering."""

    documents: tuple[Document, ...]

    def of(self, *kinds: str) -> Iterator[Document]:
        """Those of some kinds."""
        return (each for each in self.documents if each["kind"] in kinds)

    def find(self, kind: str, name: str) -> Document | None:
        """One of them, or None."""
        return next((each for each in self.of(kind) if name_of(each) == name), None)

    def ours(self) -> Iterator[Document]:
        """The Deployments of services and web, without servers of sub-charts."""
        return (each for each in self.of("Deployment") if part_of(each))

    def environment(self, workload: Document, secrets: Mapping[str, str]) -> dict[str, str]:
        """What the first container is started with. `secrets` are the values of Secrets that are not rendered."""
        container = pod_of(workload)["containers"][0]
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            configured = self.find("ConfigMap", source["configMapRef"]["name"])
            found |= {} if configured is None else configured.get("data") or {}
        for each in container.get("env", []):
            value = each["value"] if "value" in each else self._secret(each["valueFrom"]["secretKeyRef"], secrets)
            if value is not None:
                found[each["name"]] = value
        return found

    def _secret(self, reference: Mapping[str, str], secrets: Mapping[str, str]) -> str | None:
        rendered = self.find("Secret", reference["name"])
        known = secrets if rendered is None else rendered["stringData"]
        return known.get(reference["key"])


def name_of(document: Document) -> str:
    """`metadata.name`."""
    name: str = document["metadata"]["name"]
    return name


def part_of(document: Document) -> str | None:
    """`ingest`, `web`, …; None for what is not one of ours."""
    part: str | None = document["metadata"]["labels"].get("app.kubernetes.io/component")
    return part


def pod_of(workload: Document) -> Mapping[str, Any]:
    """The pod that a workload makes."""
    pod: Mapping[str, Any] = workload["spec"]["template"]["spec"]
    return pod


def fits(selector: Mapping[str, str], workload: Document) -> bool:
    """Whether a selector finds the pods of a workload."""
    labels: Mapping[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return selector.items() <= labels.items()


def hooks_of(document: Document) -> frozenset[str]:
    """At which points of a release it is made; none: it is part of the release."""
    said = document["metadata"].get("annotations", {}).get("helm.sh/hook", "")
    return frozenset(filter(None, said.split(",")))
