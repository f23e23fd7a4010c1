"""Files that come in through every door of an import: what is wrong with them, and what is said."""
