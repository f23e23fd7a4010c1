"""The demonstration: a generated year of the reference network, marked as such on every page.

Institutes and published values are real and carry their sources; every other record here is
generated, the same at every load, and calibrated to the published totals of fiscal year 2022. No
organisation or person in it exists.
"""
