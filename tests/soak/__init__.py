"""A rack under fire: faults on virtual phones, killed controllers, and what is left of the jobs, by the phones' own word."""
