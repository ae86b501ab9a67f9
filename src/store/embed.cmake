# cmake -DFOLDER=… -DOUTPUT=… -P embed.cmake: writes ls_migrations() over the files
# NNNN_name.sql of FOLDER. Bytes as numbers: a string literal has a portable maximum.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(arrays "")
set(rows "")
set(expected 0)
foreach(path IN LISTS files)
    get_filename_component(name ${path} NAME_WE)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
        message(FATAL_ERROR "${path}: a migration is named NNNN_name.sql")
    endif()
    set(label ${CMAKE_MATCH_2})
    math(EXPR expected "${expected} + 1")
    string(REGEX REPLACE "^0+" "" version ${CMAKE_MATCH_1})
    if(NOT version EQUAL expected)
        message(FATAL_ERROR "${path}: migration ${expected} is missing or doubled")
    endif()
    file(READ ${path} text)
    if(text MATCHES "[^\t\n -~]")
        message(FATAL_ERROR "${path}: a migration is written in ASCII, without CR")
    endif()
    file(READ ${path} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "static const char sql_${version}[] = {${bytes}0};\n")
    string(APPEND rows "    {${version}, \"${label}\", sql_${version}},\n")
endforeach()
file(WRITE ${OUTPUT}.new "#include \"lockstep/store/session.h\"\n\n${arrays}
static const struct ls_migration table[] = {\n${rows}};

const struct ls_migration *ls_migrations(size_t *count_out)
{
    *count_out = sizeof table / sizeof table[0];
    return table;
}
")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
file(TOUCH_NOCREATE ${OUTPUT})
