"""Why a name is, or is not, in DNS: the chain from the objects to the answers, as a value."""

from catalyst_dns_sync.core.explain.bystanders import Bystander, Watch, bystander
from catalyst_dns_sync.core.explain.chain import explain
from catalyst_dns_sync.core.explain.model import Answer, Case, Explanation, Outcome, Stage, Step

__all__ = [
    "Answer",
    "Bystander",
    "Case",
    "Explanation",
    "Outcome",
    "Stage",
    "Step",
    "Watch",
    "bystander",
    "explain",
]
