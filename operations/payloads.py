"""What exactly is sent for a letter, and whether the destination can take it."""

from __future__ import annotations

import json
import re

from store.recovery import DeadLetter, MessageAttribute, Shape, Way

MAX_BYTES = 1_048_576
"""1 MiB: an SQS message with its attributes, a whole SQS batch, and an asynchronous Lambda event."""
MAX_ATTRIBUTES = 10
MARKER = "lamplight-redrive"
"""The attribute that names the letter (`queue/message id`) a message was redriven from."""

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything but XML 1.0's characters, which are the ones SQS takes."""
_SPACE = re.compile(r"[ \t\n\r]*")


def text(letter: DeadLetter) -> str:
    """What goes back: the body, or the original event inside a Lambda destination's record.

    The event is cut out of the record, not parsed and written again, so that no number or escape changes.
    An edited letter sends its edit. Raises ValueError when the record holds no event."""
    return letter.edit.text if letter.edit else original(letter)


def original(letter: DeadLetter) -> str:
    """What `text` would be without an edit. Raises as `text`."""
    if letter.shape is Shape.LAMBDA_DESTINATION and letter.destination.way is Way.INVOKE:
        return _member(letter.body, "requestPayload")
    return letter.body


def attributes(letter: DeadLetter) -> dict[str, MessageAttribute]:
    """The letter's attributes and the marker, which is left out when it would be the eleventh or make the
    message too large: then only the journal knows. The marker of an edited letter names the edit, too."""
    own = {name: value for name, value in letter.attributes.items() if name != MARKER}
    edited = f";edit={letter.edit.id}" if letter.edit else ""
    marked = {**own, MARKER: MessageAttribute("String", letter.key + edited)}
    fits = len(marked) <= MAX_ATTRIBUTES and size(text(letter), marked) <= MAX_BYTES
    return marked if fits else own


def size(body: str, attached: dict[str, MessageAttribute]) -> int:
    """Bytes as SQS counts them: body, and name, type and value of each attribute."""
    total = len(body.encode("utf-8", "surrogatepass"))
    for name, value in attached.items():
        total += len(name.encode()) + len(value.type.encode()) + len(value.binary or b"")
        total += len((value.string or "").encode("utf-8", "surrogatepass"))
    return total


def problem(letter: DeadLetter) -> str:
    """Why the destination would refuse it, or nothing."""
    try:
        body = text(letter)
    except ValueError as error:
        return str(error)
    if letter.destination.way is Way.INVOKE:
        return _event_problem(body)
    return _message_problem(letter, body)


def _event_problem(body: str) -> str:
    try:
        json.loads(body)
        weight = len(body.encode())
    except (ValueError, RecursionError):
        return "the event is not JSON, which an invocation must be"
    return f"the event has {weight:,} bytes, Lambda takes {MAX_BYTES:,}" if weight > MAX_BYTES else ""


def _message_problem(letter: DeadLetter, body: str) -> str:
    if not body:
        return "the body is empty, which SQS refuses"
    if letter.destination.arn.endswith(".fifo") and not letter.system.get("MessageGroupId"):
        return "it has no message group, without which a FIFO queue takes nothing"
    illegal = next(filter(None, map(_ILLEGAL.search, _texts(letter, body))), None)
    if illegal:
        return f"it holds the character U+{ord(illegal.group()):04X}, which SQS refuses"
    attached = attributes(letter)
    if len(attached) > MAX_ATTRIBUTES:
        return f"it has {len(attached)} attributes, SQS takes {MAX_ATTRIBUTES}"
    weight = size(body, attached)
    return f"it has {weight:,} bytes with its attributes, SQS takes {MAX_BYTES:,}" if weight > MAX_BYTES else ""


def _texts(letter: DeadLetter, body: str) -> list[str]:
    return [body, *(value.string for value in letter.attributes.values() if value.string)]


def _member(document: str, wanted: str) -> str:
    """The text of one member of a JSON object, as it was written; the last one when it is repeated."""
    found: str | None = None
    decoder = json.JSONDecoder()
    try:
        at = _past(document, _skip(document, 0), "{")
        while document[at:at + 1] == '"':
            name, at = decoder.raw_decode(document, at)
            start = _past(document, _skip(document, at), ":")
            _, end = decoder.raw_decode(document, start)
            found = document[start:end] if name == wanted else found
            at = _skip(document, end)
            if document[at:at + 1] == "}":
                break
            at = _past(document, at, ",")
    except (ValueError, RecursionError) as error:
        raise ValueError("the record of the failed invocation is not JSON") from error
    if found is None:
        raise ValueError(f"the record of the failed invocation has no {wanted}")
    return found


def _skip(document: str, at: int) -> int:
    matched = _SPACE.match(document, at)
    return matched.end() if matched else at


def _past(document: str, at: int, mark: str) -> int:
    """The position after `mark` and the space behind it. Raises ValueError when something else stands there."""
    if document[at:at + 1] != mark:
        raise ValueError(f"no {mark} at {at}")
    return _skip(document, at + 1)
