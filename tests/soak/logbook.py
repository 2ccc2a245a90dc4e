"""What services log as warnings and worse, read as it is written."""

import msgspec
from installation import Installation
from recording import Recording, Trouble

from nightowl_testkit.services import SERVICES

LEVELS = ("warning", "error", "critical")
SHOWN = 400


class Logbook:
    """Reads on from where it stopped; a last line without its end waits for the next look."""

    def __init__(self, house: Installation, recording: Recording) -> None:
        self._house = house
        self._recording = recording
        self._read = dict.fromkeys(SERVICES, 0)
        self._counts = {name: dict.fromkeys(LEVELS, 0) for name in SERVICES}

    def read(self, at: float) -> None:
        """Notes troubles, and how many there have been."""
        for name in SERVICES:
            with self._house.processes.logs(name).open("rb") as log:
                log.seek(self._read[name])
                text = log.read()
            complete = text[: text.rfind(b"\n") + 1]
            self._read[name] += len(complete)
            for line in complete.splitlines():
                self._judge(name, line, at)
            self._recording.note(f"log.{name}.warnings", at, self._counts[name]["warning"])
            self._recording.note(f"log.{name}.errors", at, self._counts[name]["error"] + self._counts[name]["critical"])

    def _judge(self, name: str, line: bytes, at: float) -> None:
        try:
            fields = msgspec.json.decode(line, type=dict)
        except msgspec.DecodeError:  # a traceback of the interpreter itself, or the like
            fields = {"level": "error", "event": "not_json", "line": line.decode(errors="replace")}
        level = str(fields.get("level"))
        if level in LEVELS:
            self._counts[name][level] += 1
            told = {
                key: value for key, value in fields.items() if key not in {"level", "event", "timestamp", "service"}
            }
            self._recording.troubles.append(
                Trouble(at=at, service=name, level=level, event=str(fields.get("event")), detail=str(told)[-SHOWN:])
            )
