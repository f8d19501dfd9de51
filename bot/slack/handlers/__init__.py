"""Request handlers: parse, execute, reply; one file for each noun."""
