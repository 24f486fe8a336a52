-- What agents pay beyond amount and admin fee, by agent and by amount, and the zone that an agent reads times in.

-- Every change, append-only: of an agent and amount the latest holds, and one without rupiah takes it away.
-- Agent 0 is everybody, for the counter has a service fee instead; denomination 0 is every amount.
CREATE TABLE markup (
  id INTEGER PRIMARY KEY,
  agent_id BIGINT NOT NULL REFERENCES agent (id),
  denomination BIGINT NOT NULL CHECK (denomination >= 0),
  rupiah BIGINT,
  actor TEXT NOT NULL CHECK (actor <> ''),
  changed_at BIGINT NOT NULL
);
CREATE INDEX markup_of_agent ON markup (agent_id, denomination, id);
CREATE TRIGGER markup_is_never_changed BEFORE UPDATE ON markup
BEGIN SELECT RAISE(ABORT, 'changes of markups are append-only'); END;
CREATE TRIGGER markup_is_never_deleted BEFORE DELETE ON markup
BEGIN SELECT RAISE(ABORT, 'changes of markups are append-only'); END;

-- until now each agent had his own: the commonest becomes everybody's, and so no price changes
INSERT INTO markup (agent_id, denomination, rupiah, actor, changed_at)
SELECT 0, 0, g.markup, 'upgrade', 0 FROM agent g WHERE g.id > 0
GROUP BY g.markup ORDER BY COUNT(*) DESC, g.markup LIMIT 1;
INSERT INTO markup (agent_id, denomination, rupiah, actor, changed_at)
SELECT g.id, 0, g.markup, 'upgrade', 0 FROM agent g
WHERE g.id > 0 AND g.markup <> (SELECT m.rupiah FROM markup m WHERE m.agent_id = 0);
ALTER TABLE agent DROP COLUMN markup;

-- '' is the shop's
ALTER TABLE agent ADD COLUMN zone TEXT NOT NULL DEFAULT '' CHECK (zone IN ('', 'WIB', 'WITA', 'WIT'));

-- in whose role a talk was begun: whoever is somebody else by now begins anew
ALTER TABLE session ADD COLUMN role TEXT NOT NULL DEFAULT '';
