"""Events told to others: MQTT, webhooks, CSV."""
