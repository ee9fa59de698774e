import pytest

from catalyst_dns_sync.core.changes import Create, Update
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.policy import Policy, under_policy
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.values import ZONE, delete, endpoint, host, ours

CREATE = Create(endpoint("a"), (ours(),))
UPDATE = Update(endpoint("b"), (ours("10.0.0.1"),), (ours(),))
DELETE = delete("c")
SKIP = Skip(SkipReason.NOT_OURS, host("d"), "A 10.0.0.1")


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        (Policy.SYNC, (CREATE, UPDATE, DELETE)),
        (Policy.UPSERT_ONLY, (CREATE, UPDATE)),
        (Policy.CREATE_ONLY, (CREATE,)),
    ],
)
def test_what_a_policy_forbids_is_left_alone_and_said(
    policy: Policy, allowed: tuple[object, ...]
) -> None:
    plan = under_policy(Plan(ZONE, (CREATE, UPDATE, DELETE), (SKIP,)), policy)

    assert plan.changes == allowed
    assert plan.skips[0] == SKIP
    assert [(skip.reason, skip.name) for skip in plan.skips[1:]] == [
        (SkipReason.POLICY, change.name)
        for change in (CREATE, UPDATE, DELETE)
        if change not in allowed
    ]


def test_a_forbidden_change_is_told_in_full() -> None:
    plan = under_policy(Plan(ZONE, (DELETE,), ()), Policy.UPSERT_ONLY)

    assert plan.skips == (
        Skip(
            SkipReason.POLICY,
            host("c"),
            "upsert-only forbids - c.lab.test A 192.168.1.54 ttl 300",
        ),
    )
