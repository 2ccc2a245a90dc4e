"""`python tools/deploy` (`./dev chart`): judges images, compose and chart; prints what is wrong, exits 1 on any."""

import sys

import chart
import configurations
import containers
import rehearsal

JUDGES = {"containers": containers.findings, "configurations": configurations.findings, "chart": chart.findings}
ONLY_WHEN_NAMED = {"rehearsal": rehearsal.findings}


def main() -> int:
    """Runs the judges that are named, all by default."""
    judges = JUDGES | ONLY_WHEN_NAMED
    wanted = sys.argv[1:] or list(JUDGES)
    found = [f"{name}: {each}" for name in wanted for each in judges[name]()]
    print("\n".join(found) if found else f"{', '.join(wanted)}: nothing to say against them")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
