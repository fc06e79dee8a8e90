"""Benchmarks (`make bench`) and the fitting of constants (`python -m benchmarks.fit_answers`)."""
