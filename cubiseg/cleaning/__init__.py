"""From raw answers to clean label maps: reading, rules, corrections by people."""
