"""Analytics: snapshots of facts as Parquet, and figures computed from them.

`engine` says what computes figures, `on_duckdb` and `on_spark` do. Nothing here knows the web
framework or the domain's tables: what may be read comes in as `FactTable` values, what is computed
as SQL files.
"""
