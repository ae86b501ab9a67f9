-- Roles and the schema. Runs as the login that migrates; every later migration runs as
-- lockstep_owner. Roles belong to the whole cluster, so existing ones are accepted.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['lockstep_owner', 'lockstep_app', 'lockstep_viewer',
                                  'lockstep_operator', 'lockstep_admin', 'lockstep_worker']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL; -- another database's migrate was faster
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                        MESSAGE = format('role %s is missing and login %s may not create it: '
                            'give it CREATEROLE, or let an administrator run '
                            'CREATE ROLE %s NOLOGIN', wanted, session_user, wanted);
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'lockstep_owner', 'MEMBER') THEN
        BEGIN
            EXECUTE format('GRANT lockstep_owner TO %I', current_user);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                MESSAGE = format('login %s is no member of role lockstep_owner: let an '
                    'administrator run GRANT lockstep_owner TO %I', session_user, current_user);
        END;
    END IF;
    BEGIN
        GRANT lockstep_viewer TO lockstep_operator, lockstep_worker;
        GRANT lockstep_operator TO lockstep_admin;
        GRANT lockstep_app TO lockstep_admin;
    EXCEPTION WHEN insufficient_privilege THEN
        IF NOT (pg_has_role('lockstep_operator', 'lockstep_viewer', 'MEMBER')
                AND pg_has_role('lockstep_worker', 'lockstep_viewer', 'MEMBER')
                AND pg_has_role('lockstep_admin', 'lockstep_operator', 'MEMBER')
                AND pg_has_role('lockstep_admin', 'lockstep_app', 'MEMBER')) THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                MESSAGE = format('login %s may not grant the lockstep roles to each other: '
                    'give it CREATEROLE for the installation', session_user);
        END IF;
    END;
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
            MESSAGE = format('database %I has encoding %s: lockstep needs one made with '
                'ENCODING ''UTF8''', current_database(), current_setting('server_encoding'));
    END IF;
    IF NOT has_database_privilege(current_database(), 'CREATE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('login %s may not create a schema in database %I: '
                'let its owner run GRANT CREATE ON DATABASE %I TO %I', session_user,
                current_database(), current_database(), current_user);
    END IF;
END
$$;

CREATE SCHEMA lockstep AUTHORIZATION lockstep_owner;
SET LOCAL ROLE lockstep_owner;

-- No function of the owner is anybody's by default: each is granted by name.
ALTER DEFAULT PRIVILEGES FOR ROLE lockstep_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA lockstep TO lockstep_app, lockstep_viewer, lockstep_operator,
    lockstep_admin, lockstep_worker;

CREATE TABLE lockstep.migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    applied_by text NOT NULL DEFAULT session_user
);

CREATE FUNCTION lockstep.schema_version() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
AS 'SELECT coalesce(max(version), 0) FROM lockstep.migration';
GRANT EXECUTE ON FUNCTION lockstep.schema_version() TO lockstep_app, lockstep_viewer,
    lockstep_operator, lockstep_admin, lockstep_worker;
