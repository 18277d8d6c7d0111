"""What somebody has to decide now and then: what new codes mean, classes of customers, customers to retire."""
