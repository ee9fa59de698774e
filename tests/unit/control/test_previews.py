"""What the Stores hold of objects that do not last, as time goes and others come and go."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.control.previews import Previews
from catalyst_dns_sync.control.store import Store, StoreChange
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.objects import Claim, Term, WatchedObject
from catalyst_dns_sync.core.records import ObjectRef

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Wall:
    """A clock on the wall that somebody sets."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> datetime:
        return EPOCH + timedelta(seconds=self.offset)


class World:
    """Stores for two kinds, and who looks after their previews."""

    def __init__(self, limit: int = 0) -> None:
        self.wall = Wall()
        self.told: list[StoreChange] = []
        self.stores = [
            Store(kind.lower(), kind, lambda: 0.0, self.told.append) for kind in ("A", "B")
        ]
        self.previews = Previews(self.stores, self.wall, limit)

    def put(self, name: str, born: int, *, lasts: float | None = None, store: int = 0) -> None:
        self.stores[store].put(preview(name, born, lasts, self.stores[store].kind))

    def remove(self, name: str, store: int = 0) -> None:
        self.stores[store].remove(ObjectRef(self.stores[store].kind, "pr", name))

    @property
    def made(self) -> set[str]:
        return {
            name for store in self.stores for obj in store.objects.values() for name in obj.names
        }


def preview(name: str, born: int, lasts: float | None = None, kind: str = "A") -> WatchedObject:
    created = (EPOCH + timedelta(seconds=born)).isoformat().replace("+00:00", "Z")
    claims = (Claim(DnsName(f"{name}.lab.test")),)
    base = WatchedObject(ObjectRef(kind, "pr", name), created, claims)
    expires = None if lasts is None else EPOCH.timestamp() + born + lasts
    term = Term(base, frozenset({claims[0].name}), expires)
    return WatchedObject(base.ref, created, claims, term=term)


def names(*texts: str) -> set[str]:
    return {f"{text}.lab.test" for text in texts}


@pytest.fixture
def world() -> World:
    return World(limit=2)


@pytest.mark.looptime
async def test_a_name_ends_at_its_time_and_its_end_was_seen() -> None:
    world = World()
    async with asyncio.TaskGroup() as tasks:
        loop = asyncio.get_running_loop()
        world.previews = Previews(world.stores, lambda: EPOCH + timedelta(seconds=loop.time()), 0)
        task = tasks.create_task(world.previews.run())
        world.put("a", 0, lasts=100)
        world.put("b", 0)
        await asyncio.sleep(99.9)
        before = world.made
        await asyncio.sleep(0.2)
        after = world.made
        task.cancel()

    assert (before, after) == (names("a", "b"), names("b"))
    (end,) = world.told[-1].ends
    assert (end.name, end.seen) == ("a.lab.test", True)


def test_a_clock_that_goes_back_a_little_brings_nothing_back() -> None:
    world = World()
    world.wall.offset = 100
    world.put("a", 0, lasts=99)
    world.wall.offset = 50
    world.previews.look()
    world.put("a", 0, lasts=99)

    assert world.made == set()


def test_what_ended_by_a_wrong_clock_is_back_when_the_clock_is_right() -> None:
    world = World()
    world.put("a", 0, lasts=HOUR)
    world.wall.offset = 365 * 86_400
    world.previews.look()
    ended = world.made
    world.wall.offset = 10
    world.previews.look()

    assert (ended, world.made) == (set(), names("a"))
    world.wall.offset = HOUR
    world.previews.look()
    assert world.made == set()


HOUR = 3600.0


def test_the_newest_beyond_the_limit_wait_until_an_older_one_goes(world: World) -> None:
    for born, name in enumerate("abcd"):
        world.put(name, born)
    world.previews.look()
    full = world.made
    world.remove("a")
    world.previews.look()

    assert (full, world.made) == (names("a", "b"), names("b", "c"))


def test_a_list_out_of_order_and_a_second_kind_make_the_oldest(world: World) -> None:
    world.stores[0].replace([preview(name, born) for born, name in ((3, "d"), (1, "b"))], began=0)
    assert world.made == names("b", "d")
    world.stores[1].replace([preview("a", 0, kind="B")], began=0)
    world.previews.look()

    assert world.made == names("a", "b")


def test_one_name_of_two_objects_takes_one_place(world: World) -> None:
    world.put("a", 0)
    world.put("a", 5, store=1)
    world.put("b", 3)
    world.remove("a")
    world.previews.look()

    assert world.made == names("a", "b")


def test_ages_are_of_those_that_are_made(world: World) -> None:
    for born, name in enumerate("abc"):
        world.put(name, born * 10)
    world.wall.offset = 60
    world.previews.look()

    assert world.previews.ages == (60.0, 50.0)


def test_one_whose_time_ended_makes_room_for_another_though_it_is_still_there(world: World) -> None:
    world.put("a", 0, lasts=30)
    world.put("b", 1)
    world.put("c", 2)
    full = world.made
    world.wall.offset = 30
    for _ in range(2):
        world.previews.look()

    assert (full, world.made) == (names("a", "b"), names("b", "c"))
    assert world.previews.ages == (29.0, 28.0)


@pytest.mark.looptime
async def test_a_clock_that_was_wrong_is_noticed_though_nothing_else_happens() -> None:
    world = World()
    world.wall.offset = 365 * 86_400
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(world.previews.run())
        await asyncio.sleep(1)
        world.put("a", 0, lasts=HOUR)
        await asyncio.sleep(1)
        ended = world.made
        world.wall.offset = 10
        await asyncio.sleep(20)
        back = world.made
        task.cancel()

    assert (ended, back) == (set(), names("a"))


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 3), st.integers(0, 1), st.booleans()),
        max_size=20,
    ),
    st.integers(1, 4),
)
def test_whatever_comes_and_goes_the_oldest_are_made(
    steps: list[tuple[str, int, int, bool]], limit: int
) -> None:
    world = World(limit)
    living: dict[tuple[str, int], int] = {}
    for name, born, store, lives in steps:
        if lives:
            living[name, store] = born
            world.put(name, born, store=store)
        elif (name, store) in living:
            del living[name, store]
            world.remove(name, store)
        world.previews.look()

    births: dict[str, int] = {}
    for (name, _), born in living.items():
        births[name] = min(born, births.get(name, born))
    oldest = sorted(births, key=lambda name: (births[name], name))[:limit]
    assert world.made == names(*oldest)
