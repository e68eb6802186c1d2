import time

HOUR_MS = 3600 * 1000
EVENT = {"time": "2026-11-23T20:00:00Z"}


def an_order(service, order_id, status, age_hours):
    created_at = int(time.time() * 1000) - age_hours * HOUR_MS
    service.table.put_item(Item={"pk": f"ORDER#{order_id}", "status": status, "created_at": created_at})


def test_only_orders_accepted_long_ago_and_never_fulfilled_are_dropped(service):
    an_order(service, "old", "accepted", age_hours=25)
    an_order(service, "older", "accepted", age_hours=99)
    an_order(service, "young", "accepted", age_hours=23)
    an_order(service, "done", "fulfilled", age_hours=99)
    assert service.invoke("cleanup", EVENT) == {"dropped": 2}
    assert sorted(item["pk"] for item in service.table.scan()["Items"]) == ["ORDER#done", "ORDER#young"]


def test_an_order_fulfilled_after_the_index_was_read_stays(service):
    an_order(service, "late", "fulfilled", age_hours=25)
    assert service.load("cleanup").drop("ORDER#late") is False
    assert service.item("ORDER#late") is not None


def test_every_page_of_the_index_is_read(service, monkeypatch):
    cleanup = service.load("cleanup")
    pages = iter([{"Items": [{"pk": "a"}], "LastEvaluatedKey": {"pk": "a"}}, {"Items": [{"pk": "b"}]}])
    asked = []

    def query(**request):
        asked.append(request.get("ExclusiveStartKey"))
        return next(pages)

    monkeypatch.setattr(cleanup.table, "query", query)
    assert list(cleanup.abandoned(before=0)) == ["a", "b"]
    assert asked == [None, {"pk": "a"}]


def test_the_log_says_which_run_it_was(service):
    service.invoke("cleanup", EVENT)
    assert service.lines()[0]["scheduled_at"] == "2026-11-23T20:00:00Z"
