from dataclasses import replace

import pytest

from catalyst_dns_sync.core.changes import Create, Update
from catalyst_dns_sync.core.drift import DriftPolicy, under_drift_policy
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.skips import Skip, SkipReason
from fakes.values import ZONE, delete, endpoint, host, ours, ref

APP = endpoint("app")
REPAIR = Update(APP, (ours("10.0.0.1"),), (ours(),))


@pytest.mark.parametrize(
    ("policy", "remediate", "repaired"),
    [
        (DriftPolicy.REPAIR, None, True),
        (DriftPolicy.REPORT, None, False),
        (DriftPolicy.REPAIR, False, False),
        (DriftPolicy.REPORT, True, True),
    ],
)
def test_the_object_decides_before_the_settings(
    policy: DriftPolicy, *, remediate: bool | None, repaired: bool
) -> None:
    wanted = replace(APP, remediate=remediate)
    repair = replace(REPAIR, endpoint=wanted)
    skip = Skip(
        SkipReason.DRIFT, host("app"), "somebody changed the record", ref("IngressRoute/web/app")
    )

    plan = under_drift_policy(Plan(ZONE, (repair,), ()), {host("app"): wanted}, policy)

    assert plan == (Plan(ZONE, (repair,), ()) if repaired else Plan(ZONE, (), (skip,)))


def test_once_the_cluster_wants_something_else_the_drift_is_over() -> None:
    before = replace(APP, ttl=60)

    plan = under_drift_policy(Plan(ZONE, (REPAIR,), ()), {host("app"): before}, DriftPolicy.REPORT)

    assert plan.changes == (REPAIR,)


def test_what_nobody_changed_and_what_goes_is_not_held_back() -> None:
    create, gone = Create(endpoint("new"), (ours(),)), delete("gone")
    drifted = {host("app"): APP, host("gone"): endpoint("gone")}

    plan = under_drift_policy(Plan(ZONE, (create, gone), ()), drifted, DriftPolicy.REPORT)

    assert plan == Plan(ZONE, (create, gone), ())
