"""Questions about one's own rights: created, answered, and never stored."""

from dataclasses import dataclass

from catalyst_dns_sync.sandbox.kube_api.access import Access
from catalyst_dns_sync.sandbox.kube_api.encoding import Json
from catalyst_dns_sync.sandbox.kube_api.rbac import Attributes


@dataclass(frozen=True, slots=True)
class Review:
    """A resource that only answers."""

    group: str
    version: str
    plural: str
    kind: str


_ACCESS = Review(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"
)
_RULES = Review("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview")
_SUBJECT = Review("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview")
REVIEWS = (_ACCESS, _RULES, _SUBJECT)


def find_review(group: str, version: str, plural: str) -> Review | None:
    """Return the review that is served here."""
    wanted = (group, version, plural)
    found = (each for each in REVIEWS if (each.group, each.version, each.plural) == wanted)
    return next(found, None)


def answer(review: Review, body: Json, access: Access, user: str) -> Json:
    """Return the review of a user's rights with its answer in ``status``."""
    head: Json = {"kind": review.kind, "apiVersion": f"{review.group}/{review.version}"}
    head["metadata"] = {}
    if review == _SUBJECT:
        masters = ["system:masters"] if user == access.user else []
        info = {"username": user, "groups": [*masters, "system:authenticated"]}
        return head | {"status": {"userInfo": info}}
    spec = body.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    if review == _RULES:
        rules = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
        others = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]
        status = {"resourceRules": rules, "nonResourceRules": others, "incomplete": False}
        return head | {"spec": spec, "status": status}
    wanted = spec.get("resourceAttributes")
    attributes = wanted if isinstance(wanted, dict) else {}
    keys = ("verb", "group", "resource", "namespace", "name", "subresource")
    if access.allows(user, Attributes(*(str(attributes.get(key, "")) for key in keys))):
        status = {"allowed": True, "reason": "access granted"}
    else:
        status = {"allowed": False}
    return head | {"spec": spec, "status": status}
