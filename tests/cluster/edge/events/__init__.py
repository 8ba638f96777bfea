"""What the page stores are told when something public changes, whatever the road."""
