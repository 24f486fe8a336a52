-- What is kept no longer than it serves, and chats that asked to be forgotten.

-- a chat whose words are gone already; its names go as soon as nothing needs them any more
CREATE TABLE erasure (
  conversation_id BIGINT PRIMARY KEY REFERENCES conversation (id),
  asked_at BIGINT NOT NULL
);

-- what one chat said and was told, found without reading everybody's; what waits is not in them
CREATE INDEX inbox_of_chat ON inbox (channel, address) WHERE state <> 'new';
CREATE INDEX outbox_of_chat ON outbox (conversation_id) WHERE content <> '';
CREATE INDEX session_of_chat ON session (conversation_id) WHERE state <> 'open';
CREATE INDEX movement_fetched ON movement (actor) WHERE event = 'fetched';

-- what still has words, oldest first: a message loses them and keeps its row, by which the books know that it was said
CREATE INDEX outbox_written ON outbox (created_at) WHERE content <> '';
CREATE INDEX quote_named ON quote (created_at) WHERE name <> '';
CREATE INDEX step_by_time ON step (created_at);
CREATE INDEX session_by_time ON session (created_at);
CREATE INDEX wrong_code_by_time ON wrong_code (tried_at);
CREATE INDEX inbox_dead ON inbox (received_at) WHERE state = 'dead';
CREATE INDEX conversation_merged ON conversation (merged_into) WHERE merged_into IS NOT NULL;
