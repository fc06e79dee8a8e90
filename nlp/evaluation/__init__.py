"""Measuring routers, retrieval and answers on data files."""
