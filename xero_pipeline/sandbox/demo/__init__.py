"""Demo data: a supplier in New Zealand as its accountant would know it, drawn from a seed."""
