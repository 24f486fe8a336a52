"""What the doubles of all platforms share: time, faults, broken answers, and a server that can go away."""
