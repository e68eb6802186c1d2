"""Every error Lamplight raises on purpose.

    LamplightError                 says what was wrong (`str`) and what to do (`advice`)
    ├── SettingsError              a setting is missing or wrong; names the variable
    ├── StoreError                 the table, or the way to it
    │   ├── EndpointUnreachable
    │   ├── CredentialsMissing
    │   ├── TableMissing
    │   ├── PermissionDenied       names the action
    │   ├── Throttled
    │   ├── ItemTooLarge
    │   ├── BodyLost           a dead letter whose body is not whole any more; carries the rest of it
    │   └── ConditionLost          somebody wrote first; carries the item that won
    └── OperationRefused           an operator's request that must not run (see operations.errors)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.items import Item
    from store.letters import DeadLetter


class LamplightError(Exception):
    """Base of the tree. `advice` is one sentence a person can act on; it may be empty."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice

    @property
    def sentence(self) -> str:
        """The message and what to do, as shown in terminals and pages."""
        return f"{self} {self.advice}".strip()


class SettingsError(LamplightError):
    """A setting is missing or cannot be read."""

    def __init__(self, variable: str, problem: str, advice: str = "") -> None:
        super().__init__(f"Setting {variable} {problem}.", advice)
        self.variable = variable


class StoreError(LamplightError):
    """The table, or the way to it."""


class EndpointUnreachable(StoreError):
    """No answer from the service endpoint."""


class CredentialsMissing(StoreError):
    """No credentials, or credentials the service does not accept."""


class TableMissing(StoreError):
    """The table named by the settings does not exist in this account and region."""


class PermissionDenied(StoreError):
    """The role may not do this; `action` is the IAM action when the service named it."""

    def __init__(self, message: str, advice: str = "", action: str = "") -> None:
        super().__init__(message, advice)
        self.action = action


class Throttled(StoreError):
    """The service asked us to slow down, and kept asking after the retries."""


class ItemTooLarge(StoreError):
    """An item over DynamoDB's 400 KB limit; nothing was written."""


class BodyLost(StoreError):
    """A dead letter of which a part is not there. `letter` is what is left of it, without its body."""

    def __init__(self, message: str, advice: str, letter: DeadLetter) -> None:
        super().__init__(message, advice)
        self.letter = letter


class ConditionLost(StoreError):
    """A conditional write lost. `existing` is the item that stands there, if the service returned it."""

    def __init__(self, message: str, existing: Item | None = None) -> None:
        super().__init__(message)
        self.existing = existing


class OperationRefused(LamplightError):
    """An operator asked for something that must not run. Nothing was changed."""
