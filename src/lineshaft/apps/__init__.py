"""The domain, one package a noun group, in one order (docs: architecture)."""
