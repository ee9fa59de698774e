from catalyst_dns_sync.control.activity import Activity


def test_changes_are_counted_for_a_minute_and_silence_since_the_last_one() -> None:
    now = 0.0
    activity = Activity(lambda: now)

    now = 10.0
    activity.note(3)
    now = 40.0
    activity.note(4)
    assert (activity.last_minute(), activity.quiet_for()) == (7, 0.0)

    now = 70.0
    activity.note(0)
    assert (activity.last_minute(), activity.quiet_for()) == (4, 30.0)

    now = 3700.0
    assert (activity.last_minute(), activity.quiet_for()) == (0, 3660.0)
