"""Blocks that are no commands can be read by what they are for; and each block is something that is looked at."""

import ast
import json
import subprocess
import tomllib
from collections.abc import Callable

import jsonschema
import msgspec
import pytest
import yaml
from answers import differs
from formats import format_of
from pages import ANSWERS, RUN, SHELL, Block, blocks, blocks_of, pages, steps
from shell import only_reads

from nightowl_cli.generate_contracts import schema_of_event
from nightowl_contracts import event_types
from nightowl_notifier.channels.webhook import sign

ALL = [block for page in pages(*RUN) for block in blocks_of(page)]
PLAIN = frozenset({"", "text", "promql", "sql", "html", "diff", "mermaid"})
"""Languages of which nothing is asked here: drawings, screens, queries that their own tests run."""


def read_yaml(text: str) -> None:
    """As the program whose format it is."""
    for content in yaml.safe_load_all(text):
        kind = format_of(content)
        if kind is not None:
            msgspec.convert(content, kind)


def read_json(text: str) -> None:
    """As an event, if it says that it is one; a `…` in a text stands for the rest of an id."""
    content = json.loads(text)
    if isinstance(content, dict) and content.get("type") in event_types():
        jsonschema.validate(content, schema_of_event(content["type"]))


READERS: dict[str, Callable[[str], object]] = {
    "yaml": read_yaml, "yml": read_yaml, "json": read_json, "python": ast.parse, "toml": tomllib.loads,
}  # fmt: skip


@pytest.mark.parametrize("block", ALL, ids=lambda each: each.place)
def test_a_block_can_be_read(block: Block) -> None:
    """Commands by bash, the others by the parser and the format of their language."""
    if block.language in SHELL:
        text = "\n".join(step.commands for step in steps([block])) if block.language == "console" else block.text
        checked = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")
    elif block.language not in PLAIN:
        READERS[block.language](block.text)


@pytest.mark.parametrize("page", pages(*RUN))
def test_an_answer_follows_commands_that_are_run(page: str) -> None:
    """What is shown as printed is compared with something."""
    found = blocks_of(page)
    shown = [step.answer.place for step in steps(found) if step.answer is not None]
    assert [block.place for block in found if block.is_answer] == [
        place for place in shown if place not in {each.place for each in found if each.language == "console"}
    ]
    assert {block.language for block in found if block.is_answer} <= ANSWERS


def test_the_check_of_signatures_that_is_shown_takes_ours_and_no_other() -> None:
    """Whoever copies it into a receiver is safe."""
    [block] = [each for each in ALL if "def is_genuine" in each.text]
    shown: dict[str, object] = {}
    exec(compile(block.text, block.place, "exec"), shown)  # a page of this repository
    is_genuine, now = shown["is_genuine"], str(int(shown["time"].time()))
    secret, body = "whsec_" + "bmlnaHRvd2wgaXMgYXdha2U=", b'{"type": "ping.v1"}'
    headers = {
        "webhook-id": "01", "webhook-timestamp": now,
        "webhook-signature": sign(secret, message_id="01", timestamp=now, body=body),
    }  # fmt: skip

    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    assert not is_genuine(secret, headers | {"webhook-timestamp": str(int(now) - 301)}, body)
    assert not is_genuine("whsec_" + "c29tZWJvZHkgZWxzZQ==", headers, body)


PAGE = """
# A page

```sh
A=1
```

```json answer
{"a": "…"}
```

```sh not-run: needs a moon
B=2
```

<!-- not-run: needs a sun -->
```sh
C=3
```

```sh
kubectl get pods
```

```sh
A=1
POD=$(kubectl get pods)
```

```sh
D=4                       # not of kubectl
```

```console
$ echo one \\
  two
one two
$ true
```
"""


def test_a_page_is_taken_apart() -> None:
    """What is run, in order, with its answer; and why the rest is not."""
    found = blocks("page.md", PAGE)
    ran = list(steps(found))

    assert [(each.commands.strip(), each.answer.text.strip() if each.answer else None) for each in ran] == [
        ("A=1", '{"a": "…"}'), ("D=4                       # not of kubectl", None), ("echo one \\\n  two", "one two"), ("true", None),
    ]  # fmt: skip
    assert [each.why_not for each in found if each.why_not] == [
        "needs a moon", "needs a sun", "needs a cluster", "needs a cluster",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "shown", "printed", "fits"),
    [
        ("json", '{"a": "x…", "b": [1, "…"]}', '{"a": "xyz", "b": [1, 2], "c": 3}', True),
        ("json", '{"a": "…"}', '{"a": 1}', True),
        ("json", '{"a": 1}', '{"a": 2}', False),
        ("json", '{"a": 1}', "{}", False),
        ("json", "[1]", "[1, 2]", False),
        ("json", '{"a": true}', '{"a": 1}', False),
        ("json", "{}", "nothing", False),
        ("text", "all … well", "all is well\n", True),
        ("text", "all is well", "all is lost", False),
    ],
)
def test_what_is_shown_is_compared_with_what_is_printed(language: str, shown: str, printed: str, fits: bool) -> None:  # noqa: FBT001
    """`…` stands for anything, and nothing else does."""
    assert (differs(language, shown, printed) is None) == fits


@pytest.mark.parametrize(
    ("commands", "reads"),
    [
        ('curl "$URL/alerts" | jq .', True), ('curl -H "X: -d" $URL', True), ("curl -d '{}' $URL", False),
        ("curl -X POST $URL", False), ("nightowl tenant list; curl $URL", False), ("echo", False),
    ],
)  # fmt: skip
def test_only_what_changes_nothing_is_done_again(commands: str, reads: bool) -> None:  # noqa: FBT001
    """A second try of anything else could hide what the first one did."""
    assert only_reads(commands) == reads
