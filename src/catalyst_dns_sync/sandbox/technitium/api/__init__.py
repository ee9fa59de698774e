"""The HTTP API: requests to changes of the model, and the model to JSON."""
