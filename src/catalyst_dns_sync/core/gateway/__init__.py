"""Routes of the Gateway API: what they claim, given their Gateways; pure."""
