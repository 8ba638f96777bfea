"""What the registry says of a page after it changed, whatever the road."""
