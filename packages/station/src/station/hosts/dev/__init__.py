"""A developer's own instance of an app on a host: its database, its service, its checkout."""
