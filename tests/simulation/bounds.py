"""How many seconds after it began, at most, the effects of something are over."""

EDIT, NAMESPACE, DNS, HUMAN = 30.0, 45.0, 65.0, 30.0
INFERRED, HALF_OPEN, RESTORE = 110.0, 190.0, 410.0
TURN = 420.0
"""Another instance leads, and what it did not see is settled by its next list of everything."""
LAPSE = 18.0
"""Longer than the time between two looks at the serials."""
UNNOTICED = 200.0
"""A restored API server is noticed within two bookmark periods; what it lost is inferred then."""
DOUBT = 640.0
"""What one list lacks is settled by the next of everything; that follows a reading of the zones,
but not one that comes within 300 s of the list before."""
LIED = 350.0
"""Nothing but the next list of everything tells that a list was not complete."""
COMMAND = 60.0
"""A command waits for sources and, while calls hang, for each of its changes."""
