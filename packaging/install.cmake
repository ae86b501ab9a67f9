# What is installed beside the binary: manual pages, made by the binary from its own tables;
# completions, which ask it; units, menu entry, example configuration. Paths are Debian's.
set(made ${PROJECT_BINARY_DIR}/manual)
set(pages "")
function(ls_made file)
    add_custom_command(OUTPUT ${made}/${file}
        COMMAND ${CMAKE_COMMAND} -DBINARY=$<TARGET_FILE:lockstep> "-DARGUMENTS=${ARGN}"
                -DOUTPUT=${made}/${file} -P ${PROJECT_SOURCE_DIR}/packaging/print.cmake
        DEPENDS lockstep ${PROJECT_SOURCE_DIR}/packaging/print.cmake VERBATIM)
    list(APPEND pages ${made}/${file})
    set(pages ${pages} PARENT_SCOPE)
endfunction()
ls_made(lockstep.1 man lockstep)
ls_made(lockstep.conf.5 man lockstep.conf)
ls_made(lockstep-keys.7 man lockstep-keys)
add_custom_target(manual ALL DEPENDS ${pages})

install(FILES ${made}/lockstep.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/lockstep.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${made}/lockstep-keys.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES packaging/completion/lockstep.bash RENAME lockstep
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES packaging/completion/lockstep.zsh RENAME _lockstep
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES packaging/completion/lockstep.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# Its binary is where it is installed to, which only the installation knows.
install(CODE "set(LS_BINARY \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/lockstep\")
    configure_file(\"${PROJECT_SOURCE_DIR}/packaging/lockstep-worker@.service\"
        \"${made}/lockstep-worker@.service\" @ONLY)")
install(FILES ${made}/lockstep-worker@.service DESTINATION lib/systemd/system)
install(FILES packaging/lockstep.sysusers RENAME lockstep.conf DESTINATION lib/sysusers.d)
install(FILES packaging/lockstep.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES packaging/lockstep.conf DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lockstep/examples)
