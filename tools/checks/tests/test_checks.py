"""Each check sees the violation it is for, at its line, and is silent about a clean tree."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKS = Path(__file__).parents[1]
REPOSITORY = CHECKS.parents[1]

CLEAN = {
    "schemas/sql/OWNERS.md": (
        "# Who\n\n| table | writers | readers |\n|---|---|---|\n| alerts | alerting | all |\n| public.timers | alerting, cli | all |\n"
    ),
    "schemas/sql/global/0001_pre_foundation.sql": "CREATE TABLE public.timers (id integer);\n",
    "schemas/sql/tenant/0001_pre_foundation.sql": "-- CREATE TABLE ghosts\nCREATE TABLE alerts (id integer);\n",
    "libs/alerting/src/nightowl_alerting/queries.sql": (
        "-- name: lock_alert\nSELECT id FROM alerts WHERE id = $1 FOR NO KEY UPDATE\n\n"
        "-- name: upsert_timer\n-- UPDATE ghosts is only a comment\n"
        "INSERT INTO public.timers (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1\n\n"
        "-- name: close\nWITH done AS (UPDATE alerts AS a SET id = 1 RETURNING id) DELETE FROM public.timers WHERE id = 1\n"
    ),
    "libs/alerting/src/nightowl_alerting/store.py": (
        '"""Update nothing that is not ours."""\n\nSQL = {}\nTEXTS = [SQL["lock_alert"], SQL["upsert_timer"], SQL["close"]]\n'
    ),
    "libs/common/src/nightowl_common/bus.py": "async def publish(js, message):\n    await js.publish(message.subject, message.body)\n",
    "libs/common/src/nightowl_common/settings.py": "import os\n\nHOME = os.environ.get('HOME')\n",
    "services/ingest/src/nightowl_ingest/api.py": "async def post(bus, m):\n    await bus.publish(m, timeout_seconds=1)\n",
    "services/ingest/tests/unit/test_api.py": "import os\n\nasync def test(js):\n    await js.publish('a', b'', os.environ['X'])\n",
    "services/notifier/src/nightowl_notifier/app.py": (
        "def build(broker):\n    return broker.subscriber('a', ack_policy=AckPolicy.MANUAL)\n"
    ),
    "docs/a.md": "# First page\n\n[b](b.md#the-second-page) [self](#first-page) [out](https://example.com/x)\n\n`[no](gone.md)`\n",
    "docs/b.md": "# The second page\n\n```\n[no](gone.md)\n```\n[up](../README.md)\n",
    "README.md": "[docs](docs/)\n",
}

SLASH = "/"
Plant = dict[str, str]
Check = Callable[..., list[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Runs a check over the clean tree with some files planted; returns what it prints."""

    def run(name: str, planted: Plant) -> list[str]:
        for path, text in {**CLEAN, **planted}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        done = subprocess.run(
            [sys.executable, CHECKS, "--root", tmp_path, *([name] if name else [])],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        assert done.returncode == (1 if lines else 0)
        return lines

    return run


def test_a_clean_tree_has_no_findings(check: Check) -> None:
    """All checks together are silent, also about what only looks like a violation."""
    assert check("", {}) == []


QUERIES = "services/query/src/nightowl_query/queries.sql"
MODULE = "services/query/src/nightowl_query/store.py"

VIOLATIONS: list[tuple[str, Plant, str, str]] = [
    ("owners", {QUERIES: "-- name: steal\n\nUPDATE alerts SET id = 2\n"}, f"{QUERIES}:3:", "query writes alerts"),
    ("owners", {QUERIES: "-- name: steal\nWITH x AS (\n  DELETE FROM alerts RETURNING id) SELECT 1\n"}, f"{QUERIES}:3:", "alerts"),
    ("owners", {QUERIES: "-- name: steal\nMERGE INTO public.timers AS t USING x ON true\n"}, f"{QUERIES}:2:", "timers"),
    ("owners", {QUERIES: "-- name: steal\nTRUNCATE TABLE alerts\n"}, f"{QUERIES}:2:", "alerts"),
    ("owners", {QUERIES: "-- name: steal\nINSERT INTO ghosts (id) VALUES (1)\n"}, f"{QUERIES}:2:", "does not list"),
    ("owners", {MODULE: 'A = 1\nTEXT = "DELETE FROM alerts"\n'}, f"{MODULE}:2:", "query writes alerts"),
    (
        "owners",
        {"schemas/sql/tenant/0002_pre_more.sql": "SELECT 1;\nCREATE TABLE strays (id integer);\n"},
        "schemas/sql/tenant/0002_pre_more.sql:2:",
        "makes strays",
    ),
    (
        "owners",
        {"schemas/sql/tenant/0002_pre_more.sql": "DROP TABLE alerts;\n"},
        "schemas/sql/OWNERS.md:5:",
        "lists alerts",
    ),
    ("publishing", {MODULE: "async def go(js):\n    await js.publish('a', b'')\n"}, f"{MODULE}:2:", "past the wrapper"),
    ("publishing", {MODULE: "async def go(broker, m):\n    await broker.publish(m, stream='X')\n"}, f"{MODULE}:2:", "wrapper"),
    ("publishing", {MODULE: "async def go(js, m):\n    await js.publish_async(m)\n"}, f"{MODULE}:2:", "publish_async"),
    ("publishing", {MODULE: "async def go(js):\n    # bus: because\n    await js.publish('a', b'')\n"}, f"{MODULE}:3:", "wrapper"),
    ("publishing", {MODULE: "@broker.publisher('a')\nasync def go(): ...\n"}, f"{MODULE}:1:", "publisher"),
    ("ack_policy", {MODULE: "def build(broker):\n    return broker.subscriber('a')\n"}, f"{MODULE}:2:", "AckPolicy.MANUAL"),
    (
        "ack_policy",
        {MODULE: "def build(broker):\n    return broker.subscriber('a', ack_policy=AckPolicy.ACK)\n"},
        f"{MODULE}:2:",
        "AckPolicy.MANUAL",
    ),
    ("environment", {MODULE: "import os\nA = os.environ['X']\n"}, f"{MODULE}:2:", "settings.py"),
    ("environment", {MODULE: "import os\nA = os.getenv('X')\n"}, f"{MODULE}:2:", "settings.py"),
    ("environment", {MODULE: "from os import environ\n"}, f"{MODULE}:1:", "settings.py"),
    ("sizes", {MODULE: "A = 1\n" * 401}, f"{MODULE}:401:", "module of 401 lines"),
    ("sizes", {MODULE: "def go():\n" + "    a = 1\n" * 26}, f"{MODULE}:1:", "go: body of 26 lines"),
    ("sizes", {MODULE: 'async def go():\n    """Long."""\n' + "    a = 1\n" * 26}, f"{MODULE}:1:", "go: body of 26 lines"),
    ("words", {"services/query/src/nightowl_query/utils.py": ""}, "services/query/src/nightowl_query/utils.py:1:", "utils"),
    ("words", {MODULE: "class AlertManager: ...\n"}, f"{MODULE}:1:", "Manager"),
    ("words", {MODULE: "A = 1\nclass UserInfo: ...\n"}, f"{MODULE}:2:", "Info"),
    ("words", {"docs/c.md": f"one\nsee {SLASH}home/sam/notes\n"}, "docs/c.md:2:", "absolute path"),
    ("words", {"compose.yaml": f"a: {SLASH}root/x\n"}, "compose.yaml:1:", "absolute path"),
    ("words", {"justfile": f"cd {SLASH}work/x\n"}, "justfile:1:", "absolute path"),
    ("words", {"requirements.lock": "--index-url https://py" + "pi.org/simple\n"}, "requirements.lock:1:", "registry"),
    ("words", {"web/package-lock.json": '"https://registry.npm' + 'js.org/a"\n'}, "web/package-lock.json:1:", "registry"),
    ("named_queries", {QUERIES: "-- name: unused\nSELECT 1\n"}, f"{QUERIES}:1:", "unused is used nowhere"),
    ("named_queries", {QUERIES: "-- name: Bad-Name\nSELECT 1\n"}, f"{QUERIES}:1:", "a name is lower-case"),
    ("named_queries", {MODULE: 'A = SQL["missing"]\n'}, f"{MODULE}:1:", "there is no query missing"),
    ("links", {"docs/c.md": "# C\n\n[gone](gone.md)\n"}, "docs/c.md:3:", "no such file"),
    ("links", {"docs/c.md": "[gone](b.md#nowhere)\n"}, "docs/c.md:1:", "no such heading"),
    ("links", {"docs/c.md": "[out](../../outside.md)\n"}, "docs/c.md:1:", "leads out"),
    ("links", {"docs/c.md": "[a][x]\n\n[x]: gone.md\n"}, "docs/c.md:3:", "no such file"),
]  # fmt: skip


LOCK = "requirements.lock"
HASHED = "a==1 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via b\n"
TOKEN = "xoxb" + "-123456789012-abcdefgh12345678"

VIOLATIONS += [
    ("secrets", {"docs/c.md": f"a\n{TOKEN}\n"}, "docs/c.md:2:", "a Slack token"),
    ("secrets", {MODULE: "KEY = '-----BEGIN " + "PRIVATE KEY-----'\n"}, f"{MODULE}:1:", "a private key"),
    (
        "secrets",
        {"a.yaml": "url: postgres://owl:" + "hunter2hunter2@db.internal/x\n"},
        "a.yaml:1:",
        "a password in a URL",
    ),
    ("secrets", {"a.env": "T=AC" + "0123456789abcdef" * 2 + "\n"}, "a.env:1:", "a Twilio account"),
    ("requirements", {LOCK: HASHED + "b>=2\n"}, f"{LOCK}:4:", "neither name==version"),
    ("requirements", {LOCK: HASHED + "b==2 \\\n"}, f"{LOCK}:4:", "has no hash"),
    (
        "requirements",
        {LOCK: "--index-url https://example.com/simple\n" + HASHED},
        f"{LOCK}:1:",
        "neither name==version",
    ),
]


@pytest.mark.parametrize(
    ("name", "planted", "place", "words"),
    VIOLATIONS,
    ids=[f"{each[0]}-{number}" for number, each in enumerate(VIOLATIONS)],
)
def test_a_planted_violation_is_caught(check: Check, name: str, planted: Plant, place: str, words: str) -> None:
    """It is named with its file, its line and the rule; nothing else is."""
    findings = check(name, planted)

    assert len(findings) == 1, findings
    assert findings[0].startswith(place)
    assert words in findings[0]
    assert findings[0].endswith(f"[{name}]")


ALLOWED: list[tuple[str, Plant]] = [
    ("owners", {QUERIES: "-- name: read\nSELECT id FROM alerts FOR UPDATE SKIP LOCKED\n"}),
    ("owners", {QUERIES: "-- name: read\nSELECT '-- DELETE FROM x', id FROM alerts FOR UPDATE OF alerts\n"}),
    ("owners", {"schemas/sql/global/0002_pre_p.sql": "CREATE TABLE public.timers_1 PARTITION OF public.timers DEFAULT;\n"}),
    ("owners", {"libs/testkit/src/nightowl_testkit/seed.py": 'TEXT = "INSERT INTO alerts (id) VALUES (1)"\n'}),
    ("publishing", {"tools/cli/src/nightowl_cli/dlq.py": "async def go(js):\n    # bus: runs once\n    await js.publish('a', b'')\n"}),
    ("ack_policy", {MODULE: "def build(subscriber):\n    return subscriber(print)\n"}),
    ("environment", {"libs/embedded/src/nightowl_embedded/a.py": "import os\nA = os.environ['X']\n"}),
    ("sizes", {MODULE: "def go():  # long: one table\n" + "    a = 1\n" * 26}),
    ("sizes", {MODULE: 'def go():\n    """One.\n' + "    more\n" * 30 + '    """\n    return 1\n'}),
    ("sizes", {"services/query/tests/unit/test_a.py": "A = 1\n" * 500}),
    ("words", {MODULE: "class AlertmanagerGroup: ...\nclass Database: ...\nclass Processes: ...\n"}),
    ("words", {"docs/c.md": "POST https://example.com" + "/root" + "/a and docs/work/b and ./home/x\n"}),
    ("named_queries", {QUERIES: "-- name: one\nSELECT 1\n", MODULE: 'STEPS = ("one",)\nA = [SQL[s] for s in STEPS]\n'}),
    ("secrets", {"docs/c.md": "xoxb-… and postgres://owl@db/x and https://user:{password}@host and ACxxxx\n"}),
    ("requirements", {LOCK: HASHED + "c[extra]==1.0.post1 ; python_version < '3.12' \\\n    --hash=sha256:" + "a" * 64 + "\n"}),
    ("links", {"docs/c.md": "[mail](mailto:a@example.com) [b](b.md) [dir](.) ![pic](../README.md)\n"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "planted"), ALLOWED, ids=[f"{each[0]}-{number}" for number, each in enumerate(ALLOWED)]
)
def test_what_only_looks_like_a_violation_is_allowed(check: Check, name: str, planted: Plant) -> None:
    """A check that cries wolf is soon switched off."""
    assert check(name, planted) == []


def test_the_checks_run_over_this_repository() -> None:
    """They can read every file that is here; what they find is for `just check` to say."""
    done = subprocess.run([sys.executable, CHECKS], check=False, capture_output=True, text=True, cwd=REPOSITORY)

    assert done.stderr == ""
    assert done.returncode in {0, 1}


def test_an_unknown_check_is_refused() -> None:
    """A misspelt name must not look like success."""
    done = subprocess.run([sys.executable, CHECKS, "spelling"], check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert "no such check" in done.stderr
