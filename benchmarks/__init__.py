"""What is promised about speed, memory and start-up, measured: `python -m benchmarks [NAME…]`, or `make bench`."""
