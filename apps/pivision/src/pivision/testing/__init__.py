"""What tests need of a whole appliance; nothing of it runs in one."""
