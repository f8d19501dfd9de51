"""The rows of the catalog of verbs, a module a noun."""
