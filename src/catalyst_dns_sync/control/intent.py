"""What the settings say about the passes over the zones of one DNS server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.merge import Defaults
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.terms import Coverage
from catalyst_dns_sync.core.zoneterms import ZoneTerms


@dataclass(frozen=True, slots=True)
class Intent:
    """The settings that a pass needs.

    ``keeps_markers`` is false where the provider has no place for them, which is a hosts file.
    ``points_back`` says that addresses get PTR records.
    """

    zones: frozenset[DnsName]
    coverage: Coverage
    keeps_markers: bool = True
    defaults: Defaults = field(default_factory=Defaults)
    policy: Policy = Policy.SYNC
    drift_policy: DriftPolicy = DriftPolicy.REPAIR
    limits: Limits = field(default_factory=Limits)
    zone_terms: Mapping[DnsName, ZoneTerms] = field(default_factory=dict)
    points_back: bool = False

    def defaults_in(self, zone: DnsName) -> Defaults:
        """Return what a claim gets in this zone that says nothing itself."""
        terms = self.zone_terms.get(zone)
        if terms is None:
            return self.defaults
        ttl = self.defaults.ttl if terms.ttl is None else terms.ttl
        return replace(self.defaults, targets=terms.targets or self.defaults.targets, ttl=ttl)

    def policy_in(self, zone: DnsName) -> Policy:
        """Return what may be done in this zone."""
        terms = self.zone_terms.get(zone)
        return self.policy if terms is None or terms.policy is None else terms.policy
