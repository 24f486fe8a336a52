"""The project with one safeguard removed, and the tests that must notice (`make mutants`)."""
