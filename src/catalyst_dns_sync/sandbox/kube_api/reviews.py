"""Questions about one's own rights: created, answered, and never stored."""

from dataclasses import dataclass

from catalyst_dns_sync.sandbox.kube_api.access import Access
from catalyst_dns_sync.sandbox.kube_api.encoding import Json


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


def answer(review: Review, body: Json, access: Access) -> Json:
    """Return the review with its answer in ``status``."""
    head: Json = {"kind": review.kind, "apiVersion": f"{review.group}/{review.version}"}
    head["metadata"] = {}
    if review == _SUBJECT:
        info = {"username": access.user, "groups": ["system:masters", "system:authenticated"]}
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
    verb, plural, namespace = (
        str(attributes.get(key, "")) for key in ("verb", "resource", "namespace")
    )
    if access.allows(verb, plural, namespace):
        status = {"allowed": True, "reason": "access granted"}
    else:
        status = {"allowed": False}
    return head | {"spec": spec, "status": status}
