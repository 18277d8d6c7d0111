"""What was noticed: looked up, narrowed, judged by a person, removed."""
