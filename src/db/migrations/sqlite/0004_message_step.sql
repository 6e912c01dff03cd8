-- What the caller chose: the message step of the plan, `message.notfall`; none in rows of before plans.
ALTER TABLE message ADD COLUMN step TEXT;
