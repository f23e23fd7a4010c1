"""Optimisation: who reviews what, and what to fund. Plain values in and out."""
