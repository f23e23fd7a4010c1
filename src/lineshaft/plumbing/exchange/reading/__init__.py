"""Reading tables out of files: CSV, XLSX and JSON, plain or gzipped, within limits."""
