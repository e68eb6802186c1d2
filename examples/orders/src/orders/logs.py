"""The logger. Every line is one JSON object.

`logger.inject_lambda_context` on a handler adds function_request_id, function_name and cold_start to each line;
Powertools adds xray_trace_id by itself while tracing is active.
"""

from __future__ import annotations

import os

from aws_lambda_powertools import Logger

logger = Logger(function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"))
