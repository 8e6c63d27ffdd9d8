"""Fetching a build from servers that misbehave: either the whole right file is used, or one clear sentence is raised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from harness.benchmark.store.download import Patience
from harness.benchmark.store.find import find_or_fetch
from harness.benchmark.store.sources import Build, Sources
from harness.benchmark.store.store import Store
from harness.errors import EnvironmentFault, HarnessError, HostError, HostTransientError
from tests.benchmark.elves import elf
from tests.benchmark.http_server import Page, Server, serving

BODY = elf()
QUICK = Patience(connect_s=2, read_s=1, stall_s=1.5, tries=3, backoff_s=0.01)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        running.pages["/b"] = Page(BODY)
        yield running


def store_of(tmp_path: Path, address: str, *, moving: bool = True, lock: Path | None = None) -> Store:
    build = Build(flavour="tflite", abi="arm64-v8a", address=address, moving=moving, version="1")
    return Store(tmp_path / "cache", lock, Sources.model_validate({"schema": 1, "builds": [build]}), QUICK)


def fetch(store: Store, said: list[str] | None = None, *, offline: bool = False, update: bool = False) -> bytes:
    sha256 = store.fetch(
        store.sources.builds[0], say=(said if said is not None else []).append, offline=offline, update=update
    )
    assert not list((store.root / "parts").glob("*"))
    return store.path(sha256).read_bytes()


def refused(store: Store, kind: type[HarnessError], text: str) -> None:
    with pytest.raises(kind, match=text) as caught:
        fetch(store)
    assert caught.value.advice and not [p for p in store.root.glob("*") if len(p.name) == 64]


def test_first_fetch_pins_and_the_second_needs_no_network(tmp_path: Path, server: Server) -> None:
    store, said = store_of(tmp_path, server.url("/b")), list[str]()
    assert fetch(store, said) == BODY
    assert server.url("/b") in said[0] and "0.2 MB" in said[0] and str(store.root) in said[0]
    assert hashlib.sha256(BODY).hexdigest() in said[1]
    assert fetch(store, offline=True) == BODY and len(server.asked) == 1


def test_a_cut_download_goes_on(tmp_path: Path, server: Server) -> None:
    server.pages["/b"].cut = [70_000, 50_000]
    assert fetch(store_of(tmp_path, server.url("/b"))) == BODY
    assert [r for _, r in server.asked] == [None, "bytes=70000-", "bytes=120000-"]


@pytest.mark.parametrize("page", [Page(BODY, ranges=False, cut=[70_000]), Page(BODY, etag=None, cut=[70_000])])
def test_without_ranges_or_validator_it_starts_over(tmp_path: Path, server: Server, page: Page) -> None:
    server.pages["/b"] = page
    assert fetch(store_of(tmp_path, server.url("/b"))) == BODY


@pytest.mark.parametrize("if_range", [True, False])
def test_content_that_changes_between_two_requests_is_not_mixed(tmp_path: Path, server: Server, if_range: bool) -> None:
    store = store_of(tmp_path, server.url("/b"))
    server.pages["/b"].cut = [70_000] * 3
    server.pages["/b"].ranges = False
    refused(store, HostTransientError, "after 70000")
    other = elf(fill=b"y")
    server.pages["/b"] = Page(other, etag='"2"', if_range=if_range)
    assert fetch(store) == other


def test_a_redirect_to_another_host_is_followed_and_others_are_not(tmp_path: Path, server: Server) -> None:
    server.pages["/far"] = Page(status=302, location=server.url("/b", host="localhost"))
    server.pages["/loop"] = Page(status=302, location="/loop")
    server.pages["/file"] = Page(status=302, location="file:///etc/passwd")
    assert fetch(store_of(tmp_path / "1", server.url("/far"))) == BODY
    refused(store_of(tmp_path / "2", server.url("/loop")), EnvironmentFault, "redirects without end")
    refused(store_of(tmp_path / "3", server.url("/file")), EnvironmentFault, "redirects to file:.* not followed")


@pytest.mark.parametrize(
    ("page", "kind", "text"),
    [
        (Page(status=404), EnvironmentFault, "is gone .404"),
        (Page(status=410), EnvironmentFault, "is gone .410"),
        (Page(status=403), EnvironmentFault, "is refused .403"),
        (Page(status=500), HostTransientError, "answers 500"),
        (Page(BODY, length_off=5000), HostTransientError, "ended after|cut off|answers 416"),
        (Page(BODY, length_off=-5000), EnvironmentFault, "cut short"),
        (Page(b"<!DOCTYPE html><html>login</html>"), EnvironmentFault, "a web page"),
        (Page(b"nonsense" * 100), EnvironmentFault, "no program"),
        (Page(elf("armeabi-v7a")), EnvironmentFault, "a program for armeabi-v7a, not arm64-v8a"),
        (Page(elf(marks=b"ls")), EnvironmentFault, "no benchmark program"),
        (Page(elf(marks=b"num_runs dispatch_library_path")), EnvironmentFault, "flavour litert, not tflite"),
        (Page(BODY, stall_after=10_000), HostTransientError, "cut off after|does not answer|stalls"),
        (Page(BODY * 9, drip_s=0.8), HostTransientError, "stalls after"),
    ],
)
def test_what_is_not_the_file_is_refused(
    tmp_path: Path, server: Server, page: Page, kind: type[HarnessError], text: str
) -> None:
    server.pages["/b"] = page
    refused(store_of(tmp_path, server.url("/b")), kind, text)


def test_a_passing_fault_is_tried_again(tmp_path: Path, server: Server) -> None:
    server.pages["/b"].fail = [500, 503]
    said: list[str] = []
    assert fetch(store_of(tmp_path, server.url("/b")), said) == BODY
    assert "answers 500" in said[0] and "trying again" in said[0]


def test_a_server_that_dies_and_comes_back(tmp_path: Path) -> None:
    with serving() as first:
        first.pages["/b"] = Page(BODY)
        store, port = store_of(tmp_path, first.url("/b")), first.server_port
        first.pages["/b"].stall_after = 10_000
        refused(store, HostTransientError, "cut off after")
    refused(store, EnvironmentFault, "cannot be reached")
    with serving(port) as second:
        second.pages["/b"] = Page(BODY)
        assert fetch(store) == BODY and second.asked[0][1] is not None


def test_a_changed_file_is_told_and_taken_only_with_update(tmp_path: Path, server: Server) -> None:
    store = store_of(tmp_path, server.url("/b"))
    fetch(store)
    store.path(hashlib.sha256(BODY).hexdigest()).write_bytes(BODY[:-1])  # damaged, so it is fetched again
    assert fetch(store) == BODY
    store.path(hashlib.sha256(BODY).hexdigest()).unlink()
    other = elf(fill=b"y")
    server.pages["/b"] = Page(other, etag='"2"')
    refused(store, EnvironmentFault, "serves another file .* pinned to .* --update")
    assert fetch(store, update=True) == other


def test_a_fixed_address_is_pinned_in_the_project_and_a_moving_one_is_not(tmp_path: Path, server: Server) -> None:
    lock = tmp_path / "p" / "binaries.lock"
    fetch(store_of(tmp_path / "1", server.url("/b"), moving=True, lock=lock))
    assert not lock.exists()
    fetch(store_of(tmp_path / "2", server.url("/b"), moving=False, lock=lock))
    data = json.loads(lock.read_text())
    assert data["pins"] == {server.url("/b"): {"sha256": hashlib.sha256(BODY).hexdigest(), "size_bytes": len(BODY)}}
    server.pages["/b"] = Page(elf(fill=b"y"))
    refused(store_of(tmp_path / "3", server.url("/b"), moving=False, lock=lock), EnvironmentFault, "it should not")


def test_the_phones_best_abi(tmp_path: Path, server: Server) -> None:
    store = store_of(tmp_path, server.url("/b"))
    with pytest.raises(EnvironmentFault, match="--offline forbids to fetch http.*harness binaries fetch --abi arm64"):
        find_or_fetch(("arm64-v8a",), offline=True, say=print, store=store)
    with pytest.raises(EnvironmentFault, match="no official Android build of tflite for x86_64"):
        find_or_fetch(("x86_64",), offline=False, say=print, store=store)
    found = find_or_fetch(("armeabi-v7a", "arm64-v8a"), offline=False, say=print, store=store)
    assert (found.abi, found.flavour, found.sha256) == ("arm64-v8a", "tflite", hashlib.sha256(BODY).hexdigest())
    own = tmp_path / "own"
    own.write_bytes(elf(fill=b"z"))
    added = store.add(own, flavour=None, abi=None, name="mine", use=True)
    assert find_or_fetch(("arm64-v8a",), offline=True, say=print, store=store).sha256 == added
    store.prefer("tflite", "arm64-v8a", None)
    assert find_or_fetch(("arm64-v8a",), offline=True, say=print, store=store).sha256 == found.sha256


def test_proxies_of_the_environment_are_used(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url(""))
    server.pages["http://nowhere.invalid/b"] = Page(BODY)
    assert fetch(store_of(tmp_path, "http://nowhere.invalid/b")) == BODY


def test_an_encrypted_address_never_leads_to_a_plain_one(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = requests.Session.get

    def get(self: requests.Session, url: str, **more: Any) -> requests.Response:
        return plain(self, url.replace("https://", "http://"), **more)

    monkeypatch.setattr(requests.Session, "get", get)
    server.pages["/s"] = Page(status=301, location=server.url("/b"))
    store = store_of(tmp_path, server.url("/s").replace("http://", "https://"))
    refused(store, EnvironmentFault, "redirects to http://.*not followed")
    assert [path for path, _ in server.asked] == ["/s"]


def test_a_full_disk_is_told_before_the_first_byte(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    refused(store_of(tmp_path, server.url("/b")), HostError, "there is no space left for")
