"""Speed and memory, measured against something in the same run; `make bench`. No test depends on these."""
