-- Only taking an import back asks for the spots of a batch: reading all of them for it takes less than a second, and the
-- index was a twentieth of the ledger, written by every import.
DROP INDEX spot_by_batch;
