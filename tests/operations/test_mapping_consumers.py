"""Event source mappings over Lambda's API."""

from __future__ import annotations

from typing import Any

from operations.mapping_consumers import MappingConsumers


class FakeLambda:
    """Two pages of mappings, and what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def list_event_source_mappings(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if "Marker" in asked:
            return {"EventSourceMappings": [{"UUID": "map-3", "State": "Updating"}]}
        return {"EventSourceMappings": [{"UUID": "map-1", "State": "Enabled"}, {"UUID": "map-2", "State": "Disabled"}],
                "NextMarker": "more"}

    def update_event_source_mapping(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {}


def test_mappings_that_read_a_queue_are_found_on_every_page_and_resting_ones_left_out():
    fake = FakeLambda()
    assert MappingConsumers(fake).reading("arn:queue") == ["map-1", "map-3"]  # type: ignore[arg-type]
    assert fake.asked == [{"EventSourceArn": "arn:queue"}, {"EventSourceArn": "arn:queue", "Marker": "more"}]


def test_a_mapping_is_switched_off_and_on_and_nothing_else_of_it_changes():
    fake = FakeLambda()
    consumers = MappingConsumers(fake)  # type: ignore[arg-type]
    consumers.pause("map-1")
    consumers.resume("map-1")
    assert fake.asked == [{"UUID": "map-1", "Enabled": False}, {"UUID": "map-1", "Enabled": True}]
