"""The words: every sentence that a person reads, one file per message."""
