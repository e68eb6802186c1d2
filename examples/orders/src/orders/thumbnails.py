"""S3 events: a small description beside each picture, made when it is created and dropped when it is removed.

It holds the size in pixels, read from the file's first bytes; drawing would need an imaging library, which is
ten times the size of everything else in the package.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes import S3Event

from . import clients
from .errors import NotAPicture
from .logs import logger
from .metrics import metrics, timed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

s3 = clients.s3()

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_HEADER_BYTES = 24  # signature 8, chunk length and name 8, width 4, height 4


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    for record in S3Event(event).records:
        # Keys arrive as in a form: spaces as plus signs, everything else per cent.
        bucket, key = record.s3.bucket.name, unquote_plus(record.s3.get_object.key)
        logger.info("Picture changed", event_name=record.event_name, bucket=bucket, key=key)
        if record.event_name.startswith("ObjectCreated"):
            with timed("DescribePicture"):
                describe(bucket, key)
        elif record.event_name.startswith("ObjectRemoved"):
            with timed("ForgetPicture"):
                s3.delete_object(Bucket=bucket, Key=description_key(key))


def describe(bucket: str, key: str) -> None:
    """Write the picture's size beside it. Raises NotAPicture for anything but a PNG file."""
    content = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{PNG_HEADER_BYTES - 1}")["Body"]
    header = content.read(PNG_HEADER_BYTES)
    if len(header) < PNG_HEADER_BYTES or not header.startswith(PNG_SIGNATURE):
        raise NotAPicture(f"{key} is not a PNG file")
    width, height = struct.unpack(">II", header[16:])
    s3.put_object(
        Bucket=bucket,
        Key=description_key(key),
        Body=json.dumps({"width": width, "height": height}),
        ContentType="application/json",
    )


def description_key(key: str) -> str:
    """Outside `pictures/`, so that writing it is not an event of this function."""
    return f"thumbnails/{key.removeprefix('pictures/')}.json"
