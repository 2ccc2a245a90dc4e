"""Whether a noisy series grows: robust slopes, whole or pooled over the lives of a process. Pure."""

import statistics
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import combinations

from recording import Life, Points, values

MOST_POINTS = 150
"""Longer series are thinned to medians of neighbours: the number of pairs grows with the square."""


def slope_per_hour(points: Points) -> float | None:
    """The median of the slopes of all pairs (the estimator of Theil and Sen): a third of the samples may be anything. None under 3 samples."""
    return _median(_slopes(points)) if len(points) >= 3 else None


def slope_within_lives(points: Points, lives: Sequence[Life], *, warm_up: float, least: float) -> float | None:
    """The same over pairs of one life, each without its first `warm_up` seconds.

    Lives that are not `least` seconds longer than that say nothing; None when all are so.
    """
    slopes: list[float] = []
    for life in lives:
        lived = part_of_life(points, life, since=warm_up)
        if lived and lived[-1][0] - lived[0][0] >= least:
            slopes += _slopes(lived)
    return _median(slopes)


def slope_between_lives(points: Points, lives: Sequence[Life], *, since: float, until: float) -> float | None:
    """How the median at the same age (`since` to `until` seconds) changes from life to life. None under 3 lives."""
    levels = []
    for life in lives:
        young = part_of_life(points, life, since=since, until=until)
        if young:
            levels.append((life.began, statistics.median(values(young))))
    return slope_per_hour(levels)


def part_of_life(points: Points, life: Life, *, since: float, until: float = float("inf")) -> Points:
    """Samples of a life between two ages."""
    end = float("inf") if life.ended is None else life.ended
    return [each for each in points if life.began + since <= each[0] <= min(end, life.began + until)]


def level(points: Points, *, since: float, until: float) -> float | None:
    """The median between two moments."""
    return _median(value for at, value in points if since <= at <= until)


def longest_above(points: Points, limit: float) -> float:
    """The longest time in seconds that a series stayed above a limit, from sample to sample."""
    longest, began = 0.0, None
    for at, value in points:
        if value <= limit:
            began = None
        else:
            began = at if began is None else began
            longest = max(longest, at - began)
    return longest


def nearest(points: Points, at: float, *, within: float = 2.0) -> float | None:
    """What a series was in the round of a moment: samples of one round lie close to each other."""
    place = bisect_left(points, (at, float("-inf")))
    near = [each for each in points[max(0, place - 1) : place + 1] if abs(each[0] - at) <= within]
    return min(near, key=lambda each: abs(each[0] - at))[1] if near else None


def quotients(points: Points, divisors: Points, *, least: float = 0.0) -> Points:
    """A series by another one of the same rounds, where that is there and more than `least`."""
    pairs = [(at, value, nearest(divisors, at)) for at, value in points]
    return [(at, value / divisor) for at, value, divisor in pairs if divisor is not None and divisor > least]


def _slopes(points: Points) -> Iterator[float]:
    for (first, before), (second, after) in combinations(_thinned(points), 2):
        if second > first:
            yield (after - before) / (second - first) * 3600


def _thinned(points: Points) -> Points:
    size = -(-len(points) // MOST_POINTS)
    if size <= 1:
        return points
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return [(statistics.median(at for at, _ in part), statistics.median(values(part))) for part in parts]


def _median(numbers: Iterator[float] | Sequence[float]) -> float | None:
    every = list(numbers)
    return statistics.median(every) if every else None
