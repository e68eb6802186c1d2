"""What was pushed, folded: every minute, from what the batches of the last minutes told.

Parts of one invocation that came in different batches are put together here, and what the whole says replaces what
each part said, because it rests on more log events. Read again, it writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from collectors import custom_metrics
from collectors.events import LogEvent
from collectors.invocations import Assembler
from collectors.ledger import Ledger, settle
from collectors.lines import InitReported, InitStarted
from collectors.pushed import LATE_MS
from collectors.recognise import recognise
from collectors.tally import STOP_MS, Tally, TimeLeft
from store import batches, functions, health, late
from store.batches import Cut, LoggedEvent
from store.clock import HOUR_MS, MINUTE_MS, floor_to
from store.records import FunctionInfo, Invocation, Place
from store.table import Table

SOURCE = "pushed"
AGAIN_MS = LATE_MS + MINUTE_MS
"""Minutes looked at again in every run: what is told of them later is on the list of late ones."""
LONGEST_MS = 16 * MINUTE_MS
"""Lambda stops an invocation after 15 minutes: its START is no further back."""
LONGEST_INIT_MS = 15_000
"""Lambda gives an init 10 seconds, then does it again within the invocation."""
FIRST_FOLD_MS = HOUR_MS
LATE_AT_ONCE = 500


def fold_pushed(table: Table, place: Place, tally: Tally, time_left_ms: TimeLeft) -> None:
    """Fold what came since the last run, for every function in the inventory, then the minutes told of late. What
    there is no time for comes first in the next run. Raises StoreError when the table cannot be used."""
    now = tally.clock()
    ledger = Ledger.open(table, place)
    settle(ledger, tally, time_left_ms)
    seen = health.checkpoint(table, place, SOURCE)
    first = floor_to((now - FIRST_FOLD_MS if seen is None else seen) - AGAIN_MS, MINUTE_MS)
    done, failed = True, False
    for info in functions.of_place(table, place):
        if time_left_ms() <= STOP_MS:
            tally.problem("No time was left to fold every function's pushed logs; the next run goes on.")
            done = False
            break
        for start in range(first, now, HOUR_MS):
            with tally.going_on(info.name) as going:
                tally.wrote += fold_minutes(ledger, info, start, min(start + HOUR_MS + LONGEST_MS, now))
            failed |= going.told is not None
    folded = []
    for waiting in list(late.of_place(table, place, LATE_AT_ONCE)):
        if time_left_ms() <= STOP_MS:
            break
        with tally.going_on(waiting.function):
            known = functions.get(table, place, waiting.function) or FunctionInfo(place, waiting.function, "")
            tally.wrote += fold_minutes(ledger, known, waiting.minute, min(waiting.minute + LONGEST_MS, now))
            folded.append(waiting)
    tally.wrote += ledger.close()
    for waiting in folded:
        late.done(table, place, waiting)
    # What failed is folded again, for an hour at most: one function must not have all looked at ever further back.
    reached = max(seen or 0, now - FIRST_FOLD_MS) if failed else now
    if done and not health.advance(table, place, SOURCE, seen, reached):
        tally.problem("Another run was folding pushed logs at the same time; its checkpoint stands.")


def fold_minutes(ledger: Ledger, info: FunctionInfo, first: int, last: int) -> int:
    """Fold one function's minutes from `first` to `last` (epoch ms): so far that what began in `first` has ended by
    then. A part is kept with the end of its batch, and one that is missing would make neighbours of others. Returns
    the number of items written."""
    table, place = ledger.table, ledger.place
    told = batches.told(table, place, info.name, first, last)
    if not told.facts and not told.cuts and not told.samples:
        return 0
    whole = [one for one in _Joining(table, place, info.name, first).whole(told.cuts)
             if one.ended_at is not None and one.ended_at >= first]  # what ended before was folded before
    facts = {name: fact for name, fact in told.facts.items() if fact.at >= first}  # of earlier minutes, not all
    wrote = ledger.enter(info.name, whole, info.timeout_s, facts, table.clock() - AGAIN_MS)
    return wrote + custom_metrics.bring_up(table, place, told.samples.values())


@dataclass(frozen=True)
class _Joining:
    table: Table
    place: Place
    function: str
    first: int

    def whole(self, cuts: Iterable[Cut]) -> Iterator[Invocation]:
        """The invocations that these parts make up, those without a beginning looked for further back."""
        by_stream: dict[tuple[str, str], list[Cut]] = {}
        for cut in cuts:
            by_stream.setdefault((cut.log_group, cut.log_stream), []).append(cut)
        made = {stream: _closed(parts) for stream, parts in by_stream.items()}
        headless = {stream for stream, closed in made.items() if any(one.started_at is None for one in closed)}
        if headless:
            earlier = batches.told(self.table, self.place, self.function,
                                  floor_to(self.first - LONGEST_MS, MINUTE_MS), self.first - MINUTE_MS).cuts
            for stream in headless:
                before = [cut for cut in earlier if (cut.log_group, cut.log_stream) == stream]
                made[stream] = _closed([*before, *by_stream[stream]]) if before else made[stream]
        for closed in made.values():
            yield from closed


def _closed(cuts: Iterable[Cut]) -> list[Invocation]:
    """Closed invocations of one stream's pieces, each event once, in the order the stream held them: by time, within
    a millisecond as the pieces had them."""
    found = [(cut, piece) for cut in cuts for piece in cut.pieces]
    found.sort(key=lambda one: (one[1][0][1], one[1][0][0]))  # by the time, then the id, of their first event
    nexts = [piece[0][1] for _, piece in found[1:]]
    events = [LogEvent(name, at, message, cut.log_group, cut.log_stream)
              for (cut, piece), following in zip_longest(found, nexts)
              for name, at, message in (piece if following is None else _followed(piece, following))]
    assembler = Assembler()
    assembler.take_all(sorted(events, key=lambda event: event.timestamp))
    return assembler.closed()


def _followed(piece: Sequence[LoggedEvent], following: int) -> Sequence[LoggedEvent]:
    """A piece without the init it ends with, when what follows (epoch ms) is too late to be that init's invocation:
    the piece between them is still to come."""
    init = len(piece)
    while init and isinstance(recognise(piece[init - 1][2]), InitStarted | InitReported):
        init -= 1
    return piece[:init] if init < len(piece) and following - piece[init][1] > LONGEST_INIT_MS else piece
