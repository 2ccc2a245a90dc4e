"""The proof can fail: each bug that loses or doubles pages is planted in a copy of the code, and its test notices.

A bug is a text of a source file and what stands there instead. It is planted in a copy of the package, the copy comes
first on the path, and the test that keeps the promise is run on it in a process of its own. A text that has moved on
fails here too: whoever changes such a line says where the bug would be now.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]
SECONDS = 300
"""For the tests in a process of their own, together, on a machine that is busy."""


class Bug(NamedTuple):
    """What is planted where, and the test that must fail of it."""

    name: str
    file: str
    text: str
    instead: str
    caught_by: str


INTAKE = "services/enrichment/src/nightowl_enrichment/handlers/intake.py"
LIFECYCLE = "libs/alerting/src/nightowl_alerting/lifecycle.py"
DELIVERIES = "libs/alerting/src/nightowl_alerting/queries.sql"
CONSUMING = "services/enrichment/tests/integration/test_consuming.py"
TIMERS = "services/escalation/tests/integration/test_timers.py"
DELIVERING = "services/notifier/tests/integration/test_delivering.py"

BUGS = [
    Bug(
        "acknowledged before the commit",
        INTAKE,
        "        async with self._outbox.global_tx() as tx:\n            known = await inbox.load_handled(tx, CONSUMER, list",
        "        for each in delivered:\n            await each.message.ack()\n"
        "        async with self._outbox.global_tx() as tx:\n            known = await inbox.load_handled(tx, CONSUMER, list",
        f"{CONSUMING}::test_what_fails_before_the_commit_comes_again",
    ),
    Bug(
        "no inbox",
        INTAKE,
        "            fresh = [event for event in events.values() if event.id not in known]\n",
        "            fresh, known = list(events.values()), {}\n"
        '            await tx.execute("DELETE FROM public.inbox WHERE event_id = ANY ($1::uuid[])", list(events))\n',
        f"{CONSUMING}::test_an_event_delivered_twice_counts_once",
    ),
    Bug(
        "repeats are known from memory alone",
        LIFECYCLE,
        "    last = await store.load_last_episodes(tx, fingerprints)\n",
        "    remembered = vars(receive).setdefault(tenant, {})\n"
        "    remembered.update({**open_alerts, **remembered})\n    open_alerts = remembered\n"
        "    last = await store.load_last_episodes(tx, fingerprints)\n",
        f"{CONSUMING}::test_what_a_person_has_closed_fires_anew",
    ),
    Bug(
        "sent without a lease",
        DELIVERIES,
        "WHERE d.id = $1 AND d.status = 'queued' AND d.not_before <= public.clock_now() AND a.id = d.alert_id\n"
        "    AND a.status = 'firing'",
        "WHERE d.id = $1 AND a.id = d.alert_id\n    AND a.status = 'firing'",
        f"{DELIVERING}::test_a_page_in_hand_is_nobody_elses",
    ),
    Bug(
        "sent without a lease, with others",
        DELIVERIES,
        "    WHERE d.id = ANY ($1::uuid[]) AND d.status = 'queued' AND d.not_before <= public.clock_now()\n"
        "        AND a.status = 'firing' AND a.severity",
        "    WHERE d.id = ANY ($1::uuid[]) AND a.status = 'firing' AND a.severity",
        f"{DELIVERING}::test_a_round_of_claims_takes_only_what_is_owed_and_free",
    ),
    Bug(
        "a late writer is not fenced off",
        DELIVERIES,
        "    WHERE d.id = t.delivery_id AND d.token = t.token AND d.status = 'sending'\n",
        "    WHERE d.id = t.delivery_id\n",
        f"{DELIVERING}::test_a_late_writer_is_fenced_off",
    ),
    Bug(
        "the timer outlives the acknowledgement",
        LIFECYCLE,
        '    await store.delete_timers(tx, "escalation", leaving(changes, TIMED))\n',
        "",
        f"{TIMERS}::test_after_an_acknowledgement_nothing_can_be_sent_whoever_came_first",
    ),
    Bug(
        "unsent pages outlive the acknowledgement",
        LIFECYCLE,
        "    await _stop_pages(tx, tenant, changes, now=now)\n",
        "",
        "services/escalation/tests/integration/test_rules.py::"
        "test_an_acknowledgement_calls_back_what_was_to_ring_later",
    ),
    Bug(
        "a timer that was stopped pages",
        "libs/alerting/src/nightowl_alerting/paging.py",
        "    if alert.escalation_state not in TIMED or alert.escalation_version != timer_version:\n        return Drop()\n",
        "",
        f"{TIMERS}::test_a_timer_of_an_older_version_pages_nobody_and_goes",
    ),
    Bug(
        "what the bus did not take is forgotten",
        "libs/common/src/nightowl_common/outbox.py",
        '            log.warning("bundle_not_published", bundle=str(row["id"]), error=error.detail)\n            return False\n',
        '            log.warning("bundle_not_published", bundle=str(row["id"]), error=error.detail)\n            return True\n',
        "libs/common/tests/integration/test_outbox.py::test_a_sweep_that_fails_keeps_the_row",
    ),
    Bug(
        "accepted though nothing has it",
        "services/ingest/src/nightowl_ingest/api/intake.py",
        "            raise NotAcceptedError from error\n",
        '            log.warning("not_accepted", error=str(error))\n',
        "services/ingest/tests/integration/test_outages.py::test_without_nats_and_postgres_nothing_is_promised",
    ),
]


@pytest.mark.timeout(SECONDS + 20)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Bug, tmp_path: Path) -> None:
    """By the test that keeps the promise: it ran to its end, and failed."""
    copy = copy_of(bug, tmp_path)
    path = copy / bug.file
    whole = path.read_text(encoding="utf-8")
    assert whole.count(bug.text) == 1, f"{bug.file} has moved on: where would the bug be now?"
    path.write_text(whole.replace(bug.text, bug.instead), encoding="utf-8")

    ended, output = run([bug.caught_by], copy)

    assert ended == pytest.ExitCode.TESTS_FAILED, f"{bug.caught_by} did not notice:\n{output}"
    assert f"FAILED {bug.caught_by}" in output, output


@pytest.mark.timeout(SECONDS + 20)
def test_without_a_bug_the_same_tests_pass(tmp_path: Path) -> None:
    """On copies as well: what fails above fails of its bug, and not of being run this way."""
    for bug in BUGS:
        copy = copy_of(bug, tmp_path)

    ended, output = run(sorted({bug.caught_by for bug in BUGS}), copy)

    assert ended == pytest.ExitCode.OK, output


def copy_of(bug: Bug, folder: Path) -> Path:
    """The folder, with a copy of the bug's package in it at the same place as in the repository."""
    source = Path(*Path(bug.file).parts[:3])
    shutil.copytree(REPOSITORY / source, folder / source, dirs_exist_ok=True)
    return folder


def run(tests: Sequence[str], copy: Path) -> tuple[int, str]:
    """Runs tests of the repository on the packages that were copied; the exit code, and the end of what was said."""
    path = os.pathsep.join(str(each) for each in copy.glob("*/*/src"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    return ran.returncode, f"{ran.stdout}{ran.stderr}"[-6_000:].strip()
