-- Payload checks: a refusal (LS003) names the field. The worker checks again before it
-- signs (solana layer), so this is for the application's benefit: it hears at once.

-- Whether p_text is base58 of exactly 32 bytes. Ten digits at a time fit into a bigint.
CREATE FUNCTION lockstep.is_address(p_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    alphabet CONSTANT text := '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    value numeric := 0;
    chunk bigint := 0;
    width bigint := 1;
    zeros integer;
    bytes integer := 0;
BEGIN
    IF p_text !~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$' THEN
        RETURN false;
    END IF;
    zeros := length(p_text) - length(ltrim(p_text, '1'));
    FOR i IN zeros + 1..length(p_text) LOOP
        chunk := chunk * 58 + strpos(alphabet, substr(p_text, i, 1)) - 1;
        width := width * 58;
        IF (i - zeros) % 10 = 0 OR i = length(p_text) THEN
            value := value * width + chunk;
            chunk := 0;
            width := 1;
        END IF;
    END LOOP;
    WHILE value > 0 AND bytes <= 32 LOOP
        value := div(value, 256);
        bytes := bytes + 1;
    END LOOP;
    RETURN zeros + bytes = 32;
END
$$;

-- An unsigned 64-bit decimal string above zero: digits, no sign, no leading zeros.
CREATE FUNCTION lockstep.is_amount(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT CASE WHEN p_text ~ '^[1-9][0-9]{0,19}$'
                  THEN p_text::numeric <= 18446744073709551615 ELSE false END $$;

CREATE FUNCTION lockstep.refuse_field(p_field text, p_why text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lockstep.refuse('LS003', format('payload field "%s": %s', p_field, p_why));
END
$$;

-- Field p_field as text; refused when absent or not a string.
CREATE FUNCTION lockstep.field_text(p_payload jsonb, p_field text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_payload -> p_field IS NULL THEN
        PERFORM lockstep.refuse_field(p_field, 'is missing');
    ELSIF jsonb_typeof(p_payload -> p_field) <> 'string' THEN
        PERFORM lockstep.refuse_field(p_field, format('must be a string, not %s',
                                      jsonb_typeof(p_payload -> p_field)));
    END IF;
    RETURN p_payload ->> p_field;
END
$$;

CREATE FUNCTION lockstep.check_address(p_payload jsonb, p_field text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF NOT lockstep.is_address(lockstep.field_text(p_payload, p_field)) THEN
        PERFORM lockstep.refuse_field(p_field,
            format('"%s" is not an address (base58 of 32 bytes)', left(p_payload ->> p_field, 60)));
    END IF;
END
$$;

CREATE FUNCTION lockstep.check_amount(p_payload jsonb, p_field text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(p_payload -> p_field) = 'number' THEN
        PERFORM lockstep.refuse_field(p_field, format('write the amount as a string, "%s"',
                                      left(p_payload ->> p_field, 30)));
    END IF;
    IF NOT lockstep.is_amount(lockstep.field_text(p_payload, p_field)) THEN
        PERFORM lockstep.refuse_field(p_field, format('"%s" is not a whole number from 1 to '
            '18446744073709551615 in digits', left(p_payload ->> p_field, 60)));
    END IF;
END
$$;

-- "mint": an address, or {"key": K} of a token.create_mint that was enqueued before. Returns
-- that operation's id, or NULL for an address.
CREATE FUNCTION lockstep.check_mint(p_payload jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    given jsonb := p_payload -> 'mint';
    named lockstep.op_key%ROWTYPE;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
        PERFORM lockstep.check_address(p_payload, 'mint');
        RETURN NULL;
    END IF;
    IF jsonb_typeof(given -> 'key') IS DISTINCT FROM 'string' OR given - 'key' <> '{}' THEN
        PERFORM lockstep.refuse_field('mint', 'must be an address or {"key": KEY}');
    END IF;
    SELECT * INTO named FROM lockstep.op_key WHERE key = given ->> 'key';
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('LS002', format('payload field "mint": no operation has the '
            'key "%s"; enqueue its token.create_mint first', left(given ->> 'key', 200)));
    END IF;
    IF named.kind <> 4 THEN
        PERFORM lockstep.refuse_field('mint', format('key "%s" belongs to a %s, not to a '
            'token.create_mint', left(given ->> 'key', 200),
            (SELECT name FROM lockstep.kind WHERE kind = named.kind)));
    END IF;
    RETURN named.op;
END
$$;

CREATE FUNCTION lockstep.check_known_fields(p_payload jsonb, p_known text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    extra text;
BEGIN
    SELECT k INTO extra FROM jsonb_object_keys(p_payload) AS k WHERE k <> ALL (p_known) LIMIT 1;
    IF FOUND THEN
        PERFORM lockstep.refuse_field(left(extra, 60), format('is not known here (known: %s)',
                                      array_to_string(p_known, ', ')));
    END IF;
END
$$;

CREATE FUNCTION lockstep.check_memo(p_payload jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bytes integer := octet_length(lockstep.field_text(p_payload, 'text'));
BEGIN
    PERFORM lockstep.check_known_fields(p_payload, ARRAY['text']);
    IF bytes NOT BETWEEN 1 AND 700 THEN
        PERFORM lockstep.refuse_field('text', format('is %s bytes; 1 to 700 are allowed', bytes));
    END IF;
END
$$;

-- Numbers that a double cannot keep are refused wherever they stand.
CREATE FUNCTION lockstep.check_numbers(p_value jsonb, p_field text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM jsonb_path_query(p_value, 'strict $.**') AS v
                WHERE jsonb_typeof(v) = 'number' AND abs((v #>> '{}')::numeric) > 9007199254740992)
    THEN
        PERFORM lockstep.refuse_field(p_field, 'has a number beyond 2^53, which JSON readers '
                                      'round; write it as a string');
    END IF;
END
$$;

CREATE FUNCTION lockstep.check_event(p_payload jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    field text;
BEGIN
    PERFORM lockstep.check_known_fields(p_payload, ARRAY['type', 'subject', 'document']);
    FOREACH field IN ARRAY ARRAY['type', 'subject'] LOOP
        IF octet_length(lockstep.field_text(p_payload, field)) NOT BETWEEN 1 AND 200 THEN
            PERFORM lockstep.refuse_field(field, 'must be 1 to 200 bytes');
        END IF;
    END LOOP;
    IF jsonb_typeof(p_payload -> 'document') IS DISTINCT FROM 'object' THEN
        PERFORM lockstep.refuse_field('document', 'must be a JSON object');
    END IF;
    PERFORM lockstep.check_numbers(p_payload -> 'document', 'document');
END
$$;

CREATE FUNCTION lockstep.check_create_mint(p_payload jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    field text;
    bytes integer := 0;
BEGIN
    IF p_payload ? 'max_supply' THEN
        PERFORM lockstep.check_amount(p_payload, 'max_supply');
    END IF;
    PERFORM lockstep.check_known_fields(p_payload, ARRAY['decimals', 'program', 'max_supply',
                                                         'name', 'symbol', 'uri']);
    IF p_payload ? 'program' AND coalesce(p_payload ->> 'program', '') NOT IN
       ('token', 'token-2022') THEN
        PERFORM lockstep.refuse_field('program', 'must be "token" or "token-2022"');
    END IF;
    IF jsonb_typeof(p_payload -> 'decimals') IS DISTINCT FROM 'number'
       OR p_payload ->> 'decimals' !~ '^[0-9]$' THEN
        PERFORM lockstep.refuse_field('decimals', 'must be a whole number from 0 to 9');
    END IF;
    FOREACH field IN ARRAY ARRAY['name', 'symbol', 'uri'] LOOP
        CONTINUE WHEN NOT p_payload ? field;
        IF lockstep.field_text(p_payload, field) = '' THEN
            PERFORM lockstep.refuse_field(field, 'is empty; leave it out');
        ELSIF p_payload ->> 'program' IS DISTINCT FROM 'token-2022' THEN
            PERFORM lockstep.refuse_field(field, 'stands on chain with "program": "token-2022" '
                                          'alone');
        END IF;
        bytes := bytes + octet_length(p_payload ->> field);
    END LOOP;
    IF bytes > 500 THEN
        PERFORM lockstep.refuse('LS003', format('payload fields "name", "symbol" and "uri" have '
            '%s bytes together; 500 are allowed', bytes));
    END IF;
END
$$;

CREATE FUNCTION lockstep.check_token_move(p_kind text, p_payload jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    known text[] := CASE p_kind WHEN 'token.mint_to' THEN ARRAY['mint', 'to', 'amount']
                                WHEN 'token.burn' THEN ARRAY['mint', 'from', 'amount']
                                ELSE ARRAY['mint', 'from', 'to', 'amount'] END;
    depends_on bigint;
BEGIN
    PERFORM lockstep.check_known_fields(p_payload, known);
    depends_on := lockstep.check_mint(p_payload);
    IF 'to' = ANY (known) THEN
        PERFORM lockstep.check_address(p_payload, 'to');
    END IF;
    IF p_payload ? 'from' THEN
        PERFORM lockstep.check_address(p_payload, 'from');
    END IF;
    PERFORM lockstep.check_amount(p_payload, 'amount');
    RETURN depends_on;
END
$$;

CREATE FUNCTION lockstep.check_account_create(p_payload jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM lockstep.check_known_fields(p_payload, ARRAY['space', 'owner']);
    IF jsonb_typeof(p_payload -> 'space') IS DISTINCT FROM 'number'
       OR p_payload ->> 'space' !~ '^[0-9]{1,8}$' OR (p_payload ->> 'space')::integer > 10485760 THEN
        PERFORM lockstep.refuse_field('space', 'must be a whole number of bytes from 0 to 10485760');
    END IF;
    PERFORM lockstep.check_address(p_payload, 'owner');
END
$$;

-- An instruction's data; of {"json": VALUE} one byte that stands for its canonical form, which is
-- the worker's. Refuses what is none.
CREATE FUNCTION lockstep.check_data(p_data jsonb) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    form text;
    given text;
    bytes bytea;
BEGIN
    IF jsonb_typeof(p_data) = 'object' AND (SELECT count(*) FROM jsonb_object_keys(p_data)) = 1 THEN
        SELECT k INTO form FROM jsonb_object_keys(p_data) AS k
         WHERE k IN ('utf8', 'base64', 'hex', 'json');
    END IF;
    IF form IS NULL OR (form <> 'json' AND jsonb_typeof(p_data -> form) <> 'string') THEN
        PERFORM lockstep.refuse_field('data', 'must be one of {"utf8": TEXT}, {"base64": TEXT}, '
                                      '{"hex": TEXT} and {"json": VALUE}');
    END IF;
    given := p_data ->> form;
    IF form = 'json' THEN
        PERFORM lockstep.check_numbers(p_data -> form, 'data');
        RETURN '{';
    ELSIF form = 'hex' THEN
        bytes := CASE WHEN given ~ '^([0-9a-fA-F]{2})*$' THEN decode(given, 'hex') END;
    ELSIF form = 'base64' THEN
        IF given ~ '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' AND given =
           translate(encode(decode(given, 'base64'), 'base64'), E'\n', '') THEN
            bytes := decode(given, 'base64');
        END IF;
    ELSE
        bytes := convert_to(given, 'UTF8');
    END IF;
    IF bytes IS NULL THEN
        PERFORM lockstep.refuse_field('data', format('"%s" is not valid %s', left(given, 40),
            CASE form WHEN 'hex' THEN 'hexadecimal' ELSE 'base64 with padding' END));
    ELSIF octet_length(bytes) > 1024 THEN
        PERFORM lockstep.refuse_field('data', format('is %s bytes; 1024 are allowed',
                                      octet_length(bytes)));
    END IF;
    RETURN bytes;
END
$$;

-- One of an instruction's accounts.
CREATE FUNCTION lockstep.check_account(p_account jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    flag text;
BEGIN
    IF jsonb_typeof(p_account) <> 'object' THEN
        PERFORM lockstep.refuse_field('accounts', 'each must be an object such as {"address": '
                                      'ADDRESS, "signer": false, "writable": true}');
    END IF;
    PERFORM lockstep.check_known_fields(p_account, ARRAY['address', 'signer', 'writable']);
    PERFORM lockstep.check_address(p_account, 'address');
    FOREACH flag IN ARRAY ARRAY['signer', 'writable'] LOOP
        IF p_account ? flag AND jsonb_typeof(p_account -> flag) <> 'boolean' THEN
            PERFORM lockstep.refuse_field(flag, 'must be true or false');
        END IF;
    END LOOP;
END
$$;

-- An instruction: program, accounts, data. What its transaction has at least is told here;
-- the worker knows the rest (payer, canonical data, fence) and checks again.
CREATE FUNCTION lockstep.check_instruction(p_payload jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    accounts jsonb := coalesce(p_payload -> 'accounts', '[]');
    data bytea := '';
    keys integer;
    signers integer;
    bytes integer;
BEGIN
    PERFORM lockstep.check_address(p_payload, 'program');
    IF jsonb_typeof(accounts) <> 'array' THEN
        PERFORM lockstep.refuse_field('accounts', 'must be a list');
    ELSIF jsonb_array_length(accounts) > 32 THEN
        PERFORM lockstep.refuse_field('accounts', format('has %s entries; 32 are allowed',
                                      jsonb_array_length(accounts)));
    END IF;
    PERFORM lockstep.check_account(a) FROM jsonb_array_elements(accounts) AS a;
    IF p_payload ? 'data' THEN
        data := lockstep.check_data(p_payload -> 'data');
    END IF;
    IF p_payload ->> 'program' = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'
       AND substr(data, 1, 4) = 'ls1:' THEN
        PERFORM lockstep.refuse_field('data', 'begins with "ls1:", which marks memos of operations');
    END IF;
    SELECT count(DISTINCT a ->> 'address'),
           count(DISTINCT a ->> 'address') FILTER (WHERE a -> 'signer' = 'true')
      INTO keys, signers FROM jsonb_array_elements(accounts) AS a;
    IF signers > 8 THEN
        PERFORM lockstep.refuse_field('accounts', format('%s sign; 8 may', signers));
    END IF;
    -- signatures, header, keys (those of the accounts and the memo's program at least),
    -- blockhash, this instruction, the memo
    bytes := 1 + 64 * greatest(signers, 1) + 3 + 1 + 32 * (keys + 1) + 32 + 1
             + 4 + jsonb_array_length(accounts) + octet_length(data) + 3 + 26;
    IF bytes > 1232 THEN
        PERFORM lockstep.refuse('LS003', format('its transaction would have at least %s bytes; '
            '1232 fit: fewer accounts or less data', bytes));
    END IF;
END
$$;

CREATE FUNCTION lockstep.check_invoke(p_payload jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM lockstep.check_known_fields(p_payload, ARRAY['program', 'accounts', 'data',
                                                         'compensate']);
    PERFORM lockstep.check_instruction(p_payload);
    IF p_payload ? 'compensate' THEN
        IF jsonb_typeof(p_payload -> 'compensate') <> 'object' THEN
            PERFORM lockstep.refuse_field('compensate', 'must be an object of program, accounts '
                                          'and data');
        END IF;
        PERFORM lockstep.check_known_fields(p_payload -> 'compensate',
                                            ARRAY['program', 'accounts', 'data']);
        PERFORM lockstep.check_instruction(p_payload -> 'compensate');
    END IF;
END
$$;

-- Check a payload; returns the operation that it depends on, or NULL.
CREATE FUNCTION lockstep.check_payload(p_kind text, p_payload jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_payload IS NULL OR jsonb_typeof(p_payload) <> 'object' THEN
        PERFORM lockstep.refuse('LS003', 'payload must be a JSON object');
    END IF;
    IF octet_length(p_payload::text) > 16384 THEN
        PERFORM lockstep.refuse('LS003', format('payload is %s bytes; 16384 are allowed',
                                octet_length(p_payload::text)));
    END IF;
    IF EXISTS (SELECT FROM jsonb_path_query(p_payload, 'strict $.**{64}') AS v
                WHERE jsonb_typeof(v) IN ('object', 'array')) THEN
        PERFORM lockstep.refuse('LS003', 'payload is nested deeper than 64 levels');
    END IF;
    CASE p_kind
        WHEN 'memo' THEN PERFORM lockstep.check_memo(p_payload);
        WHEN 'event' THEN PERFORM lockstep.check_event(p_payload);
        WHEN 'token.create_mint' THEN PERFORM lockstep.check_create_mint(p_payload);
        WHEN 'account.create' THEN PERFORM lockstep.check_account_create(p_payload);
        WHEN 'program.invoke' THEN PERFORM lockstep.check_invoke(p_payload);
        WHEN 'sol.transfer' THEN
            PERFORM lockstep.check_known_fields(p_payload, ARRAY['from', 'to', 'lamports']);
            PERFORM lockstep.check_address(p_payload, 'to');
            IF p_payload ? 'from' THEN
                PERFORM lockstep.check_address(p_payload, 'from');
            END IF;
            PERFORM lockstep.check_amount(p_payload, 'lamports');
        ELSE RETURN lockstep.check_token_move(p_kind, p_payload);
    END CASE;
    RETURN NULL;
END
$$;
