"""Accounts: customers and agencies as somebody looks after them: people, activities, signals, health."""
