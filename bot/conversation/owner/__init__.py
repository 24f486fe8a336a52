"""What owners ask, decide and are told: a module a subject. Questions and answers; the rules are in the services."""
