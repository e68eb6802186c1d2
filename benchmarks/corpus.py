"""Subscription payloads to measure with: made up, realistic, and the same in every run.

Each corpus is several functions, each with its own logger, in several streams. Payloads are slices of one stream, cut
without regard to invocations, and come interleaved, as CloudWatch delivers them.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from benchmarks import line_styles as styles
from benchmarks.line_styles import Call, Logger

BEGAN = 1_795_461_000_000
"""Epoch ms of the first event: any moment would do, as long as it is always the same."""
LINES_EACH = 3
COLD, FAILED, LOGGED_ERRORS, WITH_METRICS = 0.02, 0.01, 0.01, 0.10
"""Shares of invocations: cold as the target says, failures as in a service that is watched and mostly well."""
ENVIRONMENTS_EACH = 4
SLICE = (30, 400)
"""Events in one payload: CloudWatch sends what has come in some seconds, at most a megabyte."""


@dataclass(frozen=True)
class Corpus:
    """What one style of service sends. `loggers` are used in turn, one a function."""

    name: str
    loggers: tuple[Logger, ...]
    uncaught: Logger
    around: Callable[[Call, list[str]], list[str]]
    share_of_floor: float = 1 / 3
    """How much of the floor's speed a reader must reach."""


STRUCTURED = Corpus("text platform lines, JSON loggers",
                    (styles.powertools, styles.pino, styles.guide, styles.structlog),
                    styles.uncaught_text, styles.text_format)
JSON_FORMAT = Corpus("JSON format", (styles.python_json, styles.node_json, styles.powertools), styles.uncaught_json,
                     styles.json_format)
PLAIN = Corpus("plain text", (styles.python_text, styles.node_text, styles.plain_print), styles.uncaught_text,
               styles.text_format, share_of_floor=1 / 5)
"""Here the floor parses nothing beyond the payload, so that a line's own meaning costs more beside it."""
CORPORA = (STRUCTURED, JSON_FORMAT, PLAIN)


@dataclass
class _Environment:
    """An execution environment and its log stream; when it dies, the next one writes a stream of its own."""

    rng: Random
    corpus: Corpus
    function: str
    logger: Logger
    now: int = BEGAN
    stream: str = ""
    number: int = 0

    def invocation(self) -> Iterator[dict[str, object]]:
        """The events of the next invocation, in the stream of a new environment if it is cold."""
        rng = self.rng
        cold = not self.stream or rng.random() < COLD
        if cold:
            self.stream = f"2026/11/23/[$LATEST]{rng.getrandbits(128):032x}"
        call = Call(rng, self.function, _uuid(rng), f"1-{rng.getrandbits(32):08x}-{rng.getrandbits(96):024x}",
                    self.now, cold, rng.random() < FAILED)
        said = [self.logger(call) for _ in range(LINES_EACH)]
        if rng.random() < WITH_METRICS:
            said.append(styles.emf(call))
        if rng.random() < LOGGED_ERRORS:
            said.insert(1, styles.logged_error(call))
        if call.failed:
            said.append(self.corpus.uncaught(call))
        for message in self.corpus.around(call, said):
            self.number += 1
            self.now += rng.randrange(3, 40)
            yield {"id": f"{self.now * 10**6 + self.number:056d}", "timestamp": self.now, "message": message}

    def slices(self, events: int) -> Iterator[dict[str, object]]:
        """CloudWatch documents that hold about so many events, cut anywhere, each of one stream."""
        waiting: list[dict[str, object]] = []
        while events > 0:
            size, stream = self.rng.randint(*SLICE), self.stream
            while len(waiting) < size:
                following = list(self.invocation())
                if waiting and self.stream != stream:
                    yield self._document(stream, waiting)
                    events, waiting = events - len(waiting), []
                stream, waiting = self.stream, waiting + following
            yield self._document(stream, waiting[:size])
            events, waiting = events - size, waiting[size:]

    def _document(self, stream: str, events: list[dict[str, object]]) -> dict[str, object]:
        return {"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": f"/aws/lambda/{self.function}",
                "logStream": stream, "subscriptionFilters": ["lamplight"], "logEvents": events}


def payloads(corpus: Corpus, events: int, seed: int = 7) -> Iterator[bytes]:
    """About so many events as base64 of gzip, the way a subscription delivers them. Made as they are asked for."""
    rng = Random(seed)
    living = []
    for turn, logger in enumerate(corpus.loggers):
        for _ in range(ENVIRONMENTS_EACH):
            environment = _Environment(Random(rng.random()), corpus, f"shop-{turn}-{logger.__name__}", logger)
            living.append(environment.slices(max(1, events // (len(corpus.loggers) * ENVIRONMENTS_EACH))))
    while living:
        one = rng.choice(living)
        document = next(one, None)
        if document is None:
            living.remove(one)
        else:
            yield base64.b64encode(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0))


def _uuid(rng: Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
