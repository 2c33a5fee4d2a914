"""All results as one HTML page, and as rows for two benchmarks."""
