"""The demonstration: generated years of the reference network, marked as such on every page.

Institutes and published values are real and carry their sources; every other record here is
generated, the same at every load, and calibrated to the published totals up to fiscal year 2022. No
organisation or person in it exists, nor does the one institute that says so in its name.
"""
