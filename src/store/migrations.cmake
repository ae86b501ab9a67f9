# The SQL files of migrations/ as a C table: read at build time, so that the binary needs no
# file to install its schema; installed as files too, for people who want to read them.
file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/migrations/*.sql)
set(migrations_c ${CMAKE_CURRENT_BINARY_DIR}/migrations.c)
add_custom_command(
    OUTPUT ${migrations_c}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${CMAKE_CURRENT_LIST_DIR}/migrations -DOUTPUT=${migrations_c}
            -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    DEPENDS ${migrations} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    VERBATIM)
target_sources(ls_store PRIVATE ${migrations_c})
install(FILES ${migrations} DESTINATION ${CMAKE_INSTALL_DATADIR}/lockstep/migrations)
