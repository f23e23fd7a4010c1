"""Analytics: snapshots of facts as Parquet, and figures computed from them.

The only place of the program that opens DuckDB. Nothing here knows the web framework or the
domain's tables: what may be read comes in as `FactTable` values, what is computed as SQL files.
"""
