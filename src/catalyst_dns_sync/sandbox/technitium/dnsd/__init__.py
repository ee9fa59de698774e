"""The DNS responder: the same records, answered on UDP and TCP."""
