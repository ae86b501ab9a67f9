-- Which session took a look (the server's process number): one that is gone answers no more, and
-- somebody else takes it at once.
ALTER TABLE lockstep.look ADD COLUMN taken_by integer;
