"""Judging: what reviews say of applications once reviewers' severity is taken out."""
