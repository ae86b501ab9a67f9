# The SQL files of migrations/ and routines/ as C tables: read at build time, so that the
# binary needs no file to install its schema; installed as files too, for people to read.
file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/migrations/*.sql)
file(GLOB routines CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/routines/*.sql)
set(migrations_c ${CMAKE_CURRENT_BINARY_DIR}/migrations.c)
add_custom_command(
    OUTPUT ${migrations_c}
    COMMAND ${CMAKE_COMMAND} -DMIGRATIONS=${CMAKE_CURRENT_LIST_DIR}/migrations
            -DROUTINES=${CMAKE_CURRENT_LIST_DIR}/routines -DOUTPUT=${migrations_c}
            -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    DEPENDS ${migrations} ${routines} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    VERBATIM)
target_sources(ls_store PRIVATE ${migrations_c})
install(FILES ${migrations} DESTINATION ${CMAKE_INSTALL_DATADIR}/lockstep/migrations)
install(FILES ${routines} DESTINATION ${CMAKE_INSTALL_DATADIR}/lockstep/routines)
