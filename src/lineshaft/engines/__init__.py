"""Engines: heavy computation in plain Python, without the web framework."""
