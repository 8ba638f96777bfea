"""Journeys through the running product: publish and withdraw in a browser, faults, bad input."""
