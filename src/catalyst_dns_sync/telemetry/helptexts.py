"""What each metric says, and what to conclude from it."""

from collections.abc import Mapping
from types import MappingProxyType

HELP: Mapping[str, str] = MappingProxyType(
    {
        "records_total": (
            "Names whose records were changed, by what was done. "
            "Many without a reason in the cluster: read the log's lines about these changes."
        ),
        "api_requests_total": (
            "Calls to the DNS server. status_code is the HTTP status; where the server answers 200 "
            "with a failure inside, its own word, error or invalid-token; timeout and connection "
            "where there was no answer. "
            "invalid-token growing: the token has to be replaced. "
            "timeout or connection growing: look at the server or at the way to it."
        ),
        "api_request_duration_seconds": (
            "Time that calls to the DNS server took, failed ones too. "
            "Slow: the server is busy, or the way to it is."
        ),
        "reconcile_duration_seconds": (
            "Time that passes over a zone took, from reading it to the last change. "
            "Near DNS_TIMEOUT: the server hangs. Long with many changes: that is their work."
        ),
        "reconcile_errors_total": (
            "Passes that did not make all of their plan; each is tried again. "
            "unavailable: the server did not answer well. "
            "rejected: a person has to mend something, /readyz says what. "
            "stale: somebody changed the zone meanwhile, harmless."
        ),
        "ingress_resources": (
            "Objects that the sources hold now, type is the source. "
            "Fewer than kubectl shows: see source_synced, WATCH_NAMESPACE and LABEL_SELECTOR."
        ),
        "managed_records": (
            "Records in the zone that carry our marker. "
            "Falling without a reason in the cluster: somebody else deletes them."
        ),
        "skips": (
            "Names and parts of objects that are left alone now, by reason. "
            "The log and the command plan say of each what would change that."
        ),
        "preview_environments": (
            "Names of preview environments that are wanted in DNS now. "
            "Those beyond PREVIEW_LIMIT are skips."
        ),
        "preview_oldest_age_seconds": (
            "Age of the oldest preview, by the creation of its object; 0 where there is none. "
            "Growing for weeks: somebody forgot one."
        ),
        "preview_mean_age_seconds": (
            "Mean age of all previews, by the creation of their objects; 0 where there is none. "
            "Rising: they are not cleaned up."
        ),
        "withheld_deletes": (
            "Deletes that wait for a person, because too many came together without their end "
            "being seen. Above 0: look at them with the command release."
        ),
        "drift_detected_total": (
            "Records of ours that somebody else removed or changed, or whose name was taken. "
            "Growing again and again: another program writes the same names."
        ),
        "propagation_seconds": (
            "Time from an event in the cluster to the record in the zone. "
            "Above a second or two: the DNS server is slow, or there is much to do at once."
        ),
        "last_success_timestamp_seconds": (
            "When every zone was last known to be what the cluster wants; 0 until then. "
            "Older than a minute or two: something is wrong, /readyz says in which part."
        ),
        "queue_due_seconds": (
            "For how long the zone that waited longest has been due for a pass; 0: none waits. "
            "Growing: the pass under way does not end, or passes take too long."
        ),
        "watch_restarts_total": (
            "Watches of the cluster that had to be begun again. ended and requested are normal; "
            "expired is after a while out of touch. broken, silent, blind or refused growing: look "
            "at the API server, at what lies between, and at the service account's rights."
        ),
        "source_synced": (
            "1 while what is known of the source is complete, also where the cluster does not have "
            "the kind; 0 while out of touch. At 0 nothing is deleted, and new names come late."
        ),
        "leader": (
            "1 if this process writes, 0 while it stands by. "
            "The sum over all pods should be 1, or 0 for the seconds of a change-over."
        ),
        "certificate_expiry_timestamp_seconds": (
            "When a certificate that covers something in our zones ends, with CERTIFICATES=true. "
            "Nearer than two weeks: cert-manager does not renew it, look at its events."
        ),
        "certificate_ready": (
            "1 while cert-manager says that the certificate is there and valid. "
            "0 for long: kubectl describe certificate tells what it waits for."
        ),
        "build_info": "Always 1; the labels say which program this is.",
    }
)
