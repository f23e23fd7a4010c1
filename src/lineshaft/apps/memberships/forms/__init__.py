"""Forms of memberships: fields, formats and messages."""
