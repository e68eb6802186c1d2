"""A fake of the Lambda control plane: functions as wires, pages of two, calls counted by name."""

from __future__ import annotations

from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

from tests.collectors.fakes import refusal

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:"


class FakeFunctions:
    def __init__(self, *names: str) -> None:
        self.wires = {name: {
            "FunctionName": name, "FunctionArn": ARN + name, "Runtime": "python3.12", "MemorySize": 512, "Timeout": 7,
            "Version": "$LATEST", "CodeSha256": "a", "LastModified": "2026-11-01T10:00:00.000+0000", "CodeSize": 2_048,
            "Architectures": ["arm64"], "EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "Active"},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO",
                              "LogGroup": f"/aws/lambda/{name}"},
        } for name in names}
        self.mappings: list[dict[str, Any]] = []
        self.aliases: dict[str, list[dict[str, Any]]] = {}
        self.versions: dict[str, list[dict[str, Any]]] = {}
        self.ready: dict[str, list[dict[str, Any]]] = {}
        self.handling: dict[str, list[dict[str, Any]]] = {}
        self.reserved: dict[str, int] = {}
        self.refused: dict[str, ClientError] = {}
        self.calls: Counter[str] = Counter()

    def list_functions(self, Marker: str = "0") -> dict[str, Any]:  # noqa: N803
        return self._page("list_functions", "Functions", list(self.wires.values()), Marker, "NextMarker")

    def list_event_source_mappings(self, Marker: str = "0") -> dict[str, Any]:  # noqa: N803
        return self._page("list_event_source_mappings", "EventSourceMappings", self.mappings, Marker, "NextMarker")

    def list_aliases(self, FunctionName: str, Marker: str = "0") -> dict[str, Any]:  # noqa: N803
        return self._page("list_aliases", "Aliases", self.aliases.get(FunctionName, []), Marker, "NextMarker")

    def list_versions_by_function(self, FunctionName: str, Marker: str = "0") -> dict[str, Any]:  # noqa: N803
        rows = [{"Version": "$LATEST"}, *self.versions.get(FunctionName, [])]
        return self._page("list_versions_by_function", "Versions", rows, Marker, "NextMarker")

    def list_provisioned_concurrency_configs(self, FunctionName: str,  # noqa: N803
                                             Marker: str = "0") -> dict[str, Any]:  # noqa: N803
        return self._page("list_provisioned_concurrency_configs", "ProvisionedConcurrencyConfigs",
                          self.ready.get(FunctionName, []), Marker, "NextMarker")

    def list_function_event_invoke_configs(self, FunctionName: str,  # noqa: N803
                                           Marker: str = "0") -> dict[str, Any]:  # noqa: N803
        return self._page("list_function_event_invoke_configs", "FunctionEventInvokeConfigs",
                          self.handling.get(FunctionName, []), Marker, "NextMarker")

    def get_function_concurrency(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        self._ask("get_function_concurrency")
        return {"ReservedConcurrentExecutions": self.reserved[FunctionName]} if FunctionName in self.reserved else {}

    def refuse(self, call: str, code: str = "AccessDeniedException") -> None:
        self.refused[call] = refusal(code, call)

    def _ask(self, call: str) -> None:
        self.calls[call] += 1
        if call in self.refused:
            raise self.refused[call]

    def _page(self, call: str, name: str, rows: list[dict[str, Any]], marker: str, further: str) -> dict[str, Any]:
        self._ask(call)
        at = int(marker)
        return {name: rows[at:at + 2]} | ({further: str(at + 2)} if at + 2 < len(rows) else {})
