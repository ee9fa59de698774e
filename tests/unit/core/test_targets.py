import pytest

from catalyst_dns_sync.core.merge import Defaults, answer_for, answers_for
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.objects import Claim, Extras
from catalyst_dns_sync.core.records import Targets, parse_targets
from catalyst_dns_sync.core.targets import (
    Answer,
    Row,
    ServiceTarget,
    TargetStep,
    parse_table,
    row_for,
)

TABLE = parse_table("websecure=10.0.0.1; tailscale=10.0.0.2; *=10.0.0.3")
ADDRESS, BALANCER, STATUS = (parse_targets(f"10.0.1.{number}") for number in (1, 2, 3))
UP, DOWN = ServiceTarget("a/b", BALANCER), ServiceTarget("a/b", (), "its load balancer has none")


def claim(*ways: str, targets: Targets | None = None) -> Claim:
    return Claim(parse_name("app.lab.test"), targets, status=STATUS, extras=Extras(ways))


def test_a_table_has_a_row_for_each_way_in_the_order_that_is_written() -> None:
    text = """
    # inside first
    tailscale = 100.64.0.7, fd7a::7   # both families
    websecure=192.168.1.54; legacy=lb.example.org
    """

    assert parse_table(text) == (
        Row("tailscale", parse_targets("100.64.0.7,fd7a::7")),
        Row("websecure", parse_targets("192.168.1.54")),
        Row("legacy", parse_targets("lb.example.org")),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("websecure", "no row"),
        ("=192.0.2.1", "no row"),
        ("web secure=192.0.2.1", "no row"),
        ("a=192.0.2.1;a=192.0.2.2", "two rows"),
        ("a=192.0.2.1,lb.example.org", "no IP address"),
    ],
)
def test_a_table_that_can_not_be_read_says_which_row(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_table(text)


@pytest.mark.parametrize(
    ("ways", "row"),
    [(("tailscale",), 1), (("tailscale", "websecure"), 0), (("web",), 2), ((), 2)],
)
def test_the_first_row_that_names_a_way_counts_and_the_star_is_the_rest(
    ways: tuple[str, ...], row: int
) -> None:
    assert row_for(ways, TABLE) == row


def test_the_star_is_the_rest_wherever_it_stands() -> None:
    assert row_for(("web",), parse_table("*=10.0.0.3;web=10.0.0.1")) == 1


@pytest.mark.parametrize(
    ("defaults", "wanted"),
    [
        (Defaults(ADDRESS, table=TABLE, service=UP), Answer(TargetStep.TABLE, TABLE[2].targets, 2)),
        (Defaults(ADDRESS, service=UP), Answer(TargetStep.ADDRESSES, ADDRESS)),
        (Defaults(service=UP), Answer(TargetStep.SERVICE, BALANCER)),
        (Defaults(service=DOWN), Answer(TargetStep.SERVICE, ())),
        (Defaults(), Answer(TargetStep.STATUS, STATUS)),
    ],
)
def test_the_first_step_answers_that_is_there_even_if_it_has_no_answer_now(
    defaults: Defaults, wanted: Answer
) -> None:
    own = parse_targets("10.9.9.9")

    assert answer_for(claim(), defaults) == wanted
    assert answer_for(claim(targets=own), defaults) == Answer(TargetStep.OBJECT, own)


def test_twins_on_several_entry_points_share_the_first_row_and_others_keep_theirs() -> None:
    own = parse_targets("10.9.9.9")
    twins = [claim("tailscale"), claim(targets=own), claim("websecure")]

    assert answers_for(twins, Defaults(table=TABLE)) == [
        Answer(TargetStep.TABLE, TABLE[0].targets, 0),
        Answer(TargetStep.OBJECT, own),
        Answer(TargetStep.TABLE, TABLE[0].targets, 0),
    ]
