"""What an instance answers that leaves the work to another one, the leader."""

from catalyst_dns_sync.web.problems import ProblemError

NOBODY = "nobody"
"""Who leads while the Lease is free."""


def words_of_standby(leader: str) -> str:
    """Say where to go instead."""
    if leader == NOBODY:
        return "this instance stands by, and nobody leads just now: try again in a few seconds"
    pod = leader.rpartition("_")[0] or leader
    return f"this instance stands by, and {leader} leads: tell that one, the pod {pod}"


def check_leads(leader: str) -> None:
    """Raise `ProblemError` where there is another leader; none where this instance leads."""
    if leader:
        headers = {"Retry-After": "5"} if leader == NOBODY else {}
        raise ProblemError(503, words_of_standby(leader), headers)
