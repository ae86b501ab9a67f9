-- Functions, views and composite types are routines from here on: lockstep migrate drops and makes
-- them anew whenever they differ from its own, and names them in the schema's comment.
COMMENT ON SCHEMA lockstep IS 'routines: none';
