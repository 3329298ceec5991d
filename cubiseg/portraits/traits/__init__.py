"""What a character's face is made of: shapes and manners that all its pictures share."""
