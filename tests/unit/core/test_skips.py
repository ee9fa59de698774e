from catalyst_dns_sync.core.skips import ADVICE, SkipReason


def test_every_reason_comes_with_advice() -> None:
    assert set(ADVICE) == set(SkipReason)
    assert all(ADVICE.values())
