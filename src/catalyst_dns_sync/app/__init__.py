"""The composition root: builds the parts, owns every task, says in which order they stop."""
