# cmake -DMIGRATIONS=FOLDER -DROUTINES=FOLDER -DOUTPUT=FILE -P embed.cmake: writes
# ls_migrations() over the files NNNN_name.sql of the one folder, and ls_routines() over the
# files NN_name.sql of the other. Bytes as numbers: a string literal has a portable maximum.
set(arrays "")

# Append the rows of FOLDER's files, whose names begin with DIGITS, to `arrays` and OUT.
function(embed folder digits prefix out)
    file(GLOB files ${folder}/*.sql)
    list(SORT files)
    set(rows "")
    set(before 0)
    set(all "")
    foreach(path IN LISTS files)
        get_filename_component(name ${path} NAME_WE)
        if(NOT name MATCHES "^(${digits})_([a-z0-9_]+)$")
            message(FATAL_ERROR "${path}: must be named ${digits}_name.sql")
        endif()
        set(label ${CMAKE_MATCH_2})
        string(REGEX REPLACE "^0+(.)" "\\1" number ${CMAKE_MATCH_1})
        if(rows AND NOT number GREATER before)
            message(FATAL_ERROR "${path}: number ${number} is doubled")
        endif()
        set(before ${number})
        file(READ ${path} text)
        if(text MATCHES "[^\t\n -~]")
            message(FATAL_ERROR "${path}: SQL is written in ASCII, without CR")
        endif()
        file(READ ${path} bytes HEX)
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
        string(APPEND arrays "static const char ${prefix}_${number}[] = {${bytes}0};\n")
        string(APPEND rows "    {${number}, \"${label}\", ${prefix}_${number}},\n")
        string(APPEND all "${name}\n${text}")
    endforeach()
    string(SHA256 digest "${all}")
    set(${out} "${rows}" PARENT_SCOPE)
    set(${out}_digest ${digest} PARENT_SCOPE)
    set(arrays "${arrays}" PARENT_SCOPE)
endfunction()

embed(${MIGRATIONS} "[0-9][0-9][0-9][0-9]" migration migrations)
embed(${ROUTINES} "[0-9][0-9]" routine routines)
file(WRITE ${OUTPUT}.new "#include \"lockstep/store/session.h\"\n\n${arrays}
static const struct ls_migration migrations[] = {\n${migrations}};
static const struct ls_migration routines[] = {\n${routines}};

const struct ls_migration *ls_migrations(size_t *count_out)
{
    *count_out = sizeof migrations / sizeof migrations[0];
    return migrations;
}

const struct ls_migration *ls_routines(size_t *count_out)
{
    *count_out = sizeof routines / sizeof routines[0];
    return routines;
}

const char *ls_routines_digest(void)
{
    return \"${routines_digest}\";
}
")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
file(TOUCH_NOCREATE ${OUTPUT})
