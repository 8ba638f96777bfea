"""The two search engines behind one interface: base.py says what they promise, each folder keeps the promise."""
