"""What is measured against others: `make bench`, or one of them by `python -m benchmarks.<name>`."""
