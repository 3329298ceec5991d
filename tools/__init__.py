"""What maintainers run now and then; nothing imports it."""
