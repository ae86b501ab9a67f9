-- What is under way and what is blocked are looked for apart: a long queue that is blocked by design
-- must not stand between a reader and the few that are stuck.
DROP INDEX lockstep.op_waiting;
CREATE INDEX op_under_way ON lockstep.op (kind, state_at) WHERE state IN (2, 3);
CREATE INDEX op_blocked ON lockstep.op (kind, state_at) WHERE state = 1;
