"""DNS servers, behind the Provider port."""
