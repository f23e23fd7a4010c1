"""The lowest floor: values and decisions that every other floor shares, in plain Python.

Nothing here knows Django, a database, a clock or the environment. A module belongs here only when
three apps use it and it holds no noun of the domain.
"""
