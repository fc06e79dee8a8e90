"""Benchmarks: `make bench`, or `python -m benchmarks --data FOLDER` with public sets, and the fitting of constants."""
