"""Benchmarks and the fitting of constants; `make bench` runs the former, `python -m benchmarks.fit_answers` the latter."""
