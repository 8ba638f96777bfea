"""nginx serves the store as the product's own reading of addresses says; a real nginx, a stand-in behind it."""
