"""The pages, on the server itself: `app.create_app`."""
