"""Values to text: one format a file."""
