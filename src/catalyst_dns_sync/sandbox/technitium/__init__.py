"""An embedded Technitium DNS Server: its zones and their rules, its HTTP API, its DNS answers."""
