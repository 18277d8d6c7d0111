"""The client beside a camera: looks, sends, and spools while nobody answers. Of the server it knows the contract."""
