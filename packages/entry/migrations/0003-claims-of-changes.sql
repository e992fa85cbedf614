-- Who works on a change that was asked with a key, and until when nobody else does: one who died leaves it to whoever asks again.

ALTER TABLE idempotency_keys
  ADD COLUMN claimed_by uuid,
  ADD COLUMN claimed_until timestamptz,
  ADD CONSTRAINT idempotency_keys_claim_is_whole CHECK (num_nulls(claimed_by, claimed_until) IN (0, 2));
