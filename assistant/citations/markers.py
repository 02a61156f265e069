"""Reads the markers of a streamed answer, `[2]` or `[1, 3]`, and takes out those that point to nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_OPEN, _CLOSE = "[\u3010\uff3b", "]\u3011\uff3d"  # some models write the wide brackets of Chinese and Japanese
_NUMBER = r"\^?\s*(?:\d{1,3})"
_BETWEEN = r"\s*[,;\u3001\uff0c&\u2013-]\s*"
_MARKER = re.compile(rf"[{re.escape(_OPEN)}]{_NUMBER}(?:{_BETWEEN}{_NUMBER})*\s*[{re.escape(_CLOSE)}](?!\()")
_BEGUN = re.compile(rf"[{re.escape(_OPEN)}][\d\s,;\u3001\uff0c&^\u2013-]{{0,60}}(?:[{re.escape(_CLOSE)}])?\Z")
_SHOWN = re.compile(r"\[\d{1,3}(?:, ?\d{1,3})*\]")
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")
_TICKS = re.compile(r"`+")
_MOST_RANGE = 20  # sources between the two numbers of a range


@dataclass(frozen=True, slots=True)
class Marker:
    """The sources that a marker points to. It stands at `start` to `end` of the answer."""

    start: int
    end: int
    numbers: tuple[int, ...]


class MarkerReader:
    """Takes the answer as it comes, gives the text to show. Markers within code are code.

    Args:
        known: the numbers that there are sources for.
    """

    def __init__(self, known: Collection[int]) -> None:
        self._known = known
        self._rest = ""  # not shown yet: it may be the beginning of a marker, of a fence or of blanks before a marker
        self._line = ""  # what of the line was shown
        self._fence = self._ticks = ""
        self.text = ""
        self.markers: list[Marker] = []
        self.code: list[tuple[int, int]] = []  # stretches of the text that are code
        self.dropped = 0

    def feed(self, delta: str, *, last: bool = False) -> str:
        """Return what of the text can be shown now; with `last`, all of it."""
        self._rest += delta
        shown = len(self.text)
        while self._rest:
            used = self._step(last=last)
            if not used:
                break
            self._rest = self._rest[used:]
        return self.text[shown:]

    def _step(self, *, last: bool) -> int:
        """Show one piece of what is left and return its length in it; 0 if more has to come first."""
        rest = self._rest
        if not self._line.strip() and (rest[0] in "`~ \t") and not self._ticks:
            line, ended, _ = rest.partition("\n")
            if not ended and not last and not re.match(r"[ \t]*[^\s`~]", line):
                return 0
            if (fence := _FENCE.match(line)) and (not self._fence or fence.group().strip().startswith(self._fence)):
                self._fence = "" if self._fence else fence.group().strip()
                return self._show(line, code=True)
        if self._fence:
            return self._show(rest[0], code=True)
        if rest[0] == "`":
            return self._tick(last=last)
        if self._ticks:
            return self._show(rest[0], code=True)
        return self._marker_or_text(last=last)

    def _tick(self, *, last: bool) -> int:
        ticks = _TICKS.match(self._rest)
        run = ticks.group() if ticks else ""
        if len(run) == len(self._rest) and not last:
            return 0
        if not self._ticks:
            self._ticks = run
        elif run == self._ticks:
            self._ticks = ""
        return self._show(run, code=True)

    def _marker_or_text(self, *, last: bool) -> int:
        rest = self._rest
        blanks = len(rest) - len(rest.lstrip(" "))
        marker = _MARKER.match(rest, blanks)
        if marker and (last or marker.end() < len(rest)):
            if rest.startswith(":", marker.end()) and not self._line.strip():
                return self._show(marker.group())  # what a reference is defined by, not one
            return self._mark(marker, blanks)
        if not last and (blanks == len(rest) or _BEGUN.match(rest, blanks)):
            return 0
        if blanks:
            return self._show(rest[:blanks])
        piece = re.match(rf"[^ `\n{re.escape(_OPEN)}]+", rest)
        return self._show(piece.group() if piece else rest[0])

    def _mark(self, marker: re.Match[str], blanks: int) -> int:
        """Show the marker with the numbers that are known, or take it out with the blanks before it."""
        wanted = _numbers(marker.group())
        numbers = tuple(number for number in wanted if number in self._known)
        self.dropped += len(wanted) - len(numbers)
        if not numbers and self._joins(marker):
            self._show(" ")
        if numbers:
            self._show(self._rest[:blanks])
            start = len(self.text)
            as_wanted = numbers == wanted and _SHOWN.fullmatch(marker.group())
            self._show(marker.group() if as_wanted else f"[{', '.join(map(str, numbers))}]")
            self.markers.append(Marker(start, len(self.text), numbers))
        return marker.end()

    def _joins(self, marker: re.Match[str]) -> bool:
        """Whether what stands around a marker would be one word without it: an address, perhaps."""
        behind = self._rest[marker.end() : marker.end() + 1]
        if not behind.strip() or not self._line.strip():
            return False
        return behind not in ".,;!?)" or self._line.lower().endswith("www")

    def _show(self, piece: str, *, code: bool = False) -> int:
        if code and piece:
            start = len(self.text)
            if self.code and self.code[-1][1] == start:
                self.code[-1] = (self.code[-1][0], start + len(piece))
            else:
                self.code.append((start, start + len(piece)))
        self.text += piece
        self._line = (self._line + piece).rpartition("\n")[2]
        if "\n" in piece:
            self._ticks = ""  # a tick that nothing closes on its line is a tick
        return len(piece)


def _numbers(marker: str) -> tuple[int, ...]:
    """Return the numbers of a marker once each; `2-4` stands for all from 2 to 4."""
    found: list[int] = []
    previous = ""
    for sign, digits in re.findall(r"([-\u2013]?)\s*\^?\s*(\d{1,3})", marker):
        number = int(digits)
        if sign and previous and int(previous) < number <= int(previous) + _MOST_RANGE:
            found.extend(range(int(previous) + 1, number))
        found.append(number)
        previous = digits
    return tuple(dict.fromkeys(found))
