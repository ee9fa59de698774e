"""When things are done: stores, the queue, the reconcile loop, and the ports to the outside."""
