"""What can go wrong in the orders service.

    OrdersError
    ├── RequestRefused         the caller's request; carries the HTTP status it is answered with
    │   ├── ValidationError    400
    │   └── Conflict           409
    ├── UnknownSku             no such thing on the shelves
    ├── WarehouseUnavailable   nothing can be shipped now; trying again later helps
    ├── NotAPicture            an uploaded file whose size in pixels cannot be read
    ├── PaymentNotFound        a refund of a payment that was never made
    ├── RefundTooLarge         a refund of more than was paid
    └── RecipientRefused       the mail server does not know the recipient
"""

from __future__ import annotations


class OrdersError(Exception):
    """Base of the tree."""


class RequestRefused(OrdersError):
    """The request cannot be served as it is; `str(error)` is safe to show to the caller."""

    status = 400


class ValidationError(RequestRefused):
    """A field is missing or has a value it cannot have."""


class Conflict(RequestRefused):
    """The same request id was used before, for something else or for something still running."""

    status = 409


class UnknownSku(OrdersError):
    """The warehouse does not keep this item."""


class WarehouseUnavailable(OrdersError):
    """The warehouse is down."""


class NotAPicture(OrdersError):
    """The object is not a PNG file."""


class PaymentNotFound(OrdersError):
    """There is no payment to give back."""


class RefundTooLarge(OrdersError):
    """More is asked back than was paid."""


class RecipientRefused(OrdersError):
    """The recipient's mail server said no."""
