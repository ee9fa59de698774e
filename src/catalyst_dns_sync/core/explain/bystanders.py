"""Objects that speak of a name and do not claim it: why not, read from what the API server has."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalyst_dns_sync.core.admission import Admission
from catalyst_dns_sync.core.annotations import ANNOTATION_PREFIX, is_ignored
from catalyst_dns_sync.core.endpoints import (
    CLASS_ANNOTATION,
    KINDS_WITH_CLASS,
    ObjectOptions,
    watched_object,
)
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.core.rawjson import Json, labels_of, list_at, map_at, maps_at
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.core.rules import Protocol, RuleError, RuleNames, Syntax, names_of
from catalyst_dns_sync.core.terms import Coverage


@dataclass(frozen=True, slots=True)
class Bystander:
    """One such object; ``advice`` says what would make it claim the name.

    ``is_vague`` says that it may mean many names, and this one only perhaps.
    """

    ref: ObjectRef
    why: str
    advice: str
    is_vague: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """Which objects the settings let claim names."""

    coverage: Coverage
    options: ObjectOptions = field(default_factory=ObjectOptions)
    admission: Admission = field(default_factory=Admission)


def bystander(
    raw: object, kind: str, name: DnsName, watch: Watch, *, legacy: bool = False
) -> Bystander | None:
    """Return why an object that speaks of the name does not claim it.

    None for an object that claims it, that says nothing of it, or that is none. ``raw`` is the
    object as the API server sent it.
    """
    bare = _without_ignore(raw)
    options = ObjectOptions(watch.options.syntax, require_accepted=False)
    obj = watched_object(bare, kind, options, legacy=legacy)
    if obj is None or not isinstance(raw, dict):
        return None
    if name not in obj.names:
        found = _said_otherwise(raw, kind, name, Syntax.V2 if legacy else options.syntax)
        return None if found is None else Bystander(obj.ref, *found)
    left_out = _left_out(raw, obj.ref, watch) or _barred(name, obj.ref, watch.admission)
    return None if left_out is None else Bystander(obj.ref, *left_out)


def _left_out(raw: Json, ref: ObjectRef, watch: Watch) -> tuple[str, str] | None:
    coverage, options = watch.coverage, watch.options
    if ref.kind not in coverage.kinds:
        return f"claims it, but SOURCES does not name {ref.kind}", "add the kind to SOURCES"
    if coverage.namespaces and ref.namespace not in coverage.namespaces:
        why = f"claims it in namespace {ref.namespace}, which WATCH_NAMESPACE does not name"
        return why, f"add {ref.namespace} to WATCH_NAMESPACE"
    annotations = map_at(map_at(raw, "metadata"), "annotations")
    if is_ignored(annotations):
        why = f"claims it, but its annotation {ANNOTATION_PREFIX}ignore takes it out"
        return why, f"remove the annotation {ANNOTATION_PREFIX}ignore"
    labels = labels_of(map_at(raw, "metadata"))
    if options.selector is not None and not options.selector.matches(labels):
        why = "claims it, but its labels are not those of LABEL_SELECTOR"
        return why, "label the object, or change LABEL_SELECTOR"
    class_name = map_at(raw, "spec").get("ingressClassName") or annotations.get(CLASS_ANNOTATION)
    has_class = ref.kind in KINDS_WITH_CLASS
    if has_class and options.ingress_classes and class_name not in options.ingress_classes:
        said = f"its class is {class_name!r}" if class_name else "it names no class"
        return (
            f"claims it, but {said}, and INGRESS_CLASS has {_listed(options.ingress_classes)}",
            f"give it a class with ingressClassName or the annotation {CLASS_ANNOTATION}",
        )
    return None


def _barred(name: DnsName, ref: ObjectRef, admission: Admission) -> tuple[str, str] | None:
    if not admission.scope.takes_namespace(ref.namespace):
        why = f"claims it in namespace {ref.namespace}, which EXCLUDE_NAMESPACE leaves out"
        return why, "change EXCLUDE_NAMESPACE"
    if not admission.scope.takes_host(name):
        why = "claims it, but INCLUDE_HOSTS or EXCLUDE_HOSTS leave the name out"
        return why, "change INCLUDE_HOSTS or EXCLUDE_HOSTS"
    if not admission.allows(ref.namespace, name):
        why = f"claims it, but DNS_CLAIMS does not let namespace {ref.namespace}"
        return why, "let DNS_CLAIMS name the host for this namespace"
    return None


def _said_otherwise(
    raw: Json, kind: str, name: DnsName, syntax: Syntax
) -> tuple[str, str, bool] | None:
    spec = map_at(raw, "spec")
    if kind == "Ingress":
        if any(_is(text, name) for tls in maps_at(spec, "tls") for text in list_at(tls, "hosts")):
            why = "names it in spec.tls only, which makes a certificate and no route"
            return why, "add a rule with this host", False
        return None
    if not kind.startswith("IngressRoute"):
        return None
    protocol = Protocol.TCP if kind == "IngressRouteTCP" else Protocol.HTTP
    for match, found in _rules(spec, syntax, protocol):
        if any(one.reason == "it is negated" and _is(one.value, name) for one in found.skipped):
            why = f"only negates it: {match}"
            return why, "add a rule that says Host(...) of this name without !", False
    for match, found in _rules(spec, syntax, protocol):
        if found.regexps and not found.hosts:
            why = f"has a rule by regular expression, which gives no name: {match}"
            return why, f"name the host, or annotate it: {ANNOTATION_PREFIX}hostname", True
    return None


def _rules(spec: Json, default: Syntax, protocol: Protocol) -> Iterator[tuple[str, RuleNames]]:
    for route in maps_at(spec, "routes"):
        match, said = route.get("match"), route.get("syntax")
        if not isinstance(match, str):
            continue
        syntax = default if not said else Syntax.V2 if said == "v2" else Syntax.V3
        try:
            yield match, names_of(match, syntax, protocol)
        except RuleError:
            continue


def _without_ignore(raw: object) -> object:
    if not isinstance(raw, dict):
        return raw
    metadata = map_at(raw, "metadata")
    annotations = map_at(metadata, "annotations")
    kept = {key: value for key, value in annotations.items() if key != _IGNORE}
    return {**raw, "metadata": {**metadata, "annotations": kept}}


_IGNORE = f"{ANNOTATION_PREFIX}ignore"


def _is(text: object, name: DnsName) -> bool:
    try:
        return isinstance(text, str) and parse_name(text) == name
    except InvalidNameError:
        return False


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))
