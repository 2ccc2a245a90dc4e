"""The page link as HTML: made as a tree, so that text stays text, and below 15 kB whatever the alert says. Pure.

What broke, since when, where, who is next and the known fix come before the button, which stays in sight.
"""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID
from xml.etree import ElementTree as ET

from nightowl_alerting.linked import KnownFix, LinkedPage
from nightowl_notifier.api.pages import sentences
from nightowl_notifier.api.pages.style import STYLE
from nightowl_notifier.api.pages.views import Away, Settled, View, Void, Waiting
from nightowl_notifier.channels.links import path_of_alert
from nightowl_notifier.channels.slack_card import runbook_address
from nightowl_notifier.channels.text import as_written, one_line

NAME, LINE, TITLE, WORDS, ADDRESS = 200, 300, 600, 900, 500
CAUSE, SOLUTION, TEXT = 800, 4_500, 1_200
LABEL_NAME, LABEL_VALUE, LABELS = 50, 110, 8
"""Bytes of each kind of text as it stands in the page, and how many labels. Together they leave room for the rest."""

NO_FIX = "No fix is known yet."
AWAY = "NightOwl cannot reach its database just now."
NOT_SHOWN = "The alert cannot be shown. Try again in a moment."
NOT_RECORDED = "Nobody can say whether this was recorded. Press again: pressing twice does no harm."
MEANWHILE = (
    "While this lasts nobody else is called; the escalation goes on when it is over. If it stays so, call your "
    "colleagues yourself."
)

_ENTITIES = {"&": 5, "<": 4, ">": 4}
_ELLIPSIS = "…"
_TOLD_ALREADY = frozenset({"alertname", "service", "cluster", "namespace", "severity"})


def render(view: View) -> str:
    """The page."""
    root = ET.Element("html", lang="en")
    head, body = ET.SubElement(root, "head"), ET.SubElement(root, "body")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    ET.SubElement(head, "title").text = _window_title(view)
    ET.SubElement(head, "style").text = STYLE
    main = ET.SubElement(body, "main")
    match view:
        case Waiting() | Settled():
            _show_alert(main, view)
        case Void(words=words, alert_id=alert_id):
            ET.SubElement(main, "h1").text = words
            _links(main, [("Open NightOwl", "/") if alert_id is None else _open_alert(alert_id)])
        case Away(has_pressed=has_pressed):
            _say_away(main, has_pressed=has_pressed)
        case _:
            assert_never(view)
    return "<!doctype html>" + ET.tostring(root, encoding="unicode", method="html")


def fitted(text: str, room: int) -> str:
    """At most `room` bytes of HTML in UTF-8, with an ellipsis where something is missing."""
    sizes = [_ENTITIES.get(each) or len(each.encode()) for each in text]
    if sum(sizes) <= room:
        return text
    left, kept = room - len(_ELLIPSIS.encode()), 0
    while sizes[kept] <= left:
        left -= sizes[kept]
        kept += 1
    return text[:kept] + _ELLIPSIS


def _show_alert(main: ET.Element, view: Waiting | Settled) -> None:
    page, alert = view.page, view.page.alert
    ET.SubElement(main, "b", {"class": alert.severity}).text = alert.severity.upper()
    ET.SubElement(main, "h1").text = fitted(one_line(alert.title), TITLE)
    if isinstance(view, Settled):
        ET.SubElement(main, "p", {"class": "result", "role": "status"}).text = fitted(one_line(view.words), WORDS)
    _facts(main, view)
    _notes(main, page)
    described = fitted(as_written(alert.description or ""), TEXT)
    if page.fix is not None:
        _known_fix(main, page, page.fix)
    elif described:
        _paragraphs(main, "What the alert says", described, aside=NO_FIX)
    else:
        ET.SubElement(main, "p", {"class": "note"}).text = NO_FIX
    if isinstance(view, Waiting):
        _button(main, "Acknowledge")
    if page.fix is not None and described:
        _paragraphs(main, "What the alert says", described)
    if alert.resolution:
        _paragraphs(main, "How it was resolved", fitted(as_written(alert.resolution), TEXT))
    _labels(main, page)
    _links(main, _ways_on(page))


def _facts(main: ET.Element, view: Waiting | Settled) -> None:
    page, alert, now = view.page, view.page.alert, view.now
    rows = {"Since": sentences.since(page, now), "Where": " · ".join(sentences.where(page))}
    if isinstance(view, Waiting):
        rows["Next"] = sentences.who_is_next(view.coming, page, now)
    if alert.acknowledged_at is not None:
        by = None if alert.acknowledged_by is None else alert.acknowledged_by.name
        rows["Taken"] = sentences.by_whom(by, alert.acknowledged_at, page, now)
    if alert.resolved_at is not None:
        by = None if alert.resolved_by is None else alert.resolved_by.name
        rows["Resolved"] = sentences.by_whom(by, alert.resolved_at, page, now)
    _rows(main, [(name, fitted(one_line(told), LINE)) for name, told in rows.items()])


def _notes(main: ET.Element, page: LinkedPage) -> None:
    if page.is_repeat:
        ET.SubElement(main, "p", {"class": "note"}).text = sentences.REPEATED
    if page.followers:
        ET.SubElement(main, "p", {"class": "note"}).text = sentences.told_with(page.followers)


def _known_fix(main: ET.Element, page: LinkedPage, fix: KnownFix) -> None:
    section = ET.SubElement(main, "section")
    ET.SubElement(section, "h2").text = f"Known fix: {fitted(one_line(fix.title), LINE)}"
    how = sentences.MATCHES.get(page.alert.match_kind or "")
    if how is not None:
        ET.SubElement(section, "small").text = how
    cause = as_written(fix.cause)
    if cause:
        ET.SubElement(section, "p", {"class": "text"}).text = fitted(f"Cause: {cause}", CAUSE)
    solution = as_written(fix.solution)
    if solution:
        ET.SubElement(section, "pre").text = fitted(solution, SOLUTION)
    else:
        ET.SubElement(section, "p").text = "No solution is written down yet."


def _paragraphs(main: ET.Element, heading: str, text: str, *, aside: str | None = None) -> None:
    section = ET.SubElement(main, "section")
    ET.SubElement(section, "h2").text = heading
    ET.SubElement(section, "p", {"class": "text"}).text = text
    if aside is not None:
        ET.SubElement(section, "small").text = aside


def _labels(main: ET.Element, page: LinkedPage) -> None:
    told = [(key, value) for key, value in sorted(page.alert.labels.items()) if value and key not in _TOLD_ALREADY]
    if told:
        section = ET.SubElement(main, "section")
        ET.SubElement(section, "h2").text = "Labels"
        rows = [(fitted(one_line(key), LABEL_NAME), fitted(one_line(value), LABEL_VALUE)) for key, value in told]
        _rows(section, rows[:LABELS])


def _ways_on(page: LinkedPage) -> list[tuple[str, str]]:
    """Where to go on, in words and as an address."""
    ways = [_open_alert(page.alert.id)]
    if page.followers:
        ways.append(("Open the others", "/alerts"))
    if page.fix is not None:
        ways.append(("Open the known fix", f"/incidents/{page.fix.incident_id}"))
    if page.fix is not None and page.fix.runbook_id is not None:
        name = fitted(one_line(page.fix.runbook or ""), NAME)
        ways.append((f"Runbook: {name}", f"/runbooks/{page.fix.runbook_id}"))
    told = runbook_address(page.alert.annotations)
    if told is not None and len(told) <= ADDRESS:
        ways.append((f"Runbook: {fitted(told, NAME)}", told))
    return ways


def _open_alert(alert_id: UUID) -> tuple[str, str]:
    return "Open the alert in NightOwl", path_of_alert(alert_id)


def _say_away(main: ET.Element, *, has_pressed: bool) -> None:
    ET.SubElement(main, "h1").text = AWAY
    ET.SubElement(main, "p").text = NOT_RECORDED if has_pressed else NOT_SHOWN
    ET.SubElement(main, "p", {"class": "note"}).text = MEANWHILE
    if has_pressed:
        _button(main, "Acknowledge again")
    else:
        _links(main, [("Try again", "")])


def _button(main: ET.Element, words: str) -> None:
    form = ET.SubElement(main, "form", method="post")
    ET.SubElement(form, "button", type="submit").text = words


def _links(main: ET.Element, ways: Sequence[tuple[str, str]]) -> None:
    nav = ET.SubElement(main, "nav")
    for words, address in ways:
        ET.SubElement(nav, "a", href=address).text = words


def _rows(parent: ET.Element, rows: Sequence[tuple[str, str]]) -> None:
    table = ET.SubElement(parent, "dl")
    for name, told in rows:
        ET.SubElement(table, "dt").text = name
        ET.SubElement(table, "dd").text = told


def _window_title(view: View) -> str:
    match view:
        case Waiting(page=page) | Settled(page=page):
            return f"[{page.alert.severity.upper()}] {fitted(one_line(page.alert.title), NAME)}"
        case Void() | Away():
            return "NightOwl"
        case _:
            assert_never(view)
