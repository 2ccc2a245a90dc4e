"""The bench still runs: it is a program of its own that no other test touches. No figure is judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

BENCH = Path(__file__).parents[1] / "bench"
PAGE = "# A page\n\n<!-- bench: begin -->\nold\n<!-- bench: end -->\n\nthe rest\n"


def test_the_bench_measures_and_fills_its_page(tmp_path):
    """Services start, calls are answered, the page holds what the JSON says, and what is around it stays."""
    page, figures = tmp_path / "page.md", tmp_path / "bench.json"
    page.write_text(PAGE)
    options = ["--quick", "--seconds", "0.4", "--only", "ingest", "--only", "latency"]

    done = subprocess.run(
        [sys.executable, BENCH, *options, "--json", figures, "--report", page],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    sections = json.loads(figures.read_text())["sections"]
    assert [section["name"] for section in sections] == ["ingest", "latency"]
    rows = [row for section in sections for row in section["rows"]]
    assert all(row["value"] > 0 and row["verdict"] in {"met", "missed"} for row in rows)
    assert set(rows[0]["costs"]) == {"ingest", "postgres", "nats", "load"}
    written = page.read_text()
    assert all(f"| {row['what']} |" in written for row in rows)
    assert "old" not in written
    assert written.endswith("\n\nthe rest\n")
