"""Labels for pictures that have none: protocols (what is asked), providers (who is asked), the response store."""
