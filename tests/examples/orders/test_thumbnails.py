import json

import pytest

BUCKET = "orders-pictures"
A_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")


@pytest.fixture
def bucket(service):
    service.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def an_event(name, encoded_key):
    return {"Records": [{"eventName": name, "s3": {"bucket": {"name": BUCKET}, "object": {"key": encoded_key}}}]}


def keys(service):
    return [entry["Key"] for entry in service.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.mark.usefixtures("bucket")
def test_a_created_picture_is_described_under_its_decoded_key(service):
    service.s3.put_object(Bucket=BUCKET, Key="pictures/a lamp + wick é.png", Body=A_PNG)
    service.invoke("thumbnails", an_event("ObjectCreated:Put", "pictures/a+lamp+%2B+wick+%C3%A9.png"))
    description = service.s3.get_object(Bucket=BUCKET, Key="thumbnails/a lamp + wick é.png.json")
    assert json.load(description["Body"]) == {"width": 640, "height": 480}


@pytest.mark.usefixtures("bucket")
def test_a_removed_picture_takes_its_description_with_it(service):
    service.s3.put_object(Bucket=BUCKET, Key="thumbnails/a lamp.png.json", Body=b"{}")
    service.invoke("thumbnails", an_event("ObjectRemoved:Delete", "pictures/a+lamp.png"))
    assert keys(service) == []


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("content", [b"hello", A_PNG[:20], b"x" * 24])
def test_a_file_that_is_no_picture_fails_and_leaves_nothing_behind(service, content):
    service.s3.put_object(Bucket=BUCKET, Key="pictures/note.png", Body=content)
    with pytest.raises(service.load("errors").NotAPicture, match=r"pictures/note\.png is not a PNG file"):
        service.invoke("thumbnails", an_event("ObjectCreated:Put", "pictures/note.png"))
    assert keys(service) == ["pictures/note.png"]
