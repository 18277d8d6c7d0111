"""Deploying an app to this machine: from where its code comes to a release that is ready, and the history of it all."""
