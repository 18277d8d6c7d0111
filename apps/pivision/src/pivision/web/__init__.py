"""The pages, on the server itself."""
