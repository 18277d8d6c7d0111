"""Events told to others: ntfy, webhooks, MQTT, mail."""
