"""The pages that people read, taken apart: which blocks of code they show, and what becomes of each here.

A block of `sh`, `bash` or `console` is run, unless it says why not: ```` ```sh not-run: needs a cluster ````, or the
comment `<!-- not-run: needs a cluster -->` before it. What begins with a program of another place says so by itself.
A block `json answer` or `text answer` is what the block before it prints.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]

RUN = ("README.md", "docs/tutorial/*.md", "docs/howto/*.md", "docs/runbooks/*.md")
READ = ("*.md", "docs/**/*.md", "services/*/README.md", "libs/*/README.md", "charts/**/*.md", "web/README.md")
HISTORY = ("CHANGELOG.md", "docs/adr/")
"""They tell what was so once: names in them need not exist any more."""

SHELL = frozenset({"sh", "bash", "console"})
ANSWERS = frozenset({"json", "text"})

ELSEWHERE = {
    "./dev": "the stack that it starts runs here already",
    "git": "the checkout is there",
    "kubectl": "needs a cluster",
    "helm": "needs a cluster",
    "docker": "needs a container engine",
    "podman": "needs a container engine",
    "systemctl": "needs systemd",
    "psql": "needs Postgres' client programs",
    "pg_dump": "needs Postgres' client programs",
    "pg_restore": "needs Postgres' client programs",
    "createdb": "needs Postgres' client programs",
    "nats": "needs the client program of NATS",
}
"""Programs whose commands cannot be run here, and why."""

_PROGRAM = re.compile(r"(?:^|[|;&(])[ \t]*(?:\$ |sudo |\w+=[^\s(]* )*(?P<program>[\w./-]+)", re.MULTILINE)
_REASON = re.compile(r"\bnot-run:\s*(?P<reason>[^`]+?)\s*(?:-->)?\s*$")
_COMMENT = re.compile(r"^<!--.*-->\s*$", re.DOTALL)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A fenced block. `line` is that of its fence; `remark` is the HTML comment before it."""

    page: str
    line: int
    info: str
    text: str
    remark: str = ""

    @property
    def language(self) -> str:
        """The first word behind the fence."""
        return self.info.partition(" ")[0].lower()

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"

    @property
    def is_answer(self) -> bool:
        """It shows what the block before it prints."""
        return self.info.split()[1:2] == ["answer"]

    @property
    def why_not(self) -> str | None:
        """Why a block of commands is not run; None for one that is."""
        for words in (self.info, self.remark):
            if match := _REASON.search(words):
                return match["reason"]
        programs = (match["program"] for match in _PROGRAM.finditer(_without_comments(self.text)))
        return next((ELSEWHERE[program] for program in programs if program in ELSEWHERE), None)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Commands that are run, and what the page says that they print."""

    block: Block
    commands: str
    answer: Block | None = None


def _without_comments(commands: str) -> str:
    return re.sub(r"(?:^|(?<=\s))#.*", "", commands, flags=re.MULTILINE)


def pages(*patterns: str) -> list[str]:
    """The pages that are there, by their path inside the repository."""
    return sorted({str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)})


def told_pages() -> list[str]:
    """All pages about how things are now."""
    return [page for page in pages(*READ) if not page.startswith(HISTORY)]


def text_of(page: str) -> str:
    """What it says."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks_of(page: str) -> list[Block]:
    """The page's blocks of code, in their order."""
    return blocks(page, text_of(page))


def blocks(page: str, text: str) -> list[Block]:
    """The same of a text."""
    return list(_blocks(page, MarkdownIt().parse(text)))


def _blocks(page: str, tokens: list[Token]) -> Iterator[Block]:
    remark = ""
    for token in tokens:
        if token.type == "fence" and token.map is not None:
            info = token.info.strip()
            yield Block(page=page, line=token.map[0] + 1, info=info, text=token.content, remark=remark)
        remark = token.content if token.type == "html_block" and _COMMENT.match(token.content) else ""


def steps(found: list[Block]) -> Iterator[Step]:
    """What is run of a page: its blocks of commands, each with the answer that follows it."""
    for block, following in zip(found, [*found[1:], None], strict=False):
        if block.language in SHELL and block.why_not is None:
            if block.language == "console":
                yield from _prompted(block)
            else:
                answer = following if following is not None and following.is_answer else None
                yield Step(block=block, commands=block.text, answer=answer)


def _prompted(block: Block) -> Iterator[Step]:
    """A screen: `$ ` begins a command, which goes on while its lines end in a backslash; the rest is its answer."""
    commands: list[str] = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        match = re.match(r"(?:[^\n]*\\\n)*[^\n]*", part)
        commands.append(match[0] if match else "")
        printed = part[len(commands[-1]) :].strip("\n")
        shown = Block(page=block.page, line=block.line, info="text answer", text=printed)
        yield Step(block=block, commands=commands[-1], answer=shown if printed else None)
