"""Forms: any verb as a modal, its fields and the values that were filled in."""
