"""The store: versions, the past, and what is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.sandbox.kube_api.resources import CONFIG_MAPS
from catalyst_dns_sync.sandbox.kube_api.store import (
    ChangeType,
    Collection,
    ForgottenError,
    ObjectStore,
)


def keys(collection: Collection, version: int | None = None) -> list[str]:
    if version is None:
        return [stored.key for stored in collection.between("", None)]
    return [stored.key for stored in collection.between_at(version, "", None)]


def opened(history: int = 100) -> tuple[ObjectStore, Collection]:
    store = ObjectStore(history)
    return store, store.open(CONFIG_MAPS)


def test_each_write_gets_the_next_version() -> None:
    store, collection = opened()
    began = store.version

    first = store.put(collection, "ns/a", {"metadata": {"name": "a"}})
    second = store.put(collection, "ns/a", {"metadata": {"name": "a"}, "data": {}})
    last = store.remove(collection, second)

    assert [each.version - began for each in (first, second, last)] == [1, 2, 3]
    types = [change.type for change in collection.changes_since(began)]
    assert types == [ChangeType.ADDED, ChangeType.MODIFIED, ChangeType.DELETED]
    assert last.obj["metadata"]["resourceVersion"] == str(last.version)


def test_a_stored_object_never_changes() -> None:
    store, collection = opened()
    obj = {"metadata": {"name": "a"}}

    stored = store.put(collection, "ns/a", obj)
    store.put(collection, "ns/a", stored.obj | {"data": {"x": "y"}})

    assert obj == {"metadata": {"name": "a"}}
    assert "data" not in stored.obj


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=20))
def test_the_past_is_shown_as_it_was(writes: list[tuple[str, bool]]) -> None:
    store, collection = opened()
    seen = {store.version: keys(collection)}

    for name, removes in writes:
        present = collection.get(name)
        if removes and present is not None:
            store.remove(collection, present)
        elif not removes:
            store.put(collection, name, {"metadata": {"name": name}})
        seen[store.version] = keys(collection)

    assert {version: keys(collection, version) for version in seen} == seen


def test_a_reader_continues_where_it_stopped() -> None:
    store, collection = opened()
    cursor = collection.cursor_after(store.version)
    for name in "abc":
        store.put(collection, name, {"metadata": {"name": name}})

    first, cursor = collection.read(cursor, 2)
    second, cursor = collection.read(cursor, 2)
    third, _ = collection.read(cursor, 2)

    found = [[change.after.key for change in each] for each in (first, second, third)]
    assert found == [["a", "b"], ["c"], []]


def test_old_changes_are_forgotten_and_say_so() -> None:
    store, collection = opened(history=10)
    began = store.version
    cursor = collection.cursor_after(began)
    for number in range(20):
        store.put(collection, f"r{number:02}", {"metadata": {"name": "x"}})

    with pytest.raises(ForgottenError) as too_old:
        collection.changes_since(began)
    with pytest.raises(ForgottenError):
        collection.read(cursor, 5)
    assert len(collection.changes_since(too_old.value.oldest)) <= 11
    assert len(collection) == 20


def test_a_new_collection_knows_nothing_of_before() -> None:
    store, collection = opened()
    before = store.version
    store.put(collection, "a", {"metadata": {"name": "a"}})

    again = store.open(CONFIG_MAPS)

    assert keys(again) == []
    with pytest.raises(ForgottenError):
        again.cursor_after(before)


def test_listeners_hear_of_each_change() -> None:
    store, collection = opened()
    heard: list[int] = []
    collection.listeners.add(lambda: heard.append(store.version))

    stored = store.put(collection, "a", {"metadata": {"name": "a"}})
    store.remove(collection, stored)
    collection.close()

    assert len(heard) == 3
