"""Every command of the pages is typed into a shell beside a running `nightowl up`, and does what the page says."""

import asyncio
from collections.abc import Iterator

import pytest
from answers import differs
from pages import RUN, SHELL, Block, Step, blocks_of, pages, steps
from readers import Reader
from shell import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAGES = [page for page in pages(*RUN) if any(steps(blocks_of(page)))]


@pytest.mark.parametrize("page", PAGES)
async def test_the_commands_of_a_page_work_from_its_first_to_its_last(page: str, person: Reader) -> None:
    """Each ends with 0, no call is refused, and what the page shows is what is printed."""
    with Shell(person.folder, person.environment) as shell:
        for step in steps(blocks_of(page)):
            wrong = await asyncio.to_thread(_typed, shell, person, step)
            assert wrong is None, f"{step.block.place}\n{person.typed(step.commands)}\n{wrong}"


def _typed(shell: Shell, person: Reader, step: Step) -> str | None:
    answer = step.answer
    if answer is None:
        return shell.run(person.typed(step.commands))
    return shell.run(
        person.typed(step.commands), lambda printed: differs(answer.language, person.typed(answer.text), printed)
    )


def _not_run() -> Iterator[Block]:
    for page in pages(*RUN):
        yield from (each for each in blocks_of(page) if each.language in SHELL and each.why_not is not None)


@pytest.mark.parametrize("block", list(_not_run()), ids=lambda each: each.place)
def test_what_cannot_be_run_here_says_why(block: Block) -> None:
    """It is told at the end of every run of the tests, so that none escapes in silence."""
    assert block.why_not
    pytest.skip(block.why_not)
