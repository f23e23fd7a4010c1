"""Lineshaft: the platform of a national network of manufacturing-innovation institutes."""

__version__ = "0.1.0"
