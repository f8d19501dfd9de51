"""The slash command: a catalog of verbs, the lexer, the parser and its errors."""
