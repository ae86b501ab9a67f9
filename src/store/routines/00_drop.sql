-- All routines of before go: triggers, views, functions, composite types, each sort in one
-- statement, so that their order among each other does not matter. Without CASCADE: what
-- others built on them is not ours to drop.
DO $$
DECLARE
    sql text;
BEGIN
    FOR sql IN SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
                 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                WHERE c.relnamespace = 'lockstep'::regnamespace AND NOT t.tgisinternal
                  AND t.tgparentid = 0 LOOP
        EXECUTE sql;
    END LOOP;
    FOR sql IN
        SELECT 'DROP VIEW ' || string_agg(c.oid::regclass::text, ', ') FROM pg_class c
         WHERE c.relnamespace = 'lockstep'::regnamespace AND c.relkind = 'v' HAVING count(*) > 0
        UNION ALL
        SELECT 'DROP FUNCTION ' || string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p
         WHERE p.pronamespace = 'lockstep'::regnamespace
           AND p.oid <> 'lockstep.schema_version()'::regprocedure HAVING count(*) > 0
        UNION ALL
        SELECT 'DROP TYPE ' || string_agg(t.oid::regtype::text, ', ') FROM pg_type t
          JOIN pg_class c ON c.oid = t.typrelid
         WHERE t.typnamespace = 'lockstep'::regnamespace AND c.relkind = 'c' HAVING count(*) > 0
    LOOP
        EXECUTE sql;
    END LOOP;
EXCEPTION WHEN dependent_objects_still_exist THEN
    RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist',
        MESSAGE = 'something outside of lockstep is built on its views or functions: drop it, '
                  'migrate, and make it again (' || SQLERRM || ')';
END
$$;
