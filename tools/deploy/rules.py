"""What must be true of every rendering of the chart, whatever the values: each rule yields what is against it. Pure."""

from collections.abc import Iterator, Mapping

from manifests import WORKLOADS, Document, Rendered, fits, hooks_of, name_of, part_of, pod_of

from nightowl_cli.generate_chart import CONSUMERS
from nightowl_cli.routing import POSTED, ROUTES, SERVICES, WEB

LONGEST_NAME = 63


def fenced_in(rendered: Rendered) -> Iterator[str]:
    """No pod is root, writes to its image, keeps a capability or holds a token of the cluster."""
    for workload in rendered.of(*WORKLOADS):
        pod, where = pod_of(workload), f"{workload['kind']} {name_of(workload)}"
        security = pod.get("securityContext", {})
        if not security.get("runAsNonRoot") or not security.get("runAsUser"):
            yield f"{where} may be root"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{where} has no seccomp profile"
        if pod.get("automountServiceAccountToken", True):
            yield f"{where} holds a token"
        for container in pod["containers"]:
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation", True) or not own.get("readOnlyRootFilesystem"):
                yield f"{where} may gain rights or write to its image"
            if own.get("capabilities", {}).get("drop") != ["ALL"]:
                yield f"{where} keeps capabilities"


def looked_after(rendered: Rendered) -> Iterator[str]:
    """What runs on is probed, and asks for what it uses; memory has an end."""
    for workload in rendered.of(*WORKLOADS):
        for container in pod_of(workload)["containers"]:
            where = f"{workload['kind']} {name_of(workload)}"
            resources = container.get("resources", {})
            if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
                yield f"{where} does not say what it needs"
            if "memory" not in resources.get("limits", {}):
                yield f"{where} may take all memory"
            missing = {"startupProbe", "livenessProbe", "readinessProbe"} - container.keys()
            if missing and workload["kind"] != "Job":
                yield f"{where} has no {', '.join(sorted(missing))}"


def dispatched_as_in_the_table(rendered: Rendered) -> Iterator[str]:
    """An Ingress sends every path where `nightowl up` does, and what a method tells apart to web."""
    wanted = {prefix.rstrip("/"): WEB for prefix, _ in POSTED} | dict(ROUTES)
    for ingress in rendered.of("Ingress"):
        for rule in ingress["spec"]["rules"]:
            paths = rule["http"]["paths"]
            found = {each["path"]: each["backend"]["service"]["name"].rpartition("-")[2] for each in paths}
            if found != wanted:
                yield f"Ingress {name_of(ingress)}: {sorted(found.items() ^ wanted.items())} is not the dispatch table"
            if {each["pathType"] for each in paths} != {"Prefix"}:
                yield f"Ingress {name_of(ingress)}: paths are not whole segments"


def complete(rendered: Rendered) -> Iterator[str]:
    """There is a Deployment for each service and web; what Services and an Ingress name is there."""
    parts = {part_of(each) for each in rendered.ours()}
    if parts != {*SERVICES, WEB}:
        yield f"Deployments of {sorted(filter(None, parts))}"
    for service in rendered.of("Service"):
        if not _finds_pods(rendered, service["spec"]["selector"]):
            yield f"Service {name_of(service)} finds no pods"
    for ingress in rendered.of("Ingress"):
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            if rendered.find("Service", path["backend"]["service"]["name"]) is None:
                yield f"Ingress {name_of(ingress)}: no Service for {path['path']}"


def aimed_well(rendered: Rendered) -> Iterator[str]:
    """What scales, protects and fences finds what it is for; what a pod mounts or reads is there when it starts."""
    for scaler in rendered.of("HorizontalPodAutoscaler", "ScaledObject"):
        target = rendered.find("Deployment", scaler["spec"]["scaleTargetRef"]["name"])
        if target is None or "replicas" in target["spec"]:
            yield f"{scaler['kind']} {name_of(scaler)}: nothing to scale, or its Deployment says a number too"
    for budget in rendered.of("PodDisruptionBudget"):
        if not _finds_pods(rendered, budget["spec"]["selector"]["matchLabels"]):
            yield f"PodDisruptionBudget {name_of(budget)} finds no pods"
    for policy in rendered.of("NetworkPolicy"):
        if not _finds_pods(rendered, policy["spec"]["podSelector"]["matchLabels"]):
            yield f"NetworkPolicy {name_of(policy)} finds no pods"
    for workload in rendered.of(*WORKLOADS):
        yield from _nothing_missing(rendered, workload)


def named_well(rendered: Rendered) -> Iterator[str]:
    """Names are short enough and nobody's twice."""
    seen: set[tuple[str, str]] = set()
    for each in rendered.documents:
        who = (each["kind"], name_of(each))
        if len(name_of(each)) > LONGEST_NAME:
            yield f"{' '.join(who)}: the name is too long"
        if who in seen:
            yield f"{' '.join(who)}: twice"
        seen.add(who)


def scaled_by_the_consumers_there_are(rendered: Rendered) -> Iterator[str]:
    """KEDA looks at the consumers of the contracts, all of a service and no others."""
    for scaled in rendered.of("ScaledObject"):
        wanted = {(each.stream, each.name) for each in CONSUMERS[str(part_of(scaled))]}
        told = [each["metadata"] for each in scaled["spec"]["triggers"] if each["type"] == "nats-jetstream"]
        found = {(each["stream"], each["consumer"]) for each in told}
        if found != wanted:
            yield f"ScaledObject {name_of(scaled)}: {sorted(found ^ wanted)}"


def _finds_pods(rendered: Rendered, selector: Mapping[str, str]) -> bool:
    return any(fits(selector, each) for each in rendered.of("Deployment", "StatefulSet"))


def _nothing_missing(rendered: Rendered, workload: Document) -> Iterator[str]:
    """ConfigMaps and Secrets that it names are rendered, and as early as it is; a Secret may be somebody else's."""
    pod, where = pod_of(workload), f"{workload['kind']} {name_of(workload)}"
    maps = [each["configMap"]["name"] for each in pod.get("volumes", []) if "configMap" in each]
    for container in pod["containers"]:
        maps += [each["configMapRef"]["name"] for each in container.get("envFrom", [])]
        for each in container.get("env", []):
            reference = each.get("valueFrom", {}).get("secretKeyRef")
            secret = reference and rendered.find("Secret", reference["name"])
            if secret and _is_ours(secret) and not hooks_of(workload) <= hooks_of(secret):
                yield f"{where} is a hook, and its Secret {name_of(secret)} is not there yet"
    for name in maps:
        if rendered.find("ConfigMap", name) is None:
            yield f"{where}: no ConfigMap {name}"


def _is_ours(document: Document) -> bool:
    """A server's own Secret is there since the install, when no hook needs it."""
    return bool(document["metadata"]["labels"]["app.kubernetes.io/name"] == "nightowl")


RULES = (
    fenced_in,
    looked_after,
    dispatched_as_in_the_table,
    complete,
    aimed_well,
    named_well,
    scaled_by_the_consumers_there_are,
)
