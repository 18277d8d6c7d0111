"""What of the ledger needs a clerk's hand, with the dollars at stake."""
