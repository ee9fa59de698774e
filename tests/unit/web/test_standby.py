"""What an instance answers that leaves the work to another one."""

import pytest

from catalyst_dns_sync.web.problems import ProblemError
from catalyst_dns_sync.web.standby import NOBODY, check_leads


def test_a_change_waits_while_nobody_leads() -> None:
    with pytest.raises(ProblemError, match="nobody leads just now: try again") as refused:
        check_leads(NOBODY)

    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})
