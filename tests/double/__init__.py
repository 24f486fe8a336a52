"""What the doubles of all platforms share: a server, its time and faults and control, people, a shop to try it on."""
