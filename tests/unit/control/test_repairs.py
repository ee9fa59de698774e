from catalyst_dns_sync.control.repairs import Repairs
from catalyst_dns_sync.core.changes import Update
from catalyst_dns_sync.core.drift import Drift, DriftPolicy
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.plan import Plan
from catalyst_dns_sync.core.records import Endpoint
from fakes.values import ZONE, endpoint, host, ours

APP = endpoint("app")
REPAIR = Plan(ZONE, (Update(APP, (ours("10.0.0.1"),), (ours(),)),), ())
NOTHING = Plan(ZONE, (), ())
EDITED = [Drift(host("app"), "changed")]


def wanted(name: DnsName) -> Endpoint | None:
    return APP if name == host("app") else None


def test_what_a_person_changed_stays_for_as_long_as_nobody_mends_it() -> None:
    repairs = Repairs(DriftPolicy.REPORT)

    plans = [repairs.allowed(REPAIR, wanted, drift).changes for drift in (EDITED, [], [])]

    assert plans == [(), (), ()]


def test_once_it_is_mended_a_later_change_of_ours_is_no_repair() -> None:
    repairs = Repairs(DriftPolicy.REPORT)
    repairs.allowed(REPAIR, wanted, EDITED)
    repairs.allowed(NOTHING, wanted, [])

    assert repairs.allowed(REPAIR, wanted, []) == REPAIR
