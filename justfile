# The project's verbs. `./dev <recipe>` makes the environment first; inside it, `just <recipe>` does the same.
set shell := ["bash", "-euc"]
export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

sources := "schemas libs services tools tests"
packages := "schemas/events/src schemas/sql/src libs/common/src libs/auth/src libs/alerting/src libs/oncall/src libs/embedded/src libs/testkit/src services/ingest/src services/enrichment/src services/escalation/src services/notifier/src services/query/src tools/cli/src"
# A landing is judged by its change, not by the dice: the order of tests in a file is shuffled, and the same each time.
seed := "2026"
locked := "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet"

# list the recipes
[group('help')]
default:
    @just --list

# run the whole system on this machine (see `./dev up --help`)
[group('run')]
up *options:
    @exec nightowl up {{ options }}

# the front end as it is written, on a running `up` (NIGHTOWL_URL, else the port that `up` uses)
[group('run')]
web *options:
    @exec nightowl web dev {{ options }}

# any command of the CLI: `./dev nightowl ledger check`
[group('run')]
nightowl *arguments:
    @exec nightowl {{ arguments }}

# one alert through everything on a temporary stack with fake providers; prints one JSON line
[group('run')]
smoke:
    @python tests/e2e/smoke.py

# everything that must be green before a commit lands: checks, then all tests, side by side; `--randomly-seed=default` shuffles anew, `-n 0` runs them in one process
[group('prove')]
test *options: check
    nightowl web test
    nightowl web browser
    pytest -n auto --maxprocesses 4 --randomly-seed={{ seed }} {{ options }}

# style, types, import rules and the small checks
[group('prove')]
check:
    ruff check {{ sources }}
    ruff format --check {{ sources }}
    mypy {{ packages }}
    lint-imports --no-cache
    python tools/checks
    nightowl generate --check
    nightowl web check

# images, compose and chart: rendered, validated, linted, compared with the code; `rehearsal` builds the services' image in a folder
[group('prove')]
chart *options:
    @python tools/deploy {{ options }}

# packages that are known to be vulnerable; needs the network, so it is no part of `check`
[group('prove')]
audit:
    uvx pip-audit --disable-pip --require-hashes -r requirements.lock
    uvx pip-audit --disable-pip --require-hashes -r tools/deploy/requirements.lock

# pure tests only, in seconds
[group('prove')]
unit *options:
    pytest -m "not integration and not e2e and not faults and not browser" {{ options }}

# stories on real processes
[group('prove')]
e2e *options:
    pytest tests/e2e {{ options }}

# the front end in a browser, on real processes
[group('prove')]
browser *options:
    @nightowl web browser
    pytest tests/browser {{ options }}

# the fault matrix: servers and processes killed, paused and cut while alerts flow; `--quick`, `--list`, `--rounds N`
[group('prove')]
faults *options:
    @python tests/faults {{ options }}

# every property and the API, with new examples each round: `--minutes 10`, `--seed 7 --rounds 1` to see one again
[group('prove')]
fuzz *options:
    @python tests/fuzz {{ options }}

# a picture of every page, both themes, at a desk and on a phone, into docs/pictures
[group('change')]
pictures:
    @nightowl web browser
    pytest tests/browser/pictures.py

# figures beside this machine's own ceilings: a table, and JSON in bench.json
[group('prove')]
bench *options:
    @python tests/bench {{ options }}

# an hour of mixed load with restarts on a stack of its own: a verdict per promise that nothing grows; samples in soak.json
[group('prove')]
soak *options:
    @python tests/soak {{ options }}

# write the generated files: JSON Schemas, AsyncAPI, OpenAPI, schema pictures, all of docs/reference, what images and chart know
[group('change')]
generate:
    nightowl generate

# apply what the formatter and the linter can mend by themselves
[group('change')]
format:
    ruff check --fix {{ sources }}
    ruff format {{ sources }}

# compile each requirements.in into its hash-pinned requirements.lock, without index addresses
[group('change')]
lock *options:
    uv pip compile requirements.in {{ locked }} -o requirements.lock {{ options }}
    cd tools/deploy && uv pip compile requirements.in {{ locked }} -c ../../requirements.lock -o requirements.lock {{ options }}
