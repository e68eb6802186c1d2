"""Event source mappings over Lambda's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

RESTING = ("Disabled", "Disabling", "Deleting")


class MappingConsumers:
    """Pauses and resumes whoever reads a queue. Repeating either changes nothing."""

    def __init__(self, client: LambdaClient) -> None:
        self._client = client

    def reading(self, queue_arn: str) -> list[str]:
        found, marker = [], ""
        while True:
            paging: dict[str, Any] = {"Marker": marker} if marker else {}
            with translated("event source mappings"):
                page = self._client.list_event_source_mappings(EventSourceArn=queue_arn, **paging)
            found += [wire["UUID"] for wire in page["EventSourceMappings"] if wire.get("State") not in RESTING]
            marker = page.get("NextMarker", "")
            if not marker:
                return found

    def pause(self, mapping: str) -> None:
        self._switch(mapping, enabled=False)

    def resume(self, mapping: str) -> None:
        self._switch(mapping, enabled=True)

    def _switch(self, mapping: str, enabled: bool) -> None:
        with translated(f"event source mapping {mapping}"):
            self._client.update_event_source_mapping(UUID=mapping, Enabled=enabled)
