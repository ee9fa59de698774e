"""What forms send, read into what is ordered."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalyst_dns_sync.core.names import DnsName, parse_name
from catalyst_dns_sync.core.orders import AddCustom, AdoptRecord, DeleteRecord, Order, RemoveCustom
from catalyst_dns_sync.core.records import parse_targets, parse_ttl

LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done with a name: how its page says it."""

    title: str
    ask: str
    button: str
    note: str = ""
    is_grave: bool = False


DEEDS: Mapping[str, Deed] = {
    "delete": Deed(
        "Delete a record",
        "Delete the record of",
        "Delete it",
        "Only a record of ours that no object claims can be deleted: while an object claims the "
        "name, the record would come back with the next pass.",
        is_grave=True,
    ),
    "adopt": Deed(
        "Adopt a record",
        "Take over the record of",
        "Adopt it",
        "Its values stay as they are. From then on it is ours: it follows its object, and goes "
        "when the end of that object was seen.",
    ),
    "remove": Deed(
        "Remove a custom record",
        "Remove the custom record",
        "Remove it",
        "Where an object of the cluster claims the name as well, the record stays for that.",
        is_grave=True,
    ),
}


def order_of(deed: str, name: DnsName) -> Order:
    """Return the order for a deed; raises ValueError where there is none of the kind."""
    match deed:
        case "delete":
            return DeleteRecord(name)
        case "adopt":
            return AdoptRecord(name)
        case "remove":
            return RemoveCustom(name)
        case _:
            raise ValueError("there is nothing of the kind that can be done")


def custom_order(given: Mapping[str, str]) -> AddCustom:
    """Return the order that the form for a custom record says; raises ValueError."""
    ttl = given.get("ttl", "").strip()
    return AddCustom(
        parse_name(given.get("name", "").strip()),
        parse_targets(given.get("targets", "")),
        parse_ttl(ttl) if ttl else None,
        given.get("text", "").strip()[:LONGEST_TEXT],
    )
